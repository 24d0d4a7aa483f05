export { createFetchClient } from "./fetch_client.ts";
export { fetchDirectly, leaveProxies } from "./proxies.ts";
