/**
 * What makes a server slow? One webhook, written in many ways.
 *
 *     deno run -A scripts/webhook.ts --port 8080
 *     curl http://127.0.0.1:8080/payload > payload.json
 *     curl --json @payload.json 'http://127.0.0.1:8080/lean?id=1'
 *
 * Prints its URL as its first line. Each route takes an event of 5,686 bytes by
 * POST, validates it and passes it on to RabbitMQ. It answers 200 once RabbitMQ
 * has confirmed the message. The routes differ in what blocks until then:
 *
 *     /blocking             the event loop
 *     /pool-4 /pool-40 /pool-100
 *                           a thread from a pool of that size
 *     /client-per-request   a thread, and the event loop while it connects
 *     /singleton            a thread; all share one connection
 *     /async                nothing
 *     /lean                 nothing, and the event is validated only once
 *     /direct               no queue: waits for the slow service itself
 *     /queued               same as /lean; scripts/consumer.ts calls the service
 *     /loop/WORK            one part of the work on the event loop: nothing,
 *                           body, model, http or all
 *     /pool/WORK            the same in one of 40 threads
 *     /fault/worker         a thread dies
 *
 * GET /payload returns an example event, /health returns 200 once the server is
 * ready, /stats returns CPU time, memory and event loop lag.
 */
import { text } from "node:stream/consumers";
import { readOptions } from "../lib/options.ts";
import {
  type Handler,
  openResources,
  parse,
  serialize,
  serveWebhook,
  serviceOf,
  webhookOptions,
} from "./servers/webhook/mod.ts";

const options = readOptions(webhookOptions);
const { queue, client, connect, service, pool4, pool40, pool100 } =
  await openResources({
    ...options,
    service: await serviceOf(options),
    seconds: options.handOver,
  });

const handlers: Record<string, Handler> = {
  // #region /blocking
  // This thread does nothing else until RabbitMQ confirms.
  "/blocking": async (request, id) => {
    const event = parse(await text(request));
    client().send(id, serialize(event));
  },
  // #endregion

  // #region /pool-4
  // The same call, but it blocks one of four other threads.
  "/pool-4": async (request, id) => {
    const event = parse(await text(request));
    await pool4.run("send", { id, json: serialize(event) });
  },
  // #endregion

  // #region /pool-40
  // FastAPI's default thread pool has 40 threads.
  "/pool-40": async (request, id) => {
    const event = parse(await text(request));
    await pool40.run("send", { id, json: serialize(event) });
  },
  // #endregion

  // #region /pool-100
  // The next larger pool.
  "/pool-100": async (request, id) => {
    const event = parse(await text(request));
    await pool100.run("send", { id, json: serialize(event) });
  },
  // #endregion

  // #region /client-per-request
  // A new client for each request; its handshake blocks this thread.
  "/client-per-request": async (request, id) => {
    const event = parse(await text(request));
    const { name, close } = connect();
    try {
      await pool40.run("send", { id, json: serialize(event), client: name });
    } finally {
      close();
    }
  },
  // #endregion

  // #region /singleton
  // One client for all, which connected long ago.
  "/singleton": async (request, id) => {
    const event = parse(await text(request));
    const { name } = client();
    await pool40.run("send", { id, json: serialize(event), client: name });
  },
  // #endregion

  // #region /async
  // No thread blocks: this one serves other requests meanwhile.
  "/async": async (request, id) => {
    const event = parse(await text(request));
    await queue.send(id, serialize(event));
  },
  // #endregion

  // #region /lean
  // The body was validated once; it is sent on unchanged.
  "/lean": async (request, id) => {
    const json = await text(request);
    parse(json);
    await queue.send(id, json);
  },
  // #endregion

  // #region /direct
  // The sender waits for the service and its rate limit.
  "/direct": async (request, id) => {
    const json = await text(request);
    parse(json);
    await service(id, json);
  },
  // #endregion

  // #region /queued
  // The sender waits only for the queue; a consumer calls the service.
  "/queued": async (request, id) => {
    const json = await text(request);
    parse(json);
    await queue.send(id, json);
  },
  // #endregion

  // #region /loop
  // Each part of the work by itself, on the event loop.
  "/loop/nothing": () => {},
  "/loop/body": async (request) => void await text(request),
  "/loop/model": async (request) => void parse(await text(request)),
  "/loop/http": (_, id) => service(id),
  "/loop/all": async (request, id) => {
    parse(await text(request));
    await service(id);
  },
  // #endregion

  // #region /pool
  // The same in a thread, which is sent the body if it needs it.
  "/pool/nothing": () => pool40.run("nothing"),
  "/pool/body": async (request) => pool40.run("nothing", await text(request)),
  "/pool/model": async (request) => pool40.run("model", await text(request)),
  "/pool/http": (_, id) => pool40.run("http", { id }),
  "/pool/all": async (request, id) =>
    pool40.run("all", { id, json: await text(request) }),
  // #endregion

  "/fault/worker": () => pool4.run("die"),
};

await serveWebhook(handlers, options);
