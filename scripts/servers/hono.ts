/**
 * An image server built with Hono.
 *
 *     deno run --allow-net --allow-read --allow-env --allow-ffi \
 *       scripts/servers/hono.ts --port 8080
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
import type { Buffer } from "node:buffer";
import { type Context, Hono } from "hono";
import { readOptions } from "../../lib/options.ts";
import {
  admit,
  answerTo,
  decodeBase64,
  fileOf,
  inTime,
  malformed,
  serverTiming,
  serveUntilStopped,
  startStats,
  textOf,
} from "./http/mod.ts";
import { imageFetcher, serve, serverOptions, thumbnail } from "./images/mod.ts";

const options = readOptions(serverOptions);
const { fetchTimeout } = options;
const fetchImage = imageFetcher(options);
const stats = startStats();

// #region routes
const app = new Hono();

app.use(async (c, next) => {
  const arrived = performance.now();
  admit(c.req.method, c.req.path, c.req.header());
  await next();
  c.header("server-timing", serverTiming(arrived));
});

// Hono caches the body for later reads.
app.use("/magic/*", async (c, next) => {
  await inTime(c.req.arrayBuffer(), fetchTimeout);
  await next();
});

app.post("/magic/imageurl", async (c) => {
  const url = textOf(await c.req.json(), "url");
  return send(c, await thumbnail(await fetchImage(url)));
});

app.post("/magic/base64", async (c) => {
  const image = textOf(await c.req.json(), "image");
  return send(c, await thumbnail(decodeBase64(image)));
});

app.post("/magic/multipart", async (c) => {
  const form = await c.req.formData().catch(malformed);
  return send(c, await thumbnail(await fileOf(form)));
});

function send(c: Context, picture: Buffer<ArrayBuffer>) {
  return c.body(picture, 200, { "content-type": "image/jpeg" });
}

app.onError((error) => {
  const { status, body, headers } = answerTo(error);
  return Response.json(body, { status, headers });
});
// #endregion

app.get("/health", (c) => c.json({ ready: true }));
app.get("/stats", (c) => c.json(stats()));

await serveUntilStopped(options, (where) => serve(app.fetch, where));
