/** What an image server works with, and a picture for it. */
import { Buffer } from "node:buffer";
import { once } from "node:events";
import type { Server } from "node:http";
import sharp from "sharp";

export const MAXIMUM_BYTES = 10_000_000;
export const multipartLimits = { files: 1, fields: 0 };
export const only = <Part>([part]: Part[]) => part!;
export const admit = (_: unknown, url?: string, __?: unknown) => url!;
export const textOf = (body: unknown, key: string) => String(Object(body)[key]);
export const decodeBase64 = (text: string) => Buffer.from(text, "base64");
export const fetchImage = async (url: string) => (await fetch(url)).bytes();
export const fileOf = (form: FormData) => (form.get("file") as File).bytes();
export const formOf = (body: BodyInit, type: string) =>
  new Response(body, { headers: { "content-type": type } }).formData();
export const thumbnail = (image: Uint8Array) =>
  sharp(image).greyscale().resize(128).jpeg().toBuffer();
export const serverTiming = (arrived: number) =>
  `app;dur=${(performance.now() - arrived).toFixed(3)}`;
export const failed = { status: 500, headers: {} };
export const answerTo = (error: unknown) => ({ ...failed, body: `${error}` });

export async function tryOut(server: Server) {
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as { port: number };
  const url = `http://127.0.0.1:${port}/magic/multipart`;
  const body = new FormData();
  body.set("file", new Blob([`<svg width="640" height="480"/>`]), "a.svg");
  const answer = await fetch(url, { method: "POST", body });
  const { width, height } = await sharp(await answer.bytes()).metadata();
  console.log(width, "x", height, answer.headers.get("server-timing"));
  server.close();
  server.closeAllConnections();
}
