/** One timed HTTP call, over a keep-alive connection. */
import type { Socket } from "node:net";
import process from "node:process";
import type { Dispatcher } from "undici/index.js";
// #region client
// Under the bare name "undici" Bun has a partial stand-in.
import { buildConnector, Client as Http } from "undici/index.js";
// #endregion
import { formatSeconds, formatSize } from "./format.ts";
import type { ErrorClass, Row } from "./row.ts";

/** What a call sends. */
export interface Request {
  url: string;
  method?: string;
  /** Names are in lower case. */
  headers?: Record<string, string>;
  body?: Uint8Array;
}

/** The part of a row that one call knows by itself. */
export interface Timing extends Omit<Row, "name" | "run" | "id"> {
  /** Milliseconds since 1970, finer than the timestamp. */
  sent: number;
}

/** What a schedule sees of a call; without a status there was no response. */
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
  inFlight: InFlight;
  /** Ends the calls in flight; each becomes a timing with `aborted`. */
  abort(): void;
  close(): Promise<void>;
  /** Opens connections before they are needed; resolves to how many it could. */
  open?(url: string, count: number): Promise<number>;
  /** How many were opened so far, and how many were open at most at once. */
  connections?(): { opened: number; most: number };
}

export interface Limits {
  /** Bytes that a body may have; a longer one ends its call. */
  maxBody?: number;
  /** Why a redirection may not lead to a URL; undefined where it may. */
  forbids?(url: string): string | undefined;
}

const MOST_REDIRECTIONS = 10;

/**
 * Makes calls. `timeout`, in seconds, covers a whole call: name look-up,
 * connecting, redirections and the last byte of the body, which is never kept.
 */
export function createClient(
  timeout: number,
  { maxBody = Infinity, forbids }: Limits = {},
): Client {
  const connections = openConnections(timeout);
  const inFlight = startInFlight();
  /** What ends each call, and the moment when it has to; the oldest first. */
  const deadlines = new Map<(reason: Stopped) => void, number>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  function call(first: Request, due?: number): Promise<Timing & Answer> {
    const { promise, resolve } = Promise.withResolvers<Timing & Answer>();
    let request = first;
    let sent = performance.now();
    const timing: Timing & Answer = Object.assign(
      newTiming(request.url, timeOrigin + sent),
      { headers: {} },
    );
    let connection: Connection;
    let next: Request | undefined;
    let redirections = 0;

    const handler: Dispatcher.DispatchHandler = {
      onRequestStart() {
        // Opening a connection is a part of the call; waiting for undici to check
        // that an idle one is still alive is not.
        if (connection.opening || redirections > 0) {
          connection.opening = false;
        } else {
          const now = performance.now();
          inFlight.postponed(sent, now);
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
        next = redirection(request, status, headers.location);
      },
      onResponseData(_, chunk) {
        timing.bytes_in! += chunk.length;
        if (timing.bytes_in! > maxBody) {
          const most = `${formatSize(maxBody)} (--max-body)`;
          end(new Stopped("other", `the body has more than ${most}`));
        }
      },
      onResponseEnd() {
        const reset = connection.reset();
        if (reset || !next || !deadlines.has(end)) return end(reset);
        if (++redirections > MOST_REDIRECTIONS) {
          return end(new Error("redirected too often"));
        }
        const forbidden = forbids?.(next.url);
        if (forbidden) return end(new Stopped("message", forbidden));
        connections.release(connection);
        request = next;
        Object.assign(timing, unanswered);
        send();
      },
      // Later: the next call would take the connection while undici closes it.
      onResponseError: (_, error) =>
        queueMicrotask(() => end(connection.reset() ?? error)),
    };

    inFlight.began(sent);
    deadlines.set(end, sent + timeout * 1000);
    timer ??= setTimeout(stopLate, timeout * 1000);
    send();
    return promise;

    // undici's dispatch, not its request: half the work between the last byte and
    // the clock, which shows in calls of a few milliseconds.
    function send() {
      const { method = "GET", headers, body } = request;
      const { origin, path } = split(request.url);
      // undici would close the connection after a HEAD.
      const reset = method === "HEAD" ? false : undefined;
      const options = { path, method, headers, body, reset } as never;
      connection = connections.take(origin);
      try {
        connection.http.dispatch(options, handler);
      } catch (error) {
        queueMicrotask(() => end(error));
      }
    }

    function end(error?: unknown) {
      const now = performance.now();
      if (!deadlines.delete(end)) return;
      timing.elapsed = (now - sent) / 1000;
      if (due !== undefined) timing.wait = Math.max(0, sent - due) / 1000;
      timing.server = serverSeconds(timing.headers["server-timing"]);
      if (error) timing.error = describe(error, timing);
      if (error instanceof Stopped) connections.discard(connection);
      else connections.release(connection);
      inFlight.ended(now);
      resolve(timing);
    }
  }

  // One timer for all calls: one for each would cost as much as a call.
  function stopLate() {
    timer = undefined;
    for (const [end, deadline] of deadlines) {
      const left = deadline - performance.now();
      if (left > 0) {
        timer = setTimeout(stopLate, Math.ceil(left));
        break;
      }
      end(new Stopped("timeout", `incomplete after ${formatSeconds(timeout)}`));
    }
  }

  return {
    call,
    inFlight,
    abort() {
      for (const end of deadlines.keys()) {
        end(new Stopped("aborted", "the run was interrupted"));
      }
    },
    async close() {
      clearTimeout(timer);
      await connections.close();
    },
    open: (url, count) => connections.open(split(url).origin, count),
    connections: connections.counts,
  };
}

const { timeOrigin } = performance;

/** What the answer to a redirected request fills in anew. */
const unanswered = {
  status: undefined,
  ttfb: undefined,
  bytes_in: undefined,
  headers: {},
};

let latest = { url: "", origin: "", path: "" };

/** The parts of a URL. The one before is not parsed again. */
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
 * Counts calls in flight, independently of the rows: a row that is lost, is there
 * twice or has a wrong time doesn't show here. Over a span that begins and ends
 * with nothing in flight, Little's law has to lead to the same number: J. D. C.
 * Little, "A proof for the queuing formula L = lambda W" (1961). Moments are in
 * milliseconds, and never step back.
 */
export function startInFlight() {
  let count = 0;
  let latest = 0;
  let milliseconds = 0;
  let emptied: PromiseWithResolvers<void> | undefined;

  function pass(now: number) {
    milliseconds += count * (now - latest);
    latest = now;
  }

  return {
    began(now: number) {
      pass(now);
      count++;
    },
    /** A call that had begun at `since` really begins `now`. */
    postponed(since: number, now: number) {
      milliseconds -= now - since;
    },
    ended(now: number) {
      pass(now);
      count--;
      // Later, so that the call's row is written first.
      if (count === 0 && emptied) setImmediate(emptied.resolve);
    },
    count: () => count,
    /** How long calls were in flight, all together, in seconds. */
    callSeconds: () => milliseconds / 1000,
    /** Resolves when no call is in flight. */
    async empty() {
      if (count === 0) return;
      emptied = Promise.withResolvers();
      await emptied.promise;
      emptied = undefined;
    },
  };
}

export type InFlight = ReturnType<typeof startInFlight>;

/**
 * The URL that a Location header names, null if it is none. Bytes beyond ASCII,
 * one character each here, are read as UTF-8, as browsers and curl do.
 */
export function locationUrl(location: unknown, base: string): URL | null {
  const escaped = String(location).replace(
    /[\x80-\xff]/g,
    (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return URL.parse(escaped, base);
}

/**
 * The request that an answer redirects to (RFC 9110, 15.4), if it does and the
 * request can be made: a GET unless the method is kept, without the headers that
 * were for the first server only.
 */
function redirection(
  { url, method = "GET", headers = {}, body }: Request,
  status: number,
  location: string | string[] | undefined,
): Request | undefined {
  if (!location || ![301, 302, 303, 307, 308].includes(status)) return;
  const next = locationUrl(location, url);
  if (!next || !/^https?:$/.test(next.protocol)) return;
  const kept = method === "HEAD" || status >= 307 ||
    status !== 303 && method !== "POST";
  const foreign = next.origin !== new URL(url).origin;
  const left = Object.entries(headers).filter(([name]) =>
    name !== "host" && (kept || !name.startsWith("content-")) &&
    !(foreign && /^(authorization|cookie|proxy-authorization)$/.test(name))
  );
  return {
    url: next.href,
    method: kept ? method : "GET",
    headers: Object.fromEntries(left),
    body: kept ? body : undefined,
  };
}

interface Connection {
  origin: string;
  /** Carries one call after the other, and connects again when it has to. */
  http: Http;
  /** Whether the call that takes it has to wait until it is opened. */
  opening: boolean;
  /** undici doesn't close one that it is still opening. */
  socket?: Socket;
  /**
   * The error, if it was reset. undici takes that for the end of a body that has
   * no other, but such a body is incomplete (RFC 9112, 8).
   */
  reset(): Error | undefined;
}

/**
 * Keeps connections open: HTTP/1.1, one call at a time on each. undici's own pool
 * searches all of them for each call, which shows with hundreds, and doesn't tell
 * a call that waits for a connection from one that is served.
 */
function openConnections(timeout: number) {
  // Its type doesn't tell that it gives the socket at once.
  const connector = buildConnector({ timeout: 0, allowH2: false }) as (
    ...given: Parameters<buildConnector.connector>
  ) => Socket;
  const idle = new Map<string, Connection[]>();
  const all = new Set<Connection>();
  /** Opened, and not yet in undici's hands. */
  const unused = new Set<Socket>();
  const counts = { opened: 0, most: 0 };
  let alive = 0;

  function openSocket(
    ...[options, callback]: Parameters<typeof connector>
  ): Socket {
    return connector(options, (...result) => {
      const [, socket] = result;
      if (socket) {
        counts.opened++;
        counts.most = Math.max(counts.most, ++alive);
        socket.once("close", () => alive--);
      }
      callback(...result);
    });
  }

  function add(origin: string, opened?: Socket): Connection {
    const http = new Http(origin, {
      headersTimeout: 0,
      bodyTimeout: 0,
      connect(options, callback) {
        const socket = opened;
        opened = undefined;
        if (socket) unused.delete(socket);
        connection.socket = socket;
        if (socket && !socket.destroyed) {
          // Later, as undici expects: else it never sends the first request.
          return queueMicrotask(() => callback(null, socket));
        }
        connection.opening = true;
        connection.socket = openSocket(options, callback);
      },
    });
    const connection: Connection = {
      origin,
      http,
      opening: false,
      reset() {
        const error = connection.socket?.errored as NodeJS.ErrnoException;
        return error?.code === "ECONNRESET" ? error : undefined;
      },
    };
    all.add(connection);
    return connection;
  }

  function connect(origin: string): Promise<Socket | undefined> {
    const { protocol, host, port, hostname: name } = new URL(origin);
    const hostname = name.replace(/^\[|\]$/g, "");
    return new Promise((resolve) => {
      const opening = openSocket(
        { protocol, hostname, host, port },
        (_, socket) => {
          clearTimeout(timer);
          if (!socket) unused.delete(opening);
          resolve(socket ?? undefined);
        },
      );
      // undici listens for errors only once the connection is used.
      opening.on("error", () => {});
      unused.add(opening);
      const late = () => opening.destroy(new Error("it took too long"));
      const timer = setTimeout(late, timeout * 1000);
    });
  }

  function idleOf(origin: string): Connection[] {
    const known = idle.get(origin) ?? [];
    idle.set(origin, known);
    return known;
  }

  function end({ http, socket }: Connection): Promise<void> {
    socket?.destroy();
    return http.destroy();
  }

  return {
    /** The idle connection that was used last, or else a new one. */
    take: (origin: string) => idleOf(origin).pop() ?? add(origin),
    release(connection: Connection) {
      idleOf(connection.origin).push(connection);
    },
    /** Ends a connection, with the call that it carries. */
    discard(connection: Connection) {
      all.delete(connection);
      end(connection);
    },
    async open(origin: string, count: number): Promise<number> {
      const opened = await Promise.all(
        Array.from({ length: count }, () => connect(origin)),
      );
      const sockets = opened.filter((socket) => socket !== undefined);
      idleOf(origin).push(...sockets.map((socket) => add(origin, socket)));
      return sockets.length;
    },
    counts: () => ({ ...counts }),
    async close() {
      for (const socket of unused) socket.destroy(new Error("closed"));
      await Promise.all(Array.from(all, end));
    },
  };
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

/** Why a call was ended from here. */
class Stopped extends Error {
  readonly class: ErrorClass;

  constructor(errorClass: ErrorClass, message: string) {
    super(message);
    this.class = errorClass;
  }
}

/** How to tell each class: by a code of Node, undici or OpenSSL. */
const classes: [ErrorClass, RegExp][] = [
  ["dns", /^(ENOTFOUND|EAI_)/],
  ["refused", /^ECONNREFUSED/],
  // This machine's own ports, files and memory. Deno's code for a port that it
  // doesn't get is that of an invalid argument.
  ["local", /^(EADDRNOTAVAIL|EMFILE|ENFILE|ENOBUFS|ENOMEM)|^EINVAL .*connect/],
  ["timeout", /^(ETIMEDOUT|UND_ERR_\w*TIMEOUT)/],
  // A "bad" one is a 100 or a 101 without a request for it.
  [
    "protocol",
    /^HPE_|^UND_ERR_(RES|HEADERS|SOCKET \w+ bad)|HTTPParserError|redirect/i,
  ],
  // Before TLS, since it may be a handshake that is reset.
  ["reset", /^(ECONNRESET|EPIPE|ECONNABORTED|UND_ERR_SOCKET)/],
  ["tls", /CERT|TLS|SSL|VERIFY|ISSUER|SIGNATURE/],
];

/** `class: detail` of the error that ended a call. */
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
  // OpenSSL's own messages are unreadable.
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
