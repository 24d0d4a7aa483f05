/** The target as a node:http server that counts its requests. */
import { Buffer } from "node:buffer";
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { startMetronome } from "../../../load/metronome/mod.ts";
import type { LogNormal } from "../delay.ts";
import { faults } from "./fault_routes.ts";
import { startLimits } from "./rate_limits.ts";
import {
  type Answer,
  type Asked,
  createRoutes,
  failed,
  json,
} from "./routes.ts";

export async function createTarget(delays: LogNormal): Promise<Server> {
  // A timer would add a millisecond or two to each delay.
  const metronome = await startMetronome();
  const limits = startLimits(delays.seed, metronome);
  const routes = createRoutes(delays, limits);
  const inFlight = new Set<ServerResponse>();
  const stats = {
    accepted: 0,
    rejected: 0,
    mostInFlight: 0,
    connections: 0,
  };

  async function handle(request: IncomingMessage, response: ServerResponse) {
    const arrived = performance.now() / 1000;
    const url = URL.parse(request.url!, "http://target");
    if (!url) return send(response, failed(400, "the request has no path"));
    const [, first = "", parameter = ""] = url.pathname.split("/");
    const query = url.searchParams;
    if (first === "stats") {
      const key = query.get("key");
      const counted = key === null
        ? { ...stats, inFlight: inFlight.size }
        : limits.countsOf(key);
      const body = json(counted);
      return send(response, { type: "application/json", body });
    }

    inFlight.add(response);
    stats.mostInFlight = Math.max(stats.mostInFlight, inFlight.size);
    response.once("close", () => inFlight.delete(response));
    if (first === "fault" && Object.hasOwn(faults, parameter)) {
      stats.accepted++;
      return faults[parameter]!(request, response);
    }

    const answer = await route(first, { parameter, query, request, arrived });
    const refused = first === "limited" && answer.status === 429;
    stats[refused ? "rejected" : "accepted"]++;
    if (answer.delay) await metronome.until((arrived + answer.delay) * 1000);
    // Not on "close": the client may send its next request before that.
    inFlight.delete(response);
    const took = performance.now() - arrived * 1000;
    send(response, answer, { "server-timing": `app;dur=${took.toFixed(3)}` });
  }

  async function route(first: string, asked: Asked) {
    try {
      if (Object.hasOwn(routes, first)) return await routes[first]!(asked);
      const known = [...Object.keys(routes), "fault", "stats"].filter(Boolean)
        .join(" /");
      return failed(404, `no such path; try one of: / /${known}`);
    } catch (error) {
      if (error instanceof RangeError) return failed(400, error.message);
      throw error;
    }
  }

  const server = createServer(
    { noDelay: true, keepAliveTimeout: 0 },
    // A request that breaks off while it is read needs no answer.
    (request, response) =>
      handle(request, response).catch(() => response.destroy()),
  );
  server.on("connection", () => stats.connections++);
  return server;
}

/** Sends headers and body in one write; two would wait for a delayed ACK. */
function send(
  response: ServerResponse,
  { status = 200, type = "text/plain", body = "ok\n", headers }: Answer,
  timing: Record<string, string> = {},
) {
  const bodiless = status === 204 || status === 304;
  response.writeHead(status, {
    "content-type": type,
    ...(!bodiless && { "content-length": Buffer.byteLength(body) }),
    ...headers,
    ...timing,
  });
  response.end(bodiless ? undefined : body);
}
