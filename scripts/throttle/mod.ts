export { dueAfter, intervalOf, type Rate, waitFor } from "./pace.ts";
export { rates } from "./rates.ts";
export { policies, retryAfter } from "./retry_after.ts";
export { grown, refused, startSearch } from "./search.ts";
