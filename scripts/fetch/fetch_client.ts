/** A client that makes its calls with the runtime's own fetch. */
import {
  type Client,
  describe,
  newTiming,
  serverSeconds,
  startInFlight,
  wallClock,
} from "../../lib/client.ts";
import { formatSeconds } from "../../lib/format.ts";
import { leaveProxies } from "./proxies.ts";

/** How often it looks for calls that take too long, in milliseconds. */
const LOOK = 50;

/**
 * Makes calls as the client of lib/client.ts does, but with fetch: it decides about
 * connections and redirections, and a body is read as a whole. `timeout`, in
 * seconds, covers a whole call. No call goes through a proxy.
 */
export function createFetchClient(timeout: number): Client {
  leaveProxies();
  const inFlight = startInFlight();
  /** When each has to be over; the oldest first. */
  const deadlines = new Map<AbortController, number>();
  const looking = setInterval(() => {
    for (const [call, deadline] of deadlines) {
      if (performance.now() < deadline) break;
      call.abort(`timeout: incomplete after ${formatSeconds(timeout)}`);
    }
  }, LOOK);

  const call: Client["call"] = async ({ url, method, headers, body }, due) => {
    const begun = performance.now();
    const timing = Object.assign(newTiming(url, wallClock()), { headers: {} });
    const controller = new AbortController();
    const { signal } = controller;
    deadlines.set(controller, begun + timeout * 1000);
    inFlight.began(begun);
    try {
      const given = { method, headers, body: body as BodyInit, signal };
      const answer = await fetch(url, given);
      timing.ttfb = (performance.now() - begun) / 1000;
      timing.status = answer.status;
      timing.server = serverSeconds(
        answer.headers.get("server-timing") ?? undefined,
      );
      timing.bytes_in = (await answer.arrayBuffer()).byteLength;
    } catch (error) {
      timing.error = signal.aborted
        ? signal.reason
        : timing.status === undefined
        ? describe(causeOf(error), timing)
        : "protocol: body truncated";
    }
    const now = performance.now();
    inFlight.ended(now);
    timing.elapsed = (now - begun) / 1000;
    if (due !== undefined) timing.wait = Math.max(0, begun - due) / 1000;
    timing.bytes_out = body?.byteLength ?? 0;
    deadlines.delete(controller);
    return timing;
  };

  return {
    call,
    inFlight,
    abort() {
      for (const call of deadlines.keys()) {
        call.abort("aborted: the run was interrupted");
      }
    },
    async close() {
      await Promise.resolve(clearInterval(looking));
    },
  };
}

/** What Deno's fetch says, by the code that other runtimes have for it. */
const codes: [string, RegExp][] = [
  ["ENOTFOUND", /dns error/],
  ["ECONNREFUSED", /connection refused/i],
  ["EADDRNOTAVAIL", /cannot assign requested address/i],
  ["EMFILE", /too many open files/i],
  ["ECONNRESET", /connection (reset|closed)|broken pipe/i],
  ["ERR_TLS", /certificate|tls/],
  ["HPE_INVALID", /HTTP version|parsed|parse error/],
];

/** The error behind that of fetch, with a code. */
function causeOf(error: unknown): Error & { code?: string } {
  const { cause = error } = error as Error;
  const { name, message, code } = cause as NodeJS.ErrnoException;
  const [known] = codes.find(([, text]) => text.test(message)) ?? [];
  // Deno's chain of causes ends with the one that tells something.
  const detail = message.replace(/^error sending request .*: /, "");
  return { name, message: detail, code: code ?? known };
}
