export { freePorts } from "./free_ports.ts";
export {
  findBroker,
  type PrivateBroker,
  restart,
  startPrivateBroker,
} from "./private_broker.ts";
export { $, atEnd, chapter, type Line, measure, run } from "./run.ts";
export { type Script, serve, start, words } from "./run.ts";
export { runTrials, type Series, type Trial, unfinished } from "./trials.ts";
export { writeOut } from "./write_out.ts";
