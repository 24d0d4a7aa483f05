/** How a server script starts, prints its URL, and ends. */
import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { messageOf } from "../../../lib/exit.ts";
import { count, flag, text, wrong } from "../../../lib/options.ts";

export const serving = {
  port: count(8080, "the port to listen on; 0 is any free one", 0, 65_535),
  host: text("HOST", "127.0.0.1", "the address to listen on; 0.0.0.0 is all"),
  untilEof: flag("end when standard input does, as a script's child"),
};

export interface Where {
  port: number;
  host: string;
}

/**
 * Prints the URL that `listen` gives, and serves until a signal; `onStop` is the
 * last that is done.
 */
export async function serveUntilStopped(
  { port, host, untilEof }: Where & { untilEof: boolean },
  listen: (where: Where) => Promise<string> | string,
  onStop: () => Promise<void> | void = () => {},
) {
  try {
    console.log(await listen({ port, host }));
  } catch (error) {
    fail({ port, host }, error);
  }
  const stop = async () => {
    await onStop();
    process.exit();
  };
  process.on("SIGTERM", stop);
  // A terminal's Ctrl-C reaches the whole group, but the script that started
  // this one still has calls in flight.
  process.on("SIGINT", untilEof ? () => {} : stop);
  if (untilEof) process.stdin.resume().on("end", stop);
}

/** Has a server of node:http listen, and resolves to its URL. */
export async function listening(
  server: Server,
  where: Where & { backlog?: number },
): Promise<string> {
  server.listen(where);
  await once(server, "listening");
  // One that can't open another connection, for example.
  server.on("error", (error) => fail(where, error));
  return urlOf(server.address() as AddressInfo);
}

/** Where this machine can call what listens everywhere. */
const near: Record<string, string> = { "0.0.0.0": "127.0.0.1", "::": "::1" };

export function urlOf({ address, port }: { address: string; port: number }) {
  const own = near[address] ?? address;
  return `http://${own.includes(":") ? `[${own}]` : own}:${port}`;
}

function fail({ port, host }: Where, error: unknown): never {
  if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") {
    wrong(`--port ${port} is taken; --port 0 takes any free one`);
  }
  wrong(`can't serve on port ${port} of ${host}: ${messageOf(error)}`);
}
