/** Starts servers of `scripts/` as processes, of the same runtime. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Failure, messageOf } from "./exit.ts";
import { command } from "./runtime.ts";

export interface Server {
  url: string;
  stop(): Promise<void>;
  /** Kills it. */
  kill(): Promise<void>;
}

/**
 * Starts a server script on any free port and resolves when it has printed its
 * URL. It ends with its standard input, and so with this process, however that
 * may end.
 */
export function startServer(
  script: string,
  ...options: string[]
): Promise<Server> {
  return startServerWith(["--allow-net", "--allow-read"], script, ...options);
}

/** What {@link startServer} does, for a script that needs other permissions. */
export async function startServerWith(
  permissions: string[],
  script: string,
  ...options: string[]
): Promise<Server> {
  const file = fileURLToPath(new URL(`../scripts/${script}`, import.meta.url));
  const [program, ...rest] = command(file, permissions);
  const line = [...rest, "--port", "0", "--until-eof", ...options];
  // Detached: Ctrl-C reaches only the script that started it, whose calls are
  // still in flight.
  const child = spawn(program!, line, {
    detached: true,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = once(child, "close");
  const [url] = await Promise.race([
    once(createInterface({ input: child.stdout }), "line"),
    ended,
  ]).catch((error) => {
    throw new Failure(`${script} can't be started: ${messageOf(error)}`);
  });
  if (!String(url).startsWith("http")) {
    throw new Failure(`${script} did not start`);
  }
  return {
    url,
    async stop() {
      child.stdin.end();
      await ended;
    },
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
