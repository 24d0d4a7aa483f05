/** What comes in the bodies of requests, and of pictures that are fetched. */
import { Buffer } from "node:buffer";
import { ONE_FILE, Refusal } from "./answer.ts";

/** The most that a body may have, and a picture. */
export const MAXIMUM_BYTES = 10_000_000;

/** What Express and Fastify, each with its busboy, take of a multipart body. */
export const multipartLimits = { files: 1, fields: 0 };

export function tooLarge(most = MAXIMUM_BYTES): Refusal {
  return new Refusal(413, `more than ${most} bytes`);
}

export function tooLate(seconds: number): Refusal {
  const headers = { connection: "close" };
  return new Refusal(408, `the body takes more than ${seconds} s`, headers);
}

/**
 * All bytes of a stream.
 *
 * @throws {Refusal} as soon as they are too many
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
 * What is read of a body.
 *
 * @throws {Refusal} when it takes longer than so many seconds, or breaks off
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

/** The text in a field of a JSON body. */
export function textOf(body: unknown, field: string): string {
  const value = (body as Record<string, unknown> | undefined | null)?.[field];
  if (typeof value === "string") return value;
  throw new Refusal(400, `the body must be {"${field}": "…"}`);
}

/** Buffer.from would leave out what isn't base64. */
export function decodeBase64(text: string): Buffer {
  if (text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text)) {
    return Buffer.from(text, "base64");
  }
  throw new Refusal(400, "the image must be base64, and not a data: URL");
}

/** The parts of a multipart body; `type` is its Content-Type. */
export async function formOf(body: BodyInit, type: string): Promise<FormData> {
  const headers = { "content-type": type };
  return await new Response(body, { headers }).formData().catch(malformed);
}

/** formData() fails with a TypeError, as a mistake in the code would. */
export function malformed(): never {
  throw new Refusal(400, "the body is not multipart/form-data");
}

/** The picture in a form that has no other part. */
export async function fileOf(form: FormData): Promise<Uint8Array> {
  const file = only([...form.values()]);
  if (typeof file === "string") throw new Refusal(400, ONE_FILE);
  return Buffer.from(await file.arrayBuffer());
}

/** The one that there is. */
export function only<Part>(parts: Part[]): Part {
  if (parts.length === 1) return parts[0]!;
  throw new Refusal(400, ONE_FILE);
}
