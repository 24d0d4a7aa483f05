/**
 * An image server built with node:http alone.
 *
 *     deno run --allow-net --allow-read --allow-env --allow-ffi \
 *       scripts/servers/bare.ts --port 8080
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
import { createServer, type IncomingMessage } from "node:http";
import { buffer, json } from "node:stream/consumers";
import { readOptions } from "../../lib/options.ts";
import {
  admit,
  answerTo,
  decodeBase64,
  fileOf,
  formOf,
  limitBodies,
  listening,
  serverTiming,
  serveUntilStopped,
  startStats,
  textOf,
} from "./http/mod.ts";
import { imageFetcher, serverOptions, thumbnail } from "./images/mod.ts";

const options = readOptions(serverOptions);
const fetchImage = imageFetcher(options);
const stats = startStats();

// #region routes
const routes: Record<string, (request: IncomingMessage) => unknown> = {
  "/magic/imageurl": async (request) => {
    const url = textOf(await json(request), "url");
    return thumbnail(await fetchImage(url));
  },
  "/magic/base64": async (request) => {
    const image = textOf(await json(request), "image");
    return thumbnail(decodeBase64(image));
  },
  "/magic/multipart": async (request) => {
    const type = request.headers["content-type"]!;
    const form = await formOf(await buffer(request), type);
    return thumbnail(await fileOf(form));
  },
};

const server = createServer(async (request, response) => {
  const arrived = performance.now();
  response.setHeader("content-type", "application/json");
  try {
    const path = admit(request.method, request.url, request.headers);
    const result = await routes[path]!(request);
    if (!Buffer.isBuffer(result)) return response.end(JSON.stringify(result));
    response.setHeader("content-type", "image/jpeg");
    response.setHeader("server-timing", serverTiming(arrived));
    response.end(result);
  } catch (error) {
    const { status, body, headers } = answerTo(error);
    response.statusCode = status;
    response.setHeaders(new Headers(headers)).end(JSON.stringify(body));
  }
});
// #endregion

routes["/health"] = () => ({ ready: true });
routes["/stats"] = stats;

limitBodies(server, options.fetchTimeout);
await serveUntilStopped(options, (where) => listening(server, where));
