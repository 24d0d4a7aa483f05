/** One timed HTTP call. */
import { Buffer } from "node:buffer";
// Bun puts a stand-in of its own in the place of the bare name "undici".
import { Agent, type Dispatcher, interceptors } from "undici/index.js";
import type { ErrorClass, Row } from "./rows.ts";

export interface CallOptions {
  method?: Dispatcher.HttpMethod;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  /** Told of the response's headers, if there is one. */
  onHeaders?: (headers: Answer["headers"]) => void;
}

/** The part of a row that one call knows by itself. */
export type Timing = Omit<Row, "name" | "run" | "id" | "wait">;

/** What comes back to a schedule; without a status there was no response. */
export interface Answer {
  status?: number;
  headers: Record<string, string | string[] | undefined>;
}

export interface Client {
  /** Makes one call. Never throws: a failure is a timing with `error` set. */
  call(url: string, options?: CallOptions): Promise<Timing>;
  /** Ends the calls in flight; each becomes a timing with `aborted`. */
  abort(): void;
  close(): Promise<void>;
}

const MAXIMUM_REDIRECTIONS = 10;

/**
 * One keep-alive pool with as many HTTP/1.1 connections as there are calls in
 * flight. `timeout`, in seconds, covers a whole call: name look-up, connecting,
 * redirections and the last byte of the body.
 */
export function createClient(timeout: number): Client {
  const agent = new Agent({
    allowH2: false,
    connect: { timeout: 0 },
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const dispatcher = agent.compose(interceptors.redirect({
    maxRedirections: MAXIMUM_REDIRECTIONS,
    throwOnMaxRedirect: true,
  }));
  const inFlight = new Set<(reason: Stopped) => void>();

  // undici's dispatch and not its request: half the work between the last byte
  // and the clock, which counts against calls of a few milliseconds.
  function call(
    url: string,
    { method = "GET", headers, body, onHeaders }: CallOptions = {},
  ): Promise<Timing> {
    return new Promise((resolve) => {
      const { origin, pathname, search } = new URL(url);
      const path = pathname + search;
      const sent = performance.now();
      const sinceSent = () => (performance.now() - sent) / 1000;
      let request: Dispatcher.DispatchController | undefined;
      inFlight.add(stop);
      try {
        dispatcher.dispatch({ origin, path, method, headers, body }, {
          onRequestStart(controller) {
            request = controller;
            if (!inFlight.has(stop)) controller.abort(new Error("too late"));
          },
          onResponseStart(_, status, headers) {
            timing.ttfb = sinceSent();
            timing.status = status;
            timing.server = serverSeconds(headers["server-timing"]);
            timing.bytes_in = 0;
            onHeaders?.(headers);
          },
          onResponseData(_, chunk) {
            timing.bytes_in! += chunk.length;
          },
          onResponseEnd: () => end(),
          onResponseError: (_, error) => end(error),
        });
      } catch (error) {
        queueMicrotask(() => end(error));
      }

      // The rest of the work is done while the server does its own.
      const timing = newTiming(url, performance.timeOrigin + sent);
      if (body !== undefined) timing.bytes_out = Buffer.byteLength(body);
      const timer = setTimeout(
        () => stop(new Stopped("timeout", `no end in ${timeout} s`)),
        timeout * 1000,
      );

      function stop(reason: Stopped) {
        end(reason);
        request?.abort(reason);
      }

      function end(error?: unknown) {
        if (!inFlight.delete(stop)) return;
        timing.elapsed = sinceSent();
        clearTimeout(timer);
        if (error) timing.error = describe(error, timing);
        // undici frees the connection one turn of the event loop later; a call made
        // before that would open another one.
        queueMicrotask(() => setImmediate(resolve, timing));
      }
    });
  }

  return {
    call,
    abort() {
      for (const stop of inFlight) {
        stop(new Stopped("aborted", "the run was interrupted"));
      }
    },
    close: () => agent.destroy(),
  };
}

/** What is known of a call when it is sent, in milliseconds since 1970. */
export function newTiming(url: string, sent: number): Timing {
  return {
    timestamp: new Date(sent),
    url,
    status: undefined,
    elapsed: undefined,
    error: "",
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
  return performance.timeOrigin + performance.now();
}

/**
 * The sum of `dur`, in seconds, over all metrics of a Server-Timing header
 * (https://www.w3.org/TR/server-timing/), or undefined without any.
 */
export function serverSeconds(
  header: string | string[] | undefined,
): number | undefined {
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
  ["timeout", /^(ETIMEDOUT|UND_ERR_\w*TIMEOUT)/],
  ["tls", /CERT|TLS|SSL|VERIFY|ISSUER|SIGNATURE/],
  ["protocol", /^HPE_|UND_ERR_RES|HTTPParserError|redirect/i],
  ["reset", /^(ECONNRESET|EPIPE|ECONNABORTED|UND_ERR_SOCKET)/],
];

/** `class: detail` of whatever ended a call. */
function describe(error: unknown, { status, bytes_in }: Timing): string {
  if (error instanceof Stopped) return `${error.class}: ${error.message}`;
  const { code = "", name, message } = error as NodeJS.ErrnoException;
  // A server that closes in the middle of an answer has broken the protocol;
  // one that closes before any answer has reset the connection.
  if (code === "UND_ERR_SOCKET" && status !== undefined) {
    return `protocol: body truncated after ${bytes_in} bytes`;
  }
  const known = `${code} ${name} ${message}`;
  const [errorClass] = classes.find(([, pattern]) => pattern.test(known)) ??
    ["other"];
  // OpenSSL's own messages are not for reading.
  const detail = errorClass === "tls" ? code : message.split(". ", 1)[0];
  return `${errorClass}: ${detail || code || name}`;
}
