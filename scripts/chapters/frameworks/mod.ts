export { checkRoutes, measureTrial } from "./framework_trial.ts";
export { pairsOf } from "./pairs.ts";
export { unfinished } from "./resume.ts";
export { optionsOf, requestTo, routesFor } from "./routes.ts";
export { type ServerUse, startServerUse } from "./server_use.ts";
export { ownServers, parseServer } from "./servers.ts";
