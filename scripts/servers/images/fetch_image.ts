/** Fetches pictures, but only from allowed hosts. */
import { Agent, request } from "undici/index.js";
import { messageOf } from "../../../lib/exit.ts";
import { duration, isHttpUrl, many } from "../../../lib/options.ts";
import { locationUrl } from "../../../lib/client.ts";
import { collect, Refusal, serving } from "../http/mod.ts";

/** The options of the image servers. */
export const serverOptions = {
  ...serving,
  allowHost: many(
    "NAME",
    "also fetch pictures from this host; repeatable (default: only " +
      "from this machine)",
    (name) => {
      const hostname = URL.parse(`http://${name}`)?.hostname;
      if (hostname === name.toLowerCase()) return hostname;
      throw new RangeError("takes a host name without a port");
    },
  ),
  fetchTimeout: duration(
    "5s",
    "timeout of a request's body, and of fetching a picture",
    { aboveZero: true },
  ),
};

const MOST_REDIRECTIONS = 5;

/**
 * Fetches pictures from this machine and from allowed hosts, each within
 * `fetchTimeout` seconds. The same goes for redirections.
 */
export function imageFetcher(
  { allowHost, fetchTimeout }: { allowHost: string[]; fetchTimeout: number },
): (url: string) => Promise<Uint8Array> {
  // Unlike fetch, this ignores the proxies in the environment.
  const dispatcher = new Agent({ allowH2: false });

  function check(url: string) {
    if (!isHttpUrl(url)) {
      throw new Refusal(400, "the url must be an http:// or https:// URL");
    }
    const { hostname, username, password } = new URL(url);
    if (username || password) {
      throw new Refusal(400, "the url must have no user or password");
    }
    if (isLoopback(hostname) || allowHost.includes(hostname)) return;
    const how = `to allow it, start the server with --allow-host ${hostname}`;
    throw new Refusal(403, `${hostname} is not allowed; ${how}`);
  }

  async function load(url: string, signal: AbortSignal) {
    for (let hops = 0; hops <= MOST_REDIRECTIONS; hops++) {
      check(url);
      const answer = await request(url, { dispatcher, signal });
      const { statusCode: status, headers: { location }, body } = answer;
      if (status >= 200 && status <= 299) return await collect(body);
      // Otherwise its connection is never reused.
      body.dump();
      if (status < 300 || status > 399 || !location) {
        throw new Refusal(422, `the url answers ${status}`);
      }
      url = locationUrl(location, url)?.href ?? String(location);
    }
    throw new Refusal(422, "the url redirects too often");
  }

  return async (url) => {
    const signal = AbortSignal.timeout(fetchTimeout * 1000);
    try {
      return await load(url, signal);
    } catch (error) {
      if (error instanceof Refusal) throw error;
      // If a host has several addresses and all fail, the error has only a code.
      const cause = messageOf(error) || (error as NodeJS.ErrnoException).code;
      const why = signal.aborted
        ? `takes more than ${fetchTimeout} s`
        : `can't be fetched: ${cause}`;
      throw new Refusal(422, `the url ${why}`);
    }
  };
}

/** `hostname` is normalised, as URL does it. */
function isLoopback(hostname: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}
