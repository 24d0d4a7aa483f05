/** Serves the webhook's handlers. */
import { Buffer } from "node:buffer";
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import { broker } from "../../../lib/queue/mod.ts";
import { messageOf } from "../../../lib/exit.ts";
import {
  duration,
  httpUrl,
  text,
  type Values,
  wrong,
} from "../../../lib/options.ts";
import { startServer } from "../../../lib/script.ts";
import {
  admit,
  type Admitted,
  answerTo,
  jsonType,
  limitBodies,
  listening,
  Refusal,
  serverTiming,
  serveUntilStopped,
  serving,
  startStats,
} from "../http/mod.ts";
import { openLagFile, startProfile } from "./diagnostics.ts";
import { HAND_OVER } from "../../chapters/names/mod.ts";
import { examplePayload } from "./payload.ts";

export const webhookOptions = {
  ...serving,
  ...broker,
  service: httpUrl(
    "the service behind the webhook; {id} becomes the event's id (default: an " +
      "embedded one: 100 ms a call, at most 100 calls a second)",
  ),
  handOver: duration(
    HAND_OVER,
    "average time to pass an event on to RabbitMQ",
  ),
  bodyTimeout: duration("1s", "timeout of a request's body", {
    aboveZero: true,
  }),
  lag: text("FILE", undefined, "append the event loop's lag to this CSV"),
  profile: text(
    "FILE",
    undefined,
    "write a CPU profile to this file (.cpuprofile)",
  ),
};

/** Handles an event with this id; the answer is 200 when it resolves. */
export type Handler = (request: IncomingMessage, id: string) => unknown;

/** The --service, or an embedded one in another process. */
export async function serviceOf({ service }: { service?: string }) {
  if (service) return service;
  const { url } = await startServer("target.ts")
    .catch((error) => wrong(`${messageOf(error)}; or set --service`));
  return `${url}/limited?limit=100&window=sliding-log&delay=100ms&id={id}`;
}

const MOST_BYTES = 1_000_000;
const LONGEST_ID = 100;
/** The same backlog as the original article's server. */
const BACKLOG = 2048;

export async function serveWebhook(
  handlers: Record<string, Handler>,
  options: Values<typeof webhookOptions>,
) {
  const { lag, profile, bodyTimeout } = options;
  const stats = startStats(lag ? openLagFile(lag) : undefined);
  const endProfile = profile ? await startProfile(profile) : undefined;
  const pages: Record<string, Handler> = {
    "/payload": examplePayload,
    "/health": () => ({ ready: true }),
    "/stats": stats,
  };
  const routes = { ...handlers, ...pages };
  const admitted: Admitted = Object.fromEntries([
    ...Object.keys(handlers).map((path) => [
      path,
      { method: "POST", type: jsonType },
    ]),
    ...Object.keys(pages).map((path) => [path, { method: "GET" }]),
  ]);

  const server = createServer(async (request, response) => {
    const arrived = performance.now();
    const { method, url, headers } = request;
    response.setHeader("content-type", "application/json");
    try {
      const path = admit(method, url, headers, admitted, MOST_BYTES);
      const id = idOf(url!);
      const answer = await routes[path]!(request, id) ?? { accepted: id };
      // The body came too late and was refused.
      if (response.headersSent) return;
      response.setHeader("server-timing", serverTiming(arrived));
      response.end(
        typeof answer === "string" ? answer : JSON.stringify(answer),
      );
    } catch (error) {
      if (response.headersSent) return;
      const { status, body, headers } = answerTo(error);
      response.statusCode = status;
      response.setHeaders(new Headers(headers)).end(JSON.stringify(body));
    }
  });
  const cut = `the body was incomplete after ${bodyTimeout} s`;
  const refusal = new Refusal(400, cut, { connection: "close" });
  limitBodies(server, bodyTimeout, refusal);
  await serveUntilStopped(
    options,
    (where) => listening(server, { ...where, backlog: BACKLOG }),
    endProfile,
  );
}

/** The sender's id of the event, or a new one. */
function idOf(url: string): string {
  const { searchParams } = new URL(url, "http://webhook");
  const id = searchParams.get("id") || randomUUID();
  if (Buffer.byteLength(id) <= LONGEST_ID) return id;
  throw new Refusal(400, `the id is longer than ${LONGEST_ID} bytes`);
}
