/** Pictures from elsewhere, but not from wherever the sender of a URL likes. */
import { messageOf } from "../failure.ts";
import { isHttpUrl } from "../options.ts";
import { Refusal } from "./answer.ts";
import { collect, MAXIMUM_BYTES, tooLarge } from "./body.ts";

const MOST_REDIRECTIONS = 5;

/**
 * Fetches pictures, each within so many seconds, from this machine and from the
 * hosts that are allowed by name. A redirection is held to the same.
 */
export function imageFetcher(
  { allowHost, fetchTimeout }: { allowHost: string[]; fetchTimeout: number },
): (url: string) => Promise<Uint8Array> {
  function check(url: string) {
    if (!isHttpUrl(url)) {
      throw new Refusal(400, "the url must be an http:// or https:// URL");
    }
    const { hostname } = new URL(url);
    if (isLoopback(hostname) || allowHost.includes(hostname)) return;
    const how = `start the server with --allow-host ${hostname}`;
    throw new Refusal(403, `${hostname} is not allowed; ${how}`);
  }

  async function load(url: string, signal: AbortSignal) {
    for (let hops = 0; hops <= MOST_REDIRECTIONS; hops++) {
      check(url);
      const response = await fetch(url, { redirect: "manual", signal });
      try {
        const location = response.headers.get("location");
        if (response.ok) return await bodyOf(response);
        if (response.status < 300 || response.status > 399 || !location) {
          throw new Refusal(422, `the url answers ${response.status}`);
        }
        url = URL.parse(location, url)?.href ?? location;
      } finally {
        // Else its connection is never used again. What is read is locked.
        if (!response.bodyUsed) await response.body?.cancel();
      }
    }
    throw new Refusal(422, "the url redirects too often");
  }

  return async (url) => {
    const signal = AbortSignal.timeout(fetchTimeout * 1000);
    try {
      return await load(url, signal);
    } catch (error) {
      if (error instanceof Refusal) throw error;
      const why = signal.aborted
        ? `takes more than ${fetchTimeout} s`
        : `can't be fetched: ${messageOf(error)}`;
      throw new Refusal(422, `the url ${why}`);
    }
  };
}

async function bodyOf({ headers, body }: Response): Promise<Uint8Array> {
  if (Number(headers.get("content-length")) > MAXIMUM_BYTES) throw tooLarge();
  return body ? await collect(body) : new Uint8Array();
}

/** URL has already brought every way to write an address to this one. */
function isLoopback(hostname: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}
