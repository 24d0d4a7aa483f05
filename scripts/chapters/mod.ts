export { freePorts } from "./free_ports.ts";
export { openAnyBroker, type PrivateBroker } from "./private_broker.ts";
export { startPrivateBroker } from "./private_broker.ts";
export { $, chapter, run, type Script, serve, start, words } from "./run.ts";
export { interleave, runTrials, type Series } from "./trials.ts";
