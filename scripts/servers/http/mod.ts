export { admit, type Admitted, jsonType } from "./admit.ts";
export { answerTo, Refusal, serverTiming } from "./answer.ts";
export {
  collect,
  decodeBase64,
  fileOf,
  formOf,
  inTime,
  limitBodies,
  malformed,
  MAXIMUM_BYTES,
  multipartLimits,
  only,
  textOf,
} from "./body.ts";
export {
  listening,
  serveUntilStopped,
  serving,
  urlOf,
  type Where,
} from "./serving.ts";
export { startStats } from "./stats.ts";
