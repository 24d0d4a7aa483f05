/** One timed HTTP call. */
import type { Dispatcher } from "undici/index.js";
import {
  type Connection,
  type Connections,
  openConnections,
} from "./connections.ts";
import { formatSize } from "./format.ts";
import { startInFlight } from "./in_flight.ts";
import { redirection } from "./redirection.ts";
import type { ErrorClass, Row } from "./row.ts";

/** What a call sends. */
export interface Request {
  url: string;
  method?: string;
  /** By their names in lower case. */
  headers?: Record<string, string>;
  body?: Uint8Array;
}

/** The request of each call by its number, if the target has this URL. */
export type Requests = (embedded: string) => (id: number) => Request;

/** The part of a row that one call knows by itself. */
export interface Timing extends Omit<Row, "name" | "run" | "id"> {
  /** Milliseconds since 1970, finer than the timestamp. */
  sent: number;
}

/** What comes back to a schedule; without a status there was no response. */
export interface Answer {
  status?: number;
  headers: Record<string, string | string[] | undefined>;
}

export interface Client {
  /**
   * Makes one call, which was due at a moment of performance.now(). Never
   * throws: a failure is a timing with `error` set.
   */
  call(request: Request, due?: number): Promise<Timing & Answer>;
  /** Opens connections before they are needed: how many it could. */
  open(url: string, connections: number): Promise<number>;
  /**
   * Resolves when no call is in flight. Those that are still waiting to be sent
   * never are, and never resolve.
   */
  drain(): Promise<void>;
  /** How many calls are in flight. */
  inFlight(): number;
  /** How long calls were in flight, all together, in seconds. */
  callSeconds(): number;
  /** How many had to wait until others had ended. */
  held(): number;
  /** Those that it opened; undefined where it can't tell. */
  connections?: Connections["counts"];
  /** Ends the calls in flight; each becomes a timing with `aborted`. */
  abort(): void;
  close(): Promise<void>;
}

const MAXIMUM_REDIRECTIONS = 10;

/** What a call may meet. */
export interface Bounds {
  /** How many bytes a body may have; more end its call. */
  maxBody?: number;
  /** Why a redirection may not lead to a URL; undefined where it may. */
  forbids?(url: string): string | undefined;
}

/**
 * Makes calls, each on a keep-alive connection of its own. `timeout`, in
 * seconds, covers a whole call: name look-up, connecting, redirections and the
 * last byte of the body. Above `most` in flight a call waits to be sent. No body
 * is ever kept.
 */
export function createClient(
  timeout: number,
  most = Infinity,
  { maxBody = Infinity, forbids }: Bounds = {},
): Client {
  const connections = openConnections(timeout);
  const waiting = new Set<() => void>();
  /** What ends each call, and when it has to be over; the oldest first. */
  const inFlight = new Map<(reason: Stopped) => void, number>();
  const books = startInFlight();
  const tooLong = `the body has more than ${formatSize(maxBody)} (--max-body)`;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let drained: PromiseWithResolvers<void> | undefined;
  let held = 0;

  function call(request: Request, due?: number): Promise<Timing & Answer> {
    return new Promise((resolve) => {
      const start = () => send(request, due, resolve);
      if (inFlight.size < most) return start();
      waiting.add(start);
      held++;
    });
  }

  // undici's dispatch and not its request: half the work between the last byte
  // and the clock, which counts against calls of a few milliseconds.
  function send(
    request: Request,
    due: number | undefined,
    resolve: (timing: Timing & Answer) => void,
  ) {
    let sent = performance.now();
    const timing: Timing & Answer = Object.assign(
      newTiming(request.url, sent + timeOrigin),
      { headers: {} },
    );
    let connection: Connection;
    let redirected: Request | undefined;
    let redirections = 0;
    inFlight.set(end, sent + timeout * 1000);
    books.began(sent);
    timer ??= setTimeout(stopLate, timeout * 1000);
    dispatch(request);

    function dispatch({ url, method = "GET", headers, body }: Request) {
      const { origin, path } = split(url);
      // Else undici ends the connection of each HEAD.
      const reset = method === "HEAD" ? false : undefined;
      const options = { path, method, headers, body, reset } as never;
      connection = connections.take(origin);
      try {
        connection.http.dispatch(options, handler());
      } catch (error) {
        queueMicrotask(() => end(error));
      }
    }

    function handler(): Dispatcher.DispatchHandler {
      return {
        onRequestStart() {
          // Opening a connection is a part of the call; waiting for undici to see
          // that an idle one is still alive is not.
          if (connection.opening || redirections > 0) {
            connection.opening = false;
          } else {
            const now = performance.now();
            books.postponed(sent, now);
            sent = now;
            timing.sent = timeOrigin + sent;
            timing.timestamp = new Date(timing.sent);
          }
          timing.bytes_out! += request.body?.byteLength ?? 0;
        },
        onResponseStart(_, status, headers) {
          // 102 and 103 only announce the answer; undici ends a call for others.
          if (status < 200) return;
          timing.ttfb = (performance.now() - sent) / 1000;
          timing.status = status;
          timing.headers = headers;
          timing.bytes_in = 0;
          redirected = status >= 300 && status < 400
            ? redirection(request, status, headers.location)
            : undefined;
        },
        onResponseData(_, chunk) {
          timing.bytes_in! += chunk.length;
          if (timing.bytes_in! > maxBody) end(new Stopped("other", tooLong));
        },
        onResponseEnd() {
          const reset = connection.reset();
          if (reset) return end(reset);
          if (!redirected || !inFlight.has(end)) return end();
          if (++redirections > MAXIMUM_REDIRECTIONS) {
            return end(new Error("redirected too often"));
          }
          const forbidden = forbids?.(redirected.url);
          if (forbidden) return end(new Stopped("message", forbidden));
          connections.release(connection);
          request = redirected;
          Object.assign(timing, unanswered);
          dispatch(request);
        },
        // Not at once: the next call would take the connection while undici is
        // still busy closing it.
        onResponseError: (_, error) =>
          queueMicrotask(() => end(connection.reset() ?? error)),
      };
    }

    function end(error?: unknown) {
      const now = performance.now();
      if (!inFlight.delete(end)) return;
      books.ended(now);
      timing.elapsed = (now - sent) / 1000;
      if (due !== undefined) timing.wait = Math.max(0, sent - due) / 1000;
      timing.server = serverSeconds(timing.headers["server-timing"]);
      if (error) timing.error = describe(error, timing);
      if (error instanceof Stopped) connections.discard(connection);
      else connections.release(connection);
      for (const start of waiting) {
        waiting.delete(start);
        start();
        break;
      }
      // After whatever is done with the timing.
      if (drained && inFlight.size === 0) setImmediate(drained.resolve);
      resolve(timing);
    }
  }

  // One timer for all of them: one for each call would cost as much as a call.
  function stopLate() {
    timer = undefined;
    for (const [end, deadline] of inFlight) {
      const left = deadline - performance.now();
      if (left > 0) {
        timer = setTimeout(stopLate, Math.ceil(left));
        break;
      }
      end(new Stopped("timeout", `no end in ${timeout} s`));
    }
  }

  return {
    call,
    open: (url, count) => connections.open(split(url).origin, count),
    async drain() {
      waiting.clear();
      if (inFlight.size === 0) return;
      drained = Promise.withResolvers();
      await drained.promise;
      drained = undefined;
    },
    inFlight: () => inFlight.size,
    callSeconds: books.callSeconds,
    held: () => held,
    connections: connections.counts,
    abort() {
      waiting.clear();
      for (const end of inFlight.keys()) {
        end(new Stopped("aborted", "the run was interrupted"));
      }
    },
    async close() {
      clearTimeout(timer);
      await connections.close();
    },
  };
}

const { timeOrigin } = performance;

/** What a redirection leaves to the answer that it leads to. */
const unanswered = {
  status: undefined,
  ttfb: undefined,
  bytes_in: undefined,
  headers: {},
};

let latest = { url: "", origin: "", path: "" };

/** The parts of a URL; of the one before at once. */
function split(url: string): { origin: string; path: string } {
  if (url !== latest.url) {
    const { origin, pathname, search } = new URL(url);
    latest = { url, origin, path: pathname + search };
  }
  return latest;
}

/** What is known of a call when it is sent, in milliseconds since 1970. */
export function newTiming(url: string, sent: number): Timing {
  return {
    sent,
    timestamp: new Date(sent),
    url,
    status: undefined,
    elapsed: undefined,
    error: "",
    wait: undefined,
    ttfb: undefined,
    server: undefined,
    bytes_out: 0,
    bytes_in: undefined,
  };
}

/**
 * Milliseconds since 1970, finer than a millisecond, and never stepping back
 * within one process.
 */
export function wallClock(): number {
  return timeOrigin + performance.now();
}

/**
 * The sum of `dur`, in seconds, over all metrics of a Server-Timing header
 * (https://www.w3.org/TR/server-timing/), or undefined without any.
 */
export function serverSeconds(
  header: string | string[] | undefined,
): number | undefined {
  if (header === undefined) return undefined;
  const metrics = String(header).replace(/desc\s*=\s*"[^"]*"/gi, "");
  const durations = [
    ...metrics.matchAll(/;\s*dur\s*=\s*"?(\d+(?:\.\d+)?)(?![\d.])/gi),
  ]
    .map(([, milliseconds]) => Number(milliseconds) / 1000);
  if (durations.length === 0) return undefined;
  return durations.reduce((sum, duration) => sum + duration);
}

class Stopped extends Error {
  readonly class: ErrorClass;

  constructor(errorClass: ErrorClass, message: string) {
    super(message);
    this.class = errorClass;
  }
}

/** Each class by what it is known by: a code of Node, undici or OpenSSL. */
const classes: [ErrorClass, RegExp][] = [
  ["dns", /^(ENOTFOUND|EAI_)/],
  ["refused", /^ECONNREFUSED/],
  // This machine's own ports, files and memory. Deno's code for a port that it
  // doesn't get is that of an invalid argument.
  ["local", /^(EADDRNOTAVAIL|EMFILE|ENFILE|ENOBUFS|ENOMEM)|^EINVAL .*connect/],
  ["timeout", /^(ETIMEDOUT|UND_ERR_\w*TIMEOUT)/],
  // Bad is a 100 or a 101 that nobody asked for.
  [
    "protocol",
    /^HPE_|^UND_ERR_(RES|HEADERS|SOCKET \w+ bad)|HTTPParserError|redirect/i,
  ],
  // Before TLS, since it may be a handshake that is reset.
  ["reset", /^(ECONNRESET|EPIPE|ECONNABORTED|UND_ERR_SOCKET)/],
  ["tls", /CERT|TLS|SSL|VERIFY|ISSUER|SIGNATURE/],
];

/** `class: detail` of whatever ended a call. */
export function describe(
  error: unknown,
  { status, bytes_in }: Pick<Timing, "status" | "bytes_in">,
): string {
  if (error instanceof Stopped) return `${error.class}: ${error.message}`;
  const { code = "", name, message } = error as NodeJS.ErrnoException;
  // A server that closes in the middle of an answer has broken the protocol;
  // one that closes before any answer has reset the connection.
  const isCut = code === "UND_ERR_SOCKET" ||
    code === "UND_ERR_RES_CONTENT_LENGTH_MISMATCH";
  if (isCut && status !== undefined) {
    return `protocol: body truncated after ${bytes_in} bytes`;
  }
  const known = `${code} ${name} ${message}`;
  const [errorClass] = classes.find(([, pattern]) => pattern.test(known)) ??
    ["other"];
  // OpenSSL's own messages are not for reading.
  const detail = errorClass === "tls" ? code : message.split(". ", 1)[0];
  return `${errorClass}: ${detail || code || name}`;
}

/** The variables that name a proxy. */
export function proxies(): string[] {
  return Object.keys(process.env).filter((name) =>
    /^(https?|all)_proxy$/i.test(name) && process.env[name]
  );
}

/** Says on stderr that no proxy is used, if there is one. */
export function sayProxies() {
  const names = proxies();
  if (names.length === 0) return;
  const are = names.length === 1 ? "is set" : "are set";
  console.error(
    `${names.join(", ")} ${are} but not used: calls go straight to the server`,
  );
}
