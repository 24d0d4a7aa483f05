/**
 * An image server built with Fastify.
 *
 *     deno run --allow-net --allow-read --allow-env --allow-ffi \
 *       scripts/servers/fastify.ts --port 8080
 *
 * Prints its URL as its first line. It answers each picture with a grey thumbnail,
 * and says in Server-Timing how long that took:
 *
 *     POST /magic/imageurl    {"url": …}: fetches the picture from there
 *     POST /magic/base64      {"image": …}
 *     POST /magic/multipart   an upload of one file
 *     GET /health             200 once the server is ready
 *     GET /stats              its CPU time, memory and event loop lag
 */
import { Buffer } from "node:buffer";
import type { AddressInfo } from "node:net";
import multipart from "@fastify/multipart";
import fastify, { type FastifyReply } from "fastify";
import { readOptions } from "../../lib/options.ts";
import {
  admit,
  answerTo,
  decodeBase64,
  limitBodies,
  MAXIMUM_BYTES,
  multipartLimits,
  only,
  serveUntilStopped,
  startStats,
  textOf,
  urlOf,
} from "./http/mod.ts";
import { imageFetcher, serverOptions, thumbnail } from "./images/mod.ts";

const options = readOptions(serverOptions);
const fetchImage = imageFetcher(options);
const stats = startStats();

// #region routes
const app = fastify({ bodyLimit: MAXIMUM_BYTES, frameworkErrors: refuse });
app.register(multipart, {
  attachFieldsToBody: "keyValues",
  limits: multipartLimits,
});

app.addHook("onRequest", ({ method, url, headers }, _, next) => {
  admit(method, url, headers);
  next();
});

app.post("/magic/imageurl", async ({ body }, reply) => {
  reply.type("image/jpeg");
  return thumbnail(await fetchImage(textOf(body, "url")));
});

app.post("/magic/base64", ({ body }, reply) => {
  reply.type("image/jpeg");
  return thumbnail(decodeBase64(textOf(body, "image")));
});

app.post("/magic/multipart", ({ body }, reply) => {
  reply.type("image/jpeg");
  return thumbnail(only(Object.values(body as object).filter(Buffer.isBuffer)));
});

app.addHook("onSend", (_, reply, body, next) => {
  reply.header("server-timing", `app;dur=${reply.elapsedTime.toFixed(3)}`);
  next(null, body);
});

app.setErrorHandler(refuse);

function refuse(error: unknown, _: unknown, reply: FastifyReply) {
  const { status, body, headers } = answerTo(error);
  reply.code(status).headers(headers).send(body);
}
// #endregion

app.get("/health", () => ({ ready: true }));
app.get("/stats", stats);

limitBodies(app.server, options.fetchTimeout);
await serveUntilStopped(options, async (where) => {
  await app.listen(where);
  return urlOf(app.server.address() as AddressInfo);
});
