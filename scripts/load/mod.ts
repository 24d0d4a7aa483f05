export { arrivals, stages } from "./arrivals.ts";
export { findHighestRate, findOption } from "./find.ts";
export { type Metronome, startMetronome } from "./metronome.ts";
export { checkOpenFiles, mostConnections } from "./open_files.ts";
export { readRequests, requestOptions } from "./requests.ts";
