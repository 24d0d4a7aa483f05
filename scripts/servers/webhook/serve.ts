/** Serves the webhook, however its handlers are written. */
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
import { openLagFile } from "./lag_file.ts";
import { startProfile } from "./profile.ts";
import { HAND_OVER } from "../../chapters/names/mod.ts";
import { examplePayload } from "./payload.ts";

export const webhookOptions = {
  ...serving,
  ...broker,
  service: httpUrl(
    "the service behind it; {id} becomes the event's id (default: an embedded " +
      "one that takes 100 ms, and no more than 100 a second)",
  ),
  handOver: duration(
    HAND_OVER,
    "how long it takes to hand on an event, on average",
  ),
  bodyTimeout: duration("1s", "how long a body may take to come", {
    aboveZero: true,
  }),
  lag: text("FILE", undefined, "a CSV for the event loop's lag, added to"),
  profile: text("FILE", undefined, "where a CPU profile goes (.cpuprofile)"),
};

/** Answers 200 when it resolves; `id` is that of the event. */
export type Handler = (request: IncomingMessage, id: string) => unknown;

/** The service that is called if no other is named: in a process of its own. */
export async function serviceOf({ service }: { service?: string }) {
  if (service) return service;
  const { url } = await startServer("target.ts")
    .catch((error) => wrong(`${messageOf(error)}; --service names another`));
  return `${url}/limited?limit=100&window=sliding-log&delay=100ms&id={id}`;
}

const MOST_BYTES = 1_000_000;
const LONGEST_ID = 100;
/** As many connections may wait as those of the source's server. */
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
      // The body came too late, and that has been said.
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
  const cut = `the body did not all come within ${bodyTimeout} s`;
  const refusal = new Refusal(400, cut, { connection: "close" });
  limitBodies(server, bodyTimeout, refusal);
  await serveUntilStopped(
    options,
    (where) => listening(server, { ...where, backlog: BACKLOG }),
    endProfile,
  );
}

/** What the sender calls the event, or an id that nobody else has. */
function idOf(url: string): string {
  const { searchParams } = new URL(url, "http://webhook");
  const id = searchParams.get("id") || randomUUID();
  if (Buffer.byteLength(id) <= LONGEST_ID) return id;
  throw new Refusal(400, `the id has more than ${LONGEST_ID} bytes`);
}
