/** The requests to send: one given by options, or several from a file. */
import { readFileSync } from "node:fs";
import path from "node:path";
import type { Request } from "../../lib/client.ts";
import { messageOf } from "../../lib/exit.ts";
import { httpUrl, isHttpUrl, many, option, wrong } from "../../lib/options.ts";

interface Header {
  name: string;
  value: string;
}

interface Part {
  name: string;
  value: string | File;
}

/** The request options; files are read while the options are. */
export const requestOptions = {
  method: option(
    "METHOD",
    "how to call (default: GET, or POST with a body or form)",
    undefined,
    parseMethod,
  ),
  header: many(
    "HEADER",
    "a header to send, as in 'Accept: text/html'; may be repeated",
    parseHeader,
  ),
  body: option(
    "TEXT",
    "a body to send, or @ and the file that it is in",
    undefined,
    parseBody,
  ),
  form: many(
    "NAME=VALUE",
    "a part of a multipart form to send, or NAME=@FILE; may be repeated",
    parsePart,
  ),
  targets: option(
    "FILE",
    "requests to send in turn: lines METHOD URL, each with its headers and " +
      "the @FILE of its body in lines below, and a blank line between them",
    undefined,
    readTargets,
  ),
};

export interface RequestValues {
  url?: string;
  method?: string;
  header: Header[];
  body?: Uint8Array;
  form: Part[];
  targets?: Request[];
}

/**
 * The request of each call by its number, from 1 on. Targets take turns; `{id}` in
 * a URL becomes the number. With neither a URL nor targets, the URL is that of the
 * embedded target. A form is encoded once, as multipart/form-data (RFC 7578), with
 * CRLF as line ends in texts, as browsers send them.
 *
 * Options that contradict each other end the script with code 2.
 */
export async function readRequests(
  { url, method, header, body, form, targets }: RequestValues,
): Promise<(embedded: string) => (id: number) => Request> {
  const headers = joined(header);
  if (targets) {
    const own = { url, method, body, form: form[0] };
    for (const [name, value] of Object.entries(own)) {
      if (value === undefined) continue;
      wrong(`--targets says it all: leave out --${name}, or --targets`);
    }
    const turns = targets.map((target) =>
      numbered({ ...target, headers: { ...headers, ...target.headers } })
    );
    return () => (id) => turns[(id - 1) % turns.length]!(id);
  }

  if (form.length > 0) {
    if (body) wrong("a request has one body: leave out --body or --form");
    if (headers["content-type"] !== undefined) {
      wrong("--form sets the content-type: leave out that --header");
    }
    const encoded = new Response(formData(form));
    headers["content-type"] = encoded.headers.get("content-type")!;
    body = new Uint8Array(await encoded.arrayBuffer());
  }
  const parts = {
    method: method ?? (body ? "POST" : "GET"),
    headers,
    ...body && { body },
  };
  return (embedded) => numbered({ url: url ?? embedded, ...parts });
}

/** The same object for each call if possible, since this runs for every call. */
function numbered(request: Request): (id: number) => Request {
  const { url } = request;
  if (!url.includes("{id}")) return () => request;
  return (id) => ({ ...request, url: url.replaceAll("{id}", String(id)) });
}

function formData(parts: Part[]): FormData {
  const form = new FormData();
  for (const { name, value } of parts) form.append(name, value as string);
  return form;
}

const { parse: parseUrl } = httpUrl("");

/**
 * Reads requests in the text format that vegeta calls `http`: a line
 * `METHOD URL`, any number of lines `Name: value`, then at most one `@file` for
 * the body, by its path from the current folder. A blank line ends a request,
 * and so does the next one. Lines that start with # are comments.
 *
 * @param file the name of the text in errors
 * @throws {RangeError} that says which line is wrong, and what it should be
 */
export function parseTargets(file: string, text: string): Request[] {
  const targets: Request[] = [];
  const bodies = new Map<string, Uint8Array>();
  /** The request that the next line may add to. */
  let open: Request | undefined;

  function begin(line: string): Request {
    const [, method, url] = /^(\S+)\s+(\S+)$/.exec(line) ?? [];
    if (!isHttpUrl(url)) throw new RangeError(`takes ${REQUEST}`);
    return { method: parseMethod(method!), url: parseUrl([url])!, headers: {} };
  }

  // Many requests may send the same large file.
  function bodyOf(name: string): Uint8Array {
    const body = bodies.get(name) ?? readBytes(name);
    bodies.set(name, body);
    return body;
  }

  text.replace(/^\uFEFF/, "").split("\n").forEach((untrimmed, index) => {
    const line = untrimmed.trim();
    let kind = "request";
    try {
      if (line.startsWith("#")) return;
      if (line === "") {
        open = undefined;
      } else if (!open || /^[A-Z]+\s/.test(line)) {
        targets.push(open = begin(line));
      } else if (line.startsWith("@")) {
        kind = "body";
        open.body = bodyOf(line.slice(1));
        open = undefined;
      } else {
        kind = "header";
        add(parseHeader(line), open.headers!);
      }
    } catch (error) {
      const place = `${file}:${index + 1}`;
      const rule = messageOf(error);
      throw new RangeError(`${place}: "${line}" is not a ${kind}; it ${rule}`);
    }
  });

  if (targets.length > 0) return targets;
  throw new RangeError(`${file} has no request; one begins with ${REQUEST}`);
}

const REQUEST = "METHOD URL, as in GET http://127.0.0.1:8080/";

function readTargets(file: string): Request[] {
  const text = new TextDecoder().decode(readBytes(file));
  try {
    return shownAs(file, parseTargets(file, text));
  } catch (error) {
    // The error names a line of the file, not the option.
    return wrong(messageOf(error));
  }
}

/** RFC 9110: methods and header names are tokens. */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;

function parseMethod(text: string): string {
  const method = text.toUpperCase();
  if (TOKEN.test(method) && method !== "CONNECT") return method;
  throw new RangeError("takes a method such as GET or POST, and not CONNECT");
}

/** Headers that the client sets itself. */
const transport = ["content-length", "transfer-encoding", "keep-alive"]
  .concat("upgrade", "expect");

function parseHeader(text: string): Header {
  const colon = text.indexOf(":");
  const name = text.slice(0, Math.max(0, colon)).toLowerCase();
  const value = text.slice(colon + 1).trim();
  if (!TOKEN.test(name)) {
    throw new RangeError("takes NAME: VALUE, as in Accept: text/html");
  }
  if (/[^\t\x20-\x7e\x80-\xff]/.test(value)) {
    throw new RangeError("takes a value of Latin-1 letters in one line");
  }
  if (transport.includes(name)) {
    throw new RangeError(`takes no ${name}, which the client itself sets`);
  }
  if (name === "connection" && !/^(close|keep-alive)$/i.test(value)) {
    throw new RangeError("takes connection: close or connection: keep-alive");
  }
  return shownAs(name, { name, value });
}

function joined(headers: Header[]): Record<string, string> {
  const together = {};
  for (const header of headers) add(header, together);
  return together;
}

/** Several values of one name are a list (RFC 9110, 5.3); cookies differ. */
function add({ name, value }: Header, headers: Record<string, string>) {
  const separator = name === "cookie" ? "; " : ", ";
  headers[name] = Object.hasOwn(headers, name)
    ? headers[name] + separator + value
    : value;
}

function parseBody(text: string): Uint8Array {
  const body = text.startsWith("@")
    ? readBytes(text.slice(1))
    : new TextEncoder().encode(text);
  return shownAs(text, body);
}

/** Media types by extension; any other file is just bytes. */
const types: Record<string, string> = {
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".png": "image/png",
  ".json": "application/json",
  ".txt": "text/plain",
};

function parsePart(text: string): Part {
  const [, name, given] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || given === undefined) {
    throw new RangeError("takes NAME=VALUE, or NAME=@FILE for a file");
  }
  if (!given.startsWith("@")) return shownAs(text, { name, value: given });
  const file = given.slice(1);
  const type = types[path.extname(file).toLowerCase()] ??
    "application/octet-stream";
  const value = new File([readBytes(file)], path.basename(file), { type });
  return shownAs(text, { name, value });
}

function readBytes(file: string): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(readFileSync(file));
  } catch (error) {
    const [reason] = messageOf(error).split(", ", 1);
    throw new RangeError(`takes a file that can be read (${reason})`);
  }
}

/**
 * In JSON, and so in the details of a run, the value is `shown` instead: no
 * secret of a header, and not the bytes of a file.
 */
function shownAs<T extends object>(shown: string, value: T): T {
  return Object.defineProperty(value, "toJSON", { value: () => shown });
}
