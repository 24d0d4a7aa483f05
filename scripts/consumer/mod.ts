export { allowedHosts, type Host, isAllowed } from "./allowed_hosts.ts";
export { callInTurn } from "./paced_client.ts";
