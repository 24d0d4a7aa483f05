/**
 * An image server built with Express.
 *
 *     deno run --allow-net --allow-read --allow-env --allow-ffi \
 *       scripts/servers/express.ts --port 8080
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
import { createServer } from "node:http";
import express, { type NextFunction } from "express";
import type { Request, Response } from "express";
import multer from "multer";
import { readOptions } from "../../lib/options.ts";
import {
  admit,
  answerTo,
  decodeBase64,
  limitBodies,
  listening,
  MAXIMUM_BYTES,
  multipartLimits,
  only,
  serverTiming,
  serveUntilStopped,
  startStats,
  textOf,
} from "./http/mod.ts";
import { imageFetcher, serverOptions, thumbnail } from "./images/mod.ts";

const options = readOptions(serverOptions);
const fetchImage = imageFetcher(options);
const stats = startStats();

// The other servers send neither header.
const app = express().disable("etag").disable("x-powered-by");
// #region routes
app.use((request, response, next) => {
  response.locals.arrived = performance.now();
  admit(request.method, request.url, request.headers);
  next();
});
app.use(express.json({ limit: MAXIMUM_BYTES }));
const upload = multer({ limits: multipartLimits });

app.post("/magic/imageurl", async (request, response) => {
  const url = textOf(request.body, "url");
  send(response, await thumbnail(await fetchImage(url)));
});

app.post("/magic/base64", async (request, response) => {
  const image = textOf(request.body, "image");
  send(response, await thumbnail(decodeBase64(image)));
});

app.post("/magic/multipart", upload.any(), async (request, response) => {
  const { buffer } = only(request.files as Express.Multer.File[]);
  send(response, await thumbnail(buffer));
});

function send(response: Response, picture: Uint8Array) {
  response.set("server-timing", serverTiming(response.locals.arrived));
  response.type("jpeg").send(picture);
}

app.use(
  // Express recognises an error handler by its four parameters.
  (error: Error, _: Request, response: Response, _next: NextFunction) => {
    const { status, body, headers } = answerTo(error);
    response.status(status).set(headers).json(body);
  },
);
// #endregion

app.get("/health", (_, response) => void response.json({ ready: true }));
app.get("/stats", (_, response) => void response.json(stats()));

const server = limitBodies(createServer(app), options.fetchTimeout);
await serveUntilStopped(options, (where) => listening(server, where));
