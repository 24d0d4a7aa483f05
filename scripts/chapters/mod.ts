export { freePorts } from "./free_ports.ts";
export { openAnyBroker, type PrivateBroker } from "./private_broker.ts";
export { startPrivateBroker } from "./private_broker.ts";
export { $, atEnd, chapter, run, type Script, serve, start } from "./run.ts";
export { words } from "./run.ts";
export { runTrials, type Series, type Trial } from "./trials.ts";
export { writeJson, writeOut } from "./write_out.ts";
