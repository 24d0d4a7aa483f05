export { checkRoutes, measureTrial } from "./framework_trial.ts";
export { optionsOf, requestTo, routesFor } from "./routes.ts";
export { measureUsers, type ServerUse } from "./server_use.ts";
export { ownServers, pairsOf, parseServer } from "./servers.ts";
