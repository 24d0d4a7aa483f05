export { createFetchClient } from "./fetch_client.ts";
