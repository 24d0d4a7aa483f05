/** Calls go straight to the server, whatever proxy the environment names. */
import process from "node:process";
import * as undici from "undici/index.js";
import { proxies } from "../../lib/client.ts";
import { wrong } from "../../lib/options.ts";

/**
 * Takes them out of the environment, where the runtime's own fetch finds them: on
 * Deno and Bun always, on Node if it is told to, and then before this.
 */
export function leaveProxies() {
  const { NODE_OPTIONS = "", NODE_USE_ENV_PROXY = "" } = process.env;
  const given = [NODE_OPTIONS, ...process.execArgv].join(" ");
  const isTold = NODE_USE_ENV_PROXY === "1" ||
    given.includes("--use-env-proxy");
  const names = proxies();
  if (isTold && names.length > 0) {
    wrong(
      `calls would go to ${names.join(", ")} and not to the server: unset ` +
        "NODE_USE_ENV_PROXY, and leave out --use-env-proxy",
    );
  }
  for (const name of names) delete process.env[name];
}

const dispatcher = new undici.Agent({ allowH2: false });

/**
 * As fetch, but never through a proxy: the runtimes' own asks it on Deno and Bun,
 * even for servers on this machine.
 */
export function fetchDirectly(
  url: string,
  options: RequestInit = {},
): Promise<Response> {
  const given = { ...options, dispatcher } as undici.RequestInit;
  return undici.fetch(url, given) as Promise<unknown> as Promise<Response>;
}
