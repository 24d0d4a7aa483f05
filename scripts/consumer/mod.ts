export { allowedHosts } from "./allowed_hosts.ts";
export { consume } from "./consume.ts";
