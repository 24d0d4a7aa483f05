export { arrivals, stages } from "./arrivals.ts";
export { findHighestRate, findOption, type Highest } from "./find.ts";
export { checkOpenFiles } from "./open_files.ts";
export { readRequests, requestOptions } from "./requests.ts";
export { watchGenerator } from "./generator.ts";
