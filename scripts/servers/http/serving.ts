/** How a server script starts and stops. */
import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { messageOf } from "../../../lib/exit.ts";
import { count, flag, text, wrong } from "../../../lib/options.ts";

export const serving = {
  port: count(8080, "port to listen on; 0: any free port", 0, 65_535),
  host: text(
    "HOST",
    "127.0.0.1",
    "address to listen on; 0.0.0.0: all addresses",
  ),
  untilEof: flag("exit at the end of standard input (for child processes)"),
};

export interface Where {
  port: number;
  host: string;
}

/** Prints the URL that `listen` returns, serves until a signal, then calls `onStop`. */
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
  // Ctrl-C reaches all processes of the terminal, but the script that started this
  // one still has open calls.
  process.on("SIGINT", untilEof ? () => {} : stop);
  if (untilEof) process.stdin.resume().on("end", stop);
}

/** Starts a server of node:http; resolves to its URL. */
export async function listening(
  server: Server,
  where: Where & { backlog?: number },
): Promise<string> {
  server.listen(where);
  await once(server, "listening");
  // For example when it runs out of file descriptors.
  server.on("error", (error) => fail(where, error));
  return urlOf(server.address() as AddressInfo);
}

/** The loopback addresses for servers that listen on all addresses. */
const near: Record<string, string> = { "0.0.0.0": "127.0.0.1", "::": "::1" };

export function urlOf({ address, port }: { address: string; port: number }) {
  const own = near[address] ?? address;
  return `http://${own.includes(":") ? `[${own}]` : own}:${port}`;
}

function fail({ port, host }: Where, error: unknown): never {
  if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") {
    wrong(
      `--port ${port} is in use; try another one, or --port 0 for any free port`,
    );
  }
  wrong(`can't listen on port ${port} of ${host}: ${messageOf(error)}`);
}
