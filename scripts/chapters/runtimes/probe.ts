/**
 * Calls a server in each way that its runtime has, and says what undici is there.
 * clients.ts runs it; the last argument is the server's URL.
 */
import process from "node:process";
import * as bare from "undici";
import * as whole from "undici/index.js";
import undici from "undici/package.json" with { type: "json" };
import { createClient } from "../../../lib/client.ts";
import { leaveProxies } from "../../fetch/mod.ts";
import { runtime } from "../../../lib/runtime.ts";

leaveProxies();
const url = process.argv.at(-1)!;
const client = createClient(10);
await client.call({ url: `${url}/scripts` });
await client.close();
await (await fetch(`${url}/fetch`)).text();
await (await bare.request(`${url}/undici`)).body.text();

const isStandIn = bare.Client !== whole.Client;
console.log(JSON.stringify({ runtime, undici: undici.version, isStandIn }));
