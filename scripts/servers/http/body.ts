/** Reads bodies within limits of size and time. */
import { Buffer } from "node:buffer";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { ONE_FILE, Refusal } from "./answer.ts";

/** The largest body of a request, and the largest picture. */
export const MAXIMUM_BYTES = 10_000_000;

/** Limits for the multipart parsers of Express and Fastify. */
export const multipartLimits = { files: 1, fields: 0 };

export function tooLarge(most = MAXIMUM_BYTES): Refusal {
  return new Refusal(413, `more than ${most} bytes`);
}

function tooLate(seconds: number): Refusal {
  const headers = { connection: "close" };
  return new Refusal(408, `the body takes more than ${seconds} s`, headers);
}

/**
 * Reads a stream.
 *
 * @throws {Refusal} as soon as it is too large
 */
export async function collect(
  stream: AsyncIterable<Uint8Array>,
): Promise<Buffer<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > MAXIMUM_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * Waits for a body to be read.
 *
 * @throws {Refusal} if that takes longer than `seconds`, or the body breaks off
 */
export async function inTime<Body>(
  reading: Promise<Body>,
  seconds: number,
): Promise<Body> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(tooLate(seconds)), seconds * 1000);
  try {
    return await Promise.race([reading, late]);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal(400, "the body broke off");
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Refuses requests whose bodies take longer than `seconds`, and closes their
 * connections. Only Node supports node:http's own requestTimeout.
 */
export function limitBodies(
  server: Server,
  seconds: number,
  refusal = tooLate(seconds),
): Server {
  // Otherwise a connection may be closed just as a client reuses it.
  server.keepAliveTimeout = 0;
  return server.on(
    "request",
    (request: IncomingMessage, response: ServerResponse) => {
      const timer = setTimeout(() => {
        if (request.complete) return;
        if (response.headersSent) return request.socket.destroy();
        // If the rest arrives after all, no handler may answer it.
        request.removeAllListeners();
        const { status, headers, message: error } = refusal;
        response.setHeader("content-type", "application/json")
          .writeHead(status, headers).end(JSON.stringify({ error }));
      }, seconds * 1000);
      request.once("close", () => clearTimeout(timer));
      // Skip the rest of a refused body: the next request comes after it.
      response.once("finish", () => request.resume());
    },
  );
}

/** Returns a string field of a JSON body. */
export function textOf(body: unknown, field: string): string {
  const value = (body as Record<string, unknown> | undefined | null)?.[field];
  if (typeof value === "string") return value;
  throw new Refusal(400, `the body must be {"${field}": "…"}`);
}

/** Decodes base64 strictly; Buffer.from would skip invalid characters. */
export function decodeBase64(text: string): Buffer {
  if (text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text)) {
    return Buffer.from(text, "base64");
  }
  throw new Refusal(400, "the image must be base64, and not a data: URL");
}

/** Parses a multipart body; `type` is its Content-Type. */
export async function formOf(body: BodyInit, type: string): Promise<FormData> {
  const headers = { "content-type": type };
  return await new Response(body, { headers }).formData().catch(malformed);
}

/** Replaces the TypeError of formData(), which looks like a bug in the code. */
export function malformed(): never {
  throw new Refusal(400, "the body is not multipart/form-data");
}

/** Returns the file in a form that has no other part. */
export async function fileOf(form: FormData): Promise<Uint8Array> {
  const file = only([...form.values()]);
  if (typeof file === "string") throw new Refusal(400, ONE_FILE);
  return Buffer.from(await file.arrayBuffer());
}

/** Returns the only item of a list. */
export function only<Part>(parts: Part[]): Part {
  if (parts.length === 1) return parts[0]!;
  throw new Refusal(400, ONE_FILE);
}
