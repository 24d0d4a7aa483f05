/** Every fault that a network knows, for tests: over real sockets. */
import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { type ErrorClass, errorClass, type Row } from "../../../lib/row.ts";
import { elsewhere, expired, good, selfSigned } from "./certificates.ts";

/** A fault, and what becomes of a call that meets it. */
export interface Fault {
  name: string;
  error: ErrorClass | "";
  /** What the error says after its class, where that matters. */
  says?: RegExp;
  /** Undefined if there is no response. */
  status?: number;
  /** Undefined with a status if it is left to chance. */
  bytesIn?: number;
  /** Whether the response is lost on a client that is slow to read it. */
  overtakes?: boolean;
  /** What is done with a request for a path. */
  answer?(socket: Socket, path: string): unknown;
  /** What a server of its own does with a connection, asked or not. */
  connected?(socket: Socket): unknown;
  /** That of a server of its own, which answers well, by TLS. */
  certificate?: string;
  /** What the URL begins with if not http, or all of it if nobody is there. */
  at?: string;
}

/** A host that nobody knows (RFC 2606). */
export const UNKNOWN = "http://nosuch.invalid/";
const OK = "HTTP/1.1 200 OK\r\n";
const FINE = `${OK}content-length: 4\r\n\r\nfine`;
const CHUNKED = `${OK}transfer-encoding: chunked\r\n\r\n`;

/** Long enough for what was written to be read, if nobody is busy. */
const A_MOMENT = 50;

/** Says it all at once, and stays connected. */
function says(text: string) {
  return (socket: Socket) => void socket.write(text);
}

/** Says what nothing is wrong with. */
export const answersWell = says(FINE);

/** Says it, and closes. */
function ends(text = "") {
  return (socket: Socket) => void socket.end(text);
}

/** Says it, and resets the connection when that has been read. */
function resets(text = "") {
  return async (socket: Socket) => {
    if (text) {
      socket.write(text);
      await sleep(A_MOMENT);
    }
    socket.resetAndDestroy();
  };
}

/** Says `start`, and then `more` again and again, a bit at a time. */
function drips(start: string, more: string) {
  return async (socket: Socket) => {
    socket.write(start);
    while (socket.writable) {
      socket.write(more);
      await sleep(A_MOMENT);
    }
  };
}

/** Says `start`, and then `more` again and again, as fast as it is read. */
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

export const faults: Fault[] = [
  // Nothing is wrong with these.
  {
    name: "a good answer",
    error: "",
    status: 200,
    bytesIn: 4,
    answer: answersWell,
  },
  {
    name: "a good answer by TLS",
    error: "",
    status: 200,
    bytesIn: 4,
    certificate: good,
  },
  // No connection, or none that lasts until there is an answer.
  {
    name: "a port that nobody listens on",
    error: "refused",
    at: "http://127.0.0.1:1/",
  },
  { name: "an unknown host", error: "dns", at: UNKNOWN },
  { name: "a reset at once", error: "reset", connected: resets() },
  { name: "an end at once", error: "reset", connected: ends() },
  { name: "a reset before the headers", error: "reset", answer: resets() },
  { name: "an end before the headers", error: "reset", answer: ends() },
  {
    name: "a reset in the headers",
    error: "reset",
    answer: resets(`${OK}conte`),
  },
  { name: "an end in the headers", error: "reset", answer: ends(`${OK}conte`) },
  {
    name: "a connection that is reset when it is used again",
    error: "reset",
    answer: (socket, path) =>
      path.endsWith("/again")
        ? socket.resetAndDestroy()
        : socket.write(redirection(`${path}/again`)),
  },
  {
    name: "a connection that ends when it is used again",
    error: "reset",
    answer: (socket, path) =>
      path.endsWith("/again")
        ? socket.end()
        : socket.write(redirection(`${path}/again`)),
  },
  // Silence.
  {
    name: "silence before TLS",
    error: "timeout",
    connected: () => {},
    at: "https:",
  },
  { name: "silence before the headers", error: "timeout", answer: () => {} },
  {
    name: "silence in the headers",
    error: "timeout",
    answer: says(`${OK}conte`),
  },
  {
    name: "silence in the body",
    error: "timeout",
    status: 200,
    bytesIn: 4,
    answer: says(`${OK}content-length: 5\r\n\r\nfine`),
  },
  {
    name: "headers that drip",
    error: "timeout",
    answer: drips(`${OK}a: `, "x"),
  },
  {
    name: "a body that drips",
    error: "timeout",
    status: 200,
    answer: drips(`${OK}content-length: 1000\r\n\r\n`, "x"),
  },
  // Bodies.
  {
    name: "a reset in the body",
    error: "reset",
    status: 200,
    bytesIn: 4,
    overtakes: true,
    answer: resets(`${OK}content-length: 5\r\n\r\nfine`),
  },
  {
    name: "a reset in the last body of a connection",
    error: "reset",
    status: 200,
    bytesIn: 4,
    overtakes: true,
    answer: resets(`${OK}connection: close\r\ncontent-length: 5\r\n\r\nfine`),
  },
  {
    name: "a reset in a body without a length",
    error: "reset",
    status: 200,
    bytesIn: 4,
    overtakes: true,
    answer: resets(`${OK}\r\nfine`),
  },
  {
    name: "a body shorter than announced",
    error: "protocol",
    status: 200,
    bytesIn: 4,
    says: /^body truncated after 4 bytes$/,
    answer: ends(`${OK}content-length: 5\r\n\r\nfine`),
  },
  {
    name: "the same on a connection that was to end",
    error: "protocol",
    status: 200,
    bytesIn: 4,
    says: /^body truncated after 4 bytes$/,
    answer: ends(`${OK}connection: close\r\ncontent-length: 5\r\n\r\nfine`),
  },
  {
    name: "a body longer than announced",
    error: "",
    status: 200,
    bytesIn: 4,
    answer: says(`${FINE} and more`),
  },
  {
    name: "an answer that nobody asked for",
    error: "",
    status: 200,
    bytesIn: 4,
    answer: says(FINE + FINE.replace("200", "500")),
  },
  {
    name: "a chunk that has no size",
    error: "protocol",
    status: 200,
    bytesIn: 0,
    answer: says(`${CHUNKED}fine\r\n`),
  },
  {
    name: "a chunk longer than its size",
    error: "protocol",
    status: 200,
    bytesIn: 2,
    answer: says(`${CHUNKED}2\r\nfine\r\n0\r\n\r\n`),
  },
  {
    name: "an end before the last chunk",
    error: "protocol",
    status: 200,
    bytesIn: 4,
    answer: ends(`${CHUNKED}4\r\nfine\r\n`),
  },
  {
    name: "a body without end",
    error: "other",
    status: 200,
    says: /^the body has more than 1MB \(--max-body\)$/,
    answer: floods(`${OK}content-length: 1000000000000\r\n\r\n`, LONG),
  },
  // Not HTTP.
  {
    name: "garbage",
    error: "protocol",
    answer: says("\0\x01 is not HTTP\r\n\r\n"),
  },
  {
    name: "headers without end",
    error: "protocol",
    answer: floods(OK, `a: ${"x".repeat(1000)}\r\n`),
  },
  {
    name: "a header without end",
    error: "protocol",
    answer: floods(`${OK}a: `, LONG),
  },
  {
    name: "two lengths that differ",
    error: "protocol",
    answer: says(`${OK}content-length: 4\r\ncontent-length: 5\r\n\r\nfine`),
  },
  {
    name: "redirections without end",
    error: "protocol",
    status: 302,
    bytesIn: 0,
    says: /^redirected too often$/,
    answer: (socket, path) => socket.write(redirection(path)),
  },
  // TLS.
  {
    name: "TLS to a plain port",
    error: "tls",
    answer: says(FINE),
    at: "https:",
  },
  {
    name: "an end before TLS",
    error: "reset",
    connected: ends(),
    at: "https:",
  },
  {
    name: "a reset before TLS",
    error: "reset",
    connected: resets(),
    at: "https:",
  },
  {
    name: "a certificate that has expired",
    error: "tls",
    certificate: expired,
    // Deno's code says only that it can't be verified.
    says: /^(CERT_HAS_EXPIRED|UNABLE_TO_VERIFY_LEAF_SIGNATURE)$/,
  },
  {
    name: "a self-signed certificate",
    error: "tls",
    certificate: selfSigned,
    says: /^DEPTH_ZERO_SELF_SIGNED_CERT$/,
  },
  {
    name: "a certificate of another host",
    error: "tls",
    certificate: elsewhere,
    says: /^ERR_TLS_CERT_ALTNAME_INVALID$/,
  },
  // Old, rare, or forbidden.
  {
    name: "HTTP/1.0",
    error: "",
    status: 200,
    bytesIn: 4,
    answer: ends("HTTP/1.0 200 OK\r\n\r\nfine"),
  },
  {
    name: "HTTP/1.0 with a length",
    error: "",
    status: 200,
    bytesIn: 4,
    answer: ends("HTTP/1.0 200 OK\r\ncontent-length: 4\r\n\r\nfine"),
  },
  {
    name: "early hints",
    error: "",
    status: 200,
    bytesIn: 4,
    answer: says(`HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${FINE}`),
  },
  {
    name: "early hints and nothing more",
    error: "timeout",
    answer: says("HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n"),
  },
  {
    name: "a 102 before the answer",
    error: "",
    status: 200,
    bytesIn: 4,
    answer: says(`HTTP/1.1 102 Processing\r\n\r\n${FINE}`),
  },
  {
    name: "a 100 that nobody asked for",
    error: "protocol",
    answer: says(`HTTP/1.1 100 Continue\r\n\r\n${FINE}`),
  },
  {
    name: "a 101 that nobody asked for",
    error: "protocol",
    answer: says(
      "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n",
    ),
  },
  {
    name: "a 204 with a body",
    error: "",
    status: 204,
    bytesIn: 0,
    answer: says("HTTP/1.1 204 No Content\r\ncontent-length: 4\r\n\r\nfine"),
  },
  {
    name: "a 204 with an unannounced body",
    error: "",
    status: 204,
    bytesIn: 0,
    answer: says("HTTP/1.1 204 No Content\r\n\r\nfine"),
  },
  {
    name: "a 304 with a body",
    error: "",
    status: 304,
    bytesIn: 0,
    answer: says("HTTP/1.1 304 Not Modified\r\ncontent-length: 4\r\n\r\nfine"),
  },
  {
    name: "a 304 with an unannounced body",
    error: "",
    status: 304,
    bytesIn: 0,
    answer: says("HTTP/1.1 304 Not Modified\r\n\r\nfine"),
  },
];

export function redirection(location: string): string {
  return `HTTP/1.1 302 Found\r\nlocation: ${location}\r\ncontent-length: 0\r\n\r\n`;
}

/** Checks that a row, or a timing, is that of a call which met the fault. */
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
