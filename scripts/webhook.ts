/**
 * What makes a server slow? One webhook, written in many ways.
 *
 *     deno run -A scripts/webhook.ts --port 8080
 *     curl http://127.0.0.1:8080/payload > payload.json
 *     curl --json @payload.json 'http://127.0.0.1:8080/lean?id=1'
 *
 * Its first line on stdout is its URL. An event of 5,686 bytes comes in by POST,
 * is validated and handed on; as soon as RabbitMQ has it, if it is handed on to
 * that, the answer is 200:
 *
 *     /blocking             the event loop stands still meanwhile
 *     /pool-4 /pool-40 /pool-100
 *                           one of so many threads does
 *     /client-per-request   a thread does, and the event loop to connect it
 *     /singleton            a thread does, by one connection for all
 *     /async                nobody does
 *     /lean                 nobody does, nor validates it twice
 *     /direct               no queue: calls the slow service, and waits for it
 *     /queued               as /lean; scripts/consumer.ts calls the service
 *     /loop/WORK            on the event loop, only nothing, body, model, http
 *                           or all
 *     /pool/WORK            the same in one of 40 threads
 *     /fault/worker         a thread dies
 *
 * GET /payload is an event to send, /health is 200 as soon as it can be called,
 * /stats is the processor time, memory and event loop lag.
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
  // Until RabbitMQ has confirmed, this thread does nothing else.
  "/blocking": async (request, id) => {
    const event = parse(await text(request));
    client().send(id, serialize(event));
  },
  // #endregion

  // #region /pool-4
  // The same call, which now stops one of four other threads.
  "/pool-4": async (request, id) => {
    const event = parse(await text(request));
    await pool4.run("send", { id, json: serialize(event) });
  },
  // #endregion

  // #region /pool-40
  // As many threads as the source's framework starts.
  "/pool-40": async (request, id) => {
    const event = parse(await text(request));
    await pool40.run("send", { id, json: serialize(event) });
  },
  // #endregion

  // #region /pool-100
  // As many as the source tried next.
  "/pool-100": async (request, id) => {
    const event = parse(await text(request));
    await pool100.run("send", { id, json: serialize(event) });
  },
  // #endregion

  // #region /client-per-request
  // A client of its own, whose handshake stops this thread.
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
  // One client for all, whose handshake is long over.
  "/singleton": async (request, id) => {
    const event = parse(await text(request));
    const { name } = client();
    await pool40.run("send", { id, json: serialize(event), client: name });
  },
  // #endregion

  // #region /async
  // No thread stands still: this one goes on with other requests.
  "/async": async (request, id) => {
    const event = parse(await text(request));
    await queue.send(id, serialize(event));
  },
  // #endregion

  // #region /lean
  // What was validated when it came in leaves as it came.
  "/lean": async (request, id) => {
    const json = await text(request);
    parse(json);
    await queue.send(id, json);
  },
  // #endregion

  // #region /direct
  // The sender waits for the service, and for its limit.
  "/direct": async (request, id) => {
    const json = await text(request);
    parse(json);
    await service(id, json);
  },
  // #endregion

  // #region /queued
  // The sender waits for the queue alone; a consumer calls the service.
  "/queued": async (request, id) => {
    const json = await text(request);
    parse(json);
    await queue.send(id, json);
  },
  // #endregion

  // #region /loop
  // Each part of the work alone, on the event loop.
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
  // The same in a thread, which gets the body if it needs it.
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
