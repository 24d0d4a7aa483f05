/** Runs scripts of `scripts/` as processes, of the same runtime or another. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { asParent, Failure, messageOf } from "./exit.ts";
import { command, type Program } from "./runtime.ts";

/** A script of `scripts/`, with what runs it if that is another runtime. */
export type Scripted = string | { script: string; by: Program };

export interface Server {
  url: string;
  stop(): Promise<void>;
}

/** A server that is a process of its own. */
export interface ServerProcess extends Server {
  /** Ends it as it is, whatever it has still to do. */
  kill(): Promise<void>;
}

/**
 * Starts a server script on any free port and resolves when it has printed its
 * URL. It ends with its standard input, and so with this process, however that
 * may end.
 */
export function startServer(
  script: Scripted,
  ...options: string[]
): Promise<ServerProcess> {
  return startServerWith(["--allow-net", "--allow-read"], script, ...options);
}

/** What {@link startServer} does, for a script that needs other permissions. */
export async function startServerWith(
  permissions: string[],
  script: Scripted,
  ...options: string[]
): Promise<ServerProcess> {
  const child = start(
    script,
    ["--port", "0", "--until-eof", ...options],
    { permissions },
  );
  const ended = once(child, "close");
  child.stderr!.pipe(process.stderr);
  const lines = createInterface({ input: child.stdout! });
  const [line] = await Promise.race([once(lines, "line"), ended]);
  const url = String(line);
  if (!url.startsWith("http")) {
    throw new Failure(`${nameOf(script)} did not start`);
  }
  return {
    url,
    async stop() {
      child.stdin!.end();
      await ended;
    },
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

export interface Script {
  pid: number;
  /** Resolves when the script has written `text` to stderr, or has ended. */
  said(text: string): Promise<void>;
  /** What it wrote to stdout; rejects with a {@link Failure} if it failed. */
  ended: Promise<string>;
  /** Ends it in order, as Ctrl-C does; resolves to what it wrote to stdout. */
  stop(): Promise<string>;
  /** Ends it as it is; resolves when nothing of it is left. */
  kill(): Promise<void>;
}

/**
 * Starts a script, which is interrupted when a signal aborts, or this process
 * ends, however that may be.
 */
export function startScript(
  script: Scripted,
  options: string[],
  signal: AbortSignal,
  again?: AbortSignal,
): Script {
  const env = { ...process.env, ...asParent() };
  const child = start(script, options, { env });
  // Not child.kill, which on Deno does it only once.
  const interrupt = () => {
    const isOver = child.exitCode !== null || child.signalCode !== null;
    if (!isOver) process.kill(child.pid!, "SIGTERM");
  };
  for (const each of [signal, again]) {
    each?.addEventListener("abort", interrupt);
  }
  if (signal.aborted) interrupt();
  let stopped = false;
  let stdout = "";
  let stderr = "";
  // Decoded by the stream: a character may be torn between two chunks.
  child.stdout!.setEncoding("utf8").on("data", (text) => stdout += text);
  child.stderr!.setEncoding("utf8").on("data", (text) => stderr += text);

  const ended = once(child, "close").then(([code]) => {
    for (const each of [signal, again]) {
      each?.removeEventListener("abort", interrupt);
    }
    if (signal.aborted) throw new Failure("interrupted", 130);
    const isOver = code === 0 || stopped && code === 130;
    if (!isOver) {
      throw new Failure(`${nameOf(script)} failed:\n${stderr.trim()}`);
    }
    return stdout;
  });
  return {
    pid: child.pid!,
    ended,
    stop() {
      stopped = true;
      interrupt();
      return ended;
    },
    async kill() {
      child.kill("SIGKILL");
      await ended.catch(() => {});
    },
    async said(text) {
      const over = ended.then(() => true);
      while (!stderr.includes(text)) {
        if (await Promise.race([over, once(child.stderr!, "data")])) break;
      }
    },
  };
}

/**
 * In a process group of its own: a Ctrl-C on the terminal reaches the script
 * that started it, which still has work in flight, and passes it on.
 */
function start(
  scripted: Scripted,
  options: string[],
  { permissions, env }: { permissions?: string[]; env?: NodeJS.ProcessEnv },
): ChildProcess {
  const { script, by = undefined } = typeof scripted === "string"
    ? { script: scripted }
    : scripted;
  const file = fileURLToPath(new URL(`../scripts/${script}`, import.meta.url));
  const [program, ...rest] = command(file, permissions, by);
  try {
    return spawn(program!, [...rest, ...options], { detached: true, env });
  } catch (error) {
    throw new Failure(`${script} can't be started: ${messageOf(error)}`);
  }
}

function nameOf(script: Scripted): string {
  if (typeof script === "string") return script;
  return `${script.script} on ${script.by.name}`;
}
