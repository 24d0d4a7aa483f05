/** Network faults over real sockets, and the rows that calls to them have. */
import assert from "node:assert/strict";
import { lookup } from "node:dns/promises";
import { once } from "node:events";
import net, { type AddressInfo, type Socket } from "node:net";
import { Readable } from "node:stream";
import { after } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import tls from "node:tls";
import { type ErrorClass, errorClass, type Row } from "../../../lib/row.ts";
import {
  elsewhere,
  expired,
  good,
  selfSigned,
  testKey,
} from "./certificates.ts";

/** What the row of a call says. */
interface Met {
  error: ErrorClass | "";
  /** What the error says after its class, where that matters. */
  says?: RegExp;
  /** Undefined if there is no response. */
  status?: number;
  /** Undefined with a status if it depends on timing. */
  bytesIn?: number;
  /** Whether a slow client may lose the response. */
  overtakes?: boolean;
}

type Answer = (socket: Socket, path: string) => unknown;

/** How a fault is made. */
interface Server {
  /** Answers a request for a path. */
  answer?: Answer;
  /** Handles each connection, on a server for this fault alone. */
  connected?(socket: Socket): unknown;
  /** The certificate of a TLS server that answers well. */
  certificate?: string;
  /** The scheme of the URL if it isn't http:, or the whole URL. */
  at?: string;
}

export interface Fault extends Met, Server {
  name: string;
}

/** A host that doesn't exist (RFC 2606). */
export const UNKNOWN = "http://nosuch.invalid/";
const OK = "HTTP/1.1 200 OK\r\n";
const FINE = `${OK}content-length: 4\r\n\r\nfine`;
const FIVE = "content-length: 5\r\n\r\n";
const LAST = `${OK}connection: close\r\n`;
const HINTS = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n";
const NO_CONTENT = "HTTP/1.1 204 No Content\r\n";
const UNCHANGED = "HTTP/1.1 304 Not Modified\r\n";
const CHUNKED = `${OK}transfer-encoding: chunked\r\n\r\n`;

/** Milliseconds for a client to read what was written. */
const A_MOMENT = 50;

/** Writes a text and keeps the connection open. */
function says(text: string) {
  return (socket: Socket) => void socket.write(text);
}

/** Sends a valid response. */
export const answersWell = says(FINE);

/** Writes a text and closes the connection. */
function ends(text = "") {
  return (socket: Socket) => void socket.end(text);
}

/** Writes a text, waits for it to be read, and resets the connection. */
function resets(text = "") {
  return async (socket: Socket) => {
    if (text) {
      socket.write(text);
      await sleep(A_MOMENT);
    }
    socket.resetAndDestroy();
  };
}

/** Writes `start`, then `more` again and again, slowly. */
function drips(start: string, more: string) {
  return async (socket: Socket) => {
    socket.write(start);
    while (socket.writable) {
      socket.write(more);
      await sleep(A_MOMENT);
    }
  };
}

/** Writes `start`, then `more` again and again, as fast as it is read. */
function floods(start: string, more: string) {
  return (socket: Socket) => {
    socket.write(start);
    Readable.from(forever(more)).pipe(socket);
  };
}

function* forever(text: string) {
  for (;;) yield text;
}

const LONG = "x".repeat(2 ** 16);

const reuse =
  (end: (socket: Socket) => unknown) => (socket: Socket, path: string) =>
    path.endsWith("/again")
      ? end(socket)
      : socket.write(redirection(`${path}/again`));

/** The faults, grouped by what the row of a call says. */
const table: [Met, Record<string, Server | Answer>][] = [
  [{ error: "", status: 200, bytesIn: 4 }, {
    "a good answer": answersWell,
    "a good answer by TLS": { certificate: good },
    "a body longer than announced": says(`${FINE} and more`),
    "a second answer to one request": says(FINE + FINE.replace("200", "500")),
    "HTTP/1.0": ends("HTTP/1.0 200 OK\r\n\r\nfine"),
    "HTTP/1.0 with a length": ends(
      "HTTP/1.0 200 OK\r\ncontent-length: 4\r\n\r\nfine",
    ),
    "early hints": says(`${HINTS}${FINE}`),
    "a 102 before the answer": says(`HTTP/1.1 102 Processing\r\n\r\n${FINE}`),
  }],
  [{ error: "", status: 204, bytesIn: 0 }, {
    "a 204 with a body": says(`${NO_CONTENT}content-length: 4\r\n\r\nfine`),
    "a 204 with an unannounced body": says(`${NO_CONTENT}\r\nfine`),
  }],
  [{ error: "", status: 304, bytesIn: 0 }, {
    "a 304 with a body": says(`${UNCHANGED}content-length: 4\r\n\r\nfine`),
    "a 304 with an unannounced body": says(`${UNCHANGED}\r\nfine`),
  }],
  [{ error: "refused" }, {
    "a port without a server": { at: "http://127.0.0.1:1/" },
  }],
  [{ error: "dns" }, { "an unknown host": { at: UNKNOWN } }],
  [{ error: "reset" }, {
    "a reset at once": { connected: resets() },
    "an end at once": { connected: ends() },
    "a reset before the headers": resets(),
    "an end before the headers": ends(),
    "a reset in the headers": resets(`${OK}conte`),
    "an end in the headers": ends(`${OK}conte`),
    "a connection that is reset when it is used again": reuse(resets()),
    "a connection that ends when it is used again": reuse(ends()),
    "an end before TLS": { connected: ends(), at: "https:" },
    "a reset before TLS": { connected: resets(), at: "https:" },
  }],
  [{ error: "timeout" }, {
    "silence before TLS": { connected: () => {}, at: "https:" },
    "silence before the headers": () => {},
    "silence in the headers": says(`${OK}conte`),
    "headers that drip": drips(`${OK}a: `, "x"),
    "early hints and nothing more": says(HINTS),
  }],
  [{ error: "timeout", status: 200, bytesIn: 4 }, {
    "silence in the body": says(`${OK}${FIVE}fine`),
  }],
  [{ error: "timeout", status: 200 }, {
    "a body that drips": drips(`${OK}content-length: 1000\r\n\r\n`, "x"),
  }],
  [{ error: "reset", status: 200, bytesIn: 4, overtakes: true }, {
    "a reset in the body": resets(`${OK}${FIVE}fine`),
    "a reset in the last body of a connection": resets(`${LAST}${FIVE}fine`),
    "a reset in a body without a length": resets(`${OK}\r\nfine`),
  }],
  [{
    ...{ error: "protocol", status: 200, bytesIn: 4 },
    says: /^body truncated after 4 bytes$/,
  }, {
    "a body shorter than announced": ends(`${OK}${FIVE}fine`),
    "the same on a connection that was to end": ends(`${LAST}${FIVE}fine`),
  }],
  [{ error: "protocol", status: 200, bytesIn: 4 }, {
    "an end before the last chunk": ends(`${CHUNKED}4\r\nfine\r\n`),
  }],
  [{ error: "protocol", status: 200, bytesIn: 2 }, {
    "a chunk longer than its size": says(`${CHUNKED}2\r\nfine\r\n0\r\n\r\n`),
  }],
  [{ error: "protocol", status: 200, bytesIn: 0 }, {
    "a chunk that has no size": says(`${CHUNKED}fine\r\n`),
  }],
  [{
    ...{ error: "protocol", status: 302, bytesIn: 0 },
    says: /^redirected too often$/,
  }, {
    "redirections without end": (socket, path) =>
      socket.write(redirection(path)),
  }],
  [{ error: "protocol" }, {
    "garbage": says("\0\x01 is not HTTP\r\n\r\n"),
    "headers without end": floods(OK, `a: ${"x".repeat(1000)}\r\n`),
    "a header without end": floods(`${OK}a: `, LONG),
    "two lengths that differ": says(`${OK}content-length: 4\r\n${FIVE}fine`),
    "a 100 that nothing waits for": says(
      `HTTP/1.1 100 Continue\r\n\r\n${FINE}`,
    ),
    "a 101 that nothing waits for": says(
      "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\n" +
        "upgrade: x\r\n\r\n",
    ),
  }],
  [{
    ...{ error: "other", status: 200 },
    says: /^the body has more than 1MB \(--max-body\)$/,
  }, {
    "a body without end": floods(
      `${OK}content-length: 1000000000000\r\n\r\n`,
      LONG,
    ),
  }],
  [{ error: "tls" }, {
    "TLS to a plain port": { answer: answersWell, at: "https:" },
  }],
  // Deno only says that it can't be verified.
  [{
    error: "tls",
    says: /^(CERT_HAS_EXPIRED|UNABLE_TO_VERIFY_LEAF_SIGNATURE)$/,
  }, { "an expired certificate": { certificate: expired } }],
  [{ error: "tls", says: /^DEPTH_ZERO_SELF_SIGNED_CERT$/ }, {
    "a self-signed certificate": { certificate: selfSigned },
  }],
  [{ error: "tls", says: /^ERR_TLS_CERT_ALTNAME_INVALID$/ }, {
    "a certificate of another host": { certificate: elsewhere },
  }],
];

export const faults: Fault[] = table.flatMap(([met, servers]) =>
  Object.entries(servers).map(([name, server]) => ({
    ...{ name, ...met },
    ...typeof server === "function" ? { answer: server } : server,
  }))
);

export function redirection(location: string): string {
  return `HTTP/1.1 302 Found\r\nlocation: ${location}\r\ncontent-length: 0\r\n\r\n`;
}

/** Checks that a row is that of a call to this fault. */
export function assertMet(fault: Fault, row: Omit<Row, "name" | "run" | "id">) {
  const { name, error, status, bytesIn, says } = fault;
  const isAnswered = status !== undefined;
  const what = `${name}: ${row.error}`;
  assert.equal(errorClass(row), error, what);
  assert.equal(row.status, status, what);
  assert.equal(row.ttfb !== undefined, isAnswered, what);
  if (bytesIn === undefined && isAnswered) assert.ok(row.bytes_in! > 0, what);
  else assert.equal(row.bytes_in, bytesIn, what);
  assert.match(row.error, error === "" ? /^$/ : /^\w+: \S/);
  if (says) assert.match(row.error.slice(error.length + 2), says, what);
  assert.ok(row.elapsed! > 0, what);
}

export interface FaultServer {
  /** Redirects /7 to the seventh fault; /0 answers well. */
  url: string;
  /** The URL of each fault. */
  urls: string[];
  /** The number of open connections. */
  open(): number;
}

/** Starts the servers; they stop after the tests of the file. */
export async function startFaults(table: Fault[]): Promise<FaultServer> {
  const sockets = new Set<Socket>();
  const servers: net.Server[] = [];

  async function listen(server: net.Server): Promise<string> {
    server.on("connection", (socket: Socket) => {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
      socket.on("error", () => {});
      // Without a reader the end of a connection is not seen.
      socket.resume();
    });
    servers.push(server);
    await once(server.listen(0, "127.0.0.1"), "listening");
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  const urls: string[] = [];
  const shared = await listen(net.createServer(answering((socket, path) => {
    const index = Number(path.split("/")[1]) - 1;
    const { answer, at } = table[index] ?? { answer: answersWell };
    if (answer && !at) answer(socket, path);
    else socket.write(redirection(urls[index]!));
  })));
  for (const [index, fault] of table.entries()) {
    const { connected, certificate: cert, answer, at = "http:" } = fault;
    if (cert) {
      const server = tls.createServer(
        { cert, key: testKey },
        answering(answersWell),
      );
      urls.push(`https://${await listen(server)}/`);
    } else if (connected) {
      urls.push(`${at}//${await listen(net.createServer(connected))}/`);
    } else urls.push(answer ? `${at}//${shared}/${index + 1}` : at);
  }

  after(() => {
    for (const server of servers) server.close();
    for (const socket of sockets) socket.destroy();
  });
  return { url: `http://${shared}`, urls, open: () => sockets.size };
}

/** Calls `answer` for each request on a connection. */
function answering(answer: (socket: Socket, path: string) => unknown) {
  return (socket: Socket) => {
    let head = "";
    socket.setNoDelay().on("data", (chunk) => {
      head += chunk.toString("latin1");
      const [, path = ""] = /^GET (\S+) .*\r\n\r\n/s.exec(head) ?? [];
      if (path === "" && !head.startsWith(HANDSHAKE)) return;
      head = "";
      answer(socket, path);
    });
    // A client may reset the connection.
    socket.on("error", () => {});
  };
}

/** The first byte of TLS (RFC 8446, 5.1). */
const HANDSHAKE = "\x16";

/** Why this machine can't tell that a host doesn't exist, if it can't. */
export function noResolver(): Promise<string | undefined> {
  return Promise.race([
    lookup(new URL(UNKNOWN).hostname).then(
      () => "its resolver knows any name",
      (error) =>
        error.code === "ENOTFOUND"
          ? undefined
          : `its resolver fails (${error.code})`,
    ),
    new Promise<string>((resolve) => {
      setTimeout(resolve, 2000, "its resolver doesn't answer").unref();
    }),
  ]);
}
