/** Starts a server script as a child process of the same runtime. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Failure } from "./failure.ts";
import { command } from "./runtime.ts";

export interface Server {
  url: string;
  stop(): Promise<void>;
}

/**
 * Starts a script of `scripts/` on any free port and resolves when it has
 * printed its URL. It ends with its standard input, and so with this process,
 * however that may end.
 */
export async function startServer(
  script: string,
  ...options: string[]
): Promise<Server> {
  const file = fileURLToPath(new URL(`../scripts/${script}`, import.meta.url));
  const permissions = ["--allow-net", "--allow-read"];
  const [program, ...rest] = command(file, permissions);
  const child = spawn(
    program!,
    [...rest, "--port", "0", "--until-eof", ...options],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  const ended = once(child, "close");
  const lines = createInterface({ input: child.stdout });
  const line = await Promise.race([once(lines, "line"), ended]);
  const url = String(line[0]);
  if (!url.startsWith("http")) throw new Failure(`${script} did not start`);
  return {
    url,
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}
