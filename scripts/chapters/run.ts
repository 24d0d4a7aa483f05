/** Runs this project's scripts as a person types them in a shell, by zx. */
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { $, type ProcessPromise } from "zx/core";
import { asParent, Failure, main, onInterrupt } from "../../lib/exit.ts";
import { command, type Program } from "../../lib/runtime.ts";
import type { Summary } from "../../lib/summary.ts";

// Every system has sh, where bash may be missing and quotes in other ways.
$.shell = "/bin/sh";
$.quote = (word) => `'${word.replaceAll("'", `'\\''`)}'`;
// The shell becomes the program, so that a signal reaches it.
$.prefix = "exec ";
// zx would end the whole tree. Scripts end what they started themselves.
$.kill = (pid, signal) => {
  try {
    process.kill(Number(pid), signal);
  } catch {
    // It has just ended.
  }
  return Promise.resolve();
};
// Ctrl-C on the terminal reaches this process alone, which passes it on.
$.detached = true;
$.quiet = true;

export { $ };

let signal = new AbortController().signal;
const running = new Set<ProcessPromise>();
const ends: (() => unknown)[] = [];

/**
 * Does the work of a script that runs others, and sets its exit code. Ctrl-C ends
 * the running scripts in order, and a second one their open calls too; the script
 * then prints `hint`.
 */
export async function chapter(
  hint: string,
  work: (signal: AbortSignal) => Promise<unknown>,
): Promise<void> {
  await main(async () => {
    const { again, dispose, ...first } = onInterrupt({ twice: true });
    signal = first.signal;
    const interrupt = () => {
      for (const script of running) script.kill("SIGTERM");
    };
    for (const each of [signal, again]) {
      each.addEventListener("abort", interrupt);
    }
    try {
      await work(signal);
    } catch (error) {
      throw signal.aborted ? new Failure(`interrupted; ${hint}`, 130) : error;
    } finally {
      // A failure ends what ran beside it; what is interrupted ends in order.
      if (!signal.aborted) interrupt();
      await Promise.all(running);
      for (const end of ends.splice(0).reverse()) await end();
      dispose();
    }
  });
}

/** Has something done at the end of the chapter, the last one first. */
export function atEnd(work: () => unknown) {
  ends.push(work);
}

type Value = string | number | string[];
export type Line = [texts: TemplateStringsArray, ...values: Value[]];

/** Splits a command line into words. A value is one word; a list is several. */
export function words(...[texts, ...values]: Line): string[] {
  const line = texts.reduce((line, text, n) => `${line}\0${n - 1}\0${text}`);
  return line.split(/\s+/).filter(Boolean).flatMap((word) => {
    const [, whole] = /^\0(\d+)\0$/.exec(word) ?? [];
    const value = values[Number(whole)];
    if (Array.isArray(value)) return value;
    return word.replace(/\0(\d+)\0/g, (_, n) => String(values[n]));
  });
}

/** Starts a script of scripts/; `name` is what messages call it. */
function launch([script, ...options]: string[], by?: Program, stdio = "pipe") {
  const file = fileURLToPath(new URL(`../${script}`, import.meta.url));
  const line = [...command(file, undefined, by), ...options];
  const env = { ...process.env, ...asParent() };
  const child = $({
    env,
    stdio: ["pipe", "pipe", stdio as "pipe" | "inherit"],
    nothrow: true,
  })`${line}`;
  return { child, name: by ? `${script} on ${by.name}` : script };
}

export interface Script {
  pid: number;
  /** Resolves when the script has written `text` to stderr, or has ended. */
  said(text: string): Promise<void>;
  /** What it wrote to stdout; rejects with a {@link Failure} if it failed. */
  ended: Promise<string>;
  /** Ends it as Ctrl-C does; resolves to what it wrote to stdout. */
  stop(): Promise<string>;
  /** Ends it at once; resolves when the process is gone. */
  kill(): Promise<void>;
}

/** Runs a script of scripts/ to its end, and resolves to what it wrote to stdout. */
export const run = (...line: Line) => start(...line).ended;

/** Runs a measuring script to its end, and resolves to its summary. */
export async function measure(...line: Line): Promise<Summary> {
  return JSON.parse(await run`${words(...line)} --json`);
}

/** Starts a script of scripts/, as in start`consumer.ts --calls ${calls}`. */
export const start = (...line: Line) => startBy()(...line);

/** Starts a script by another runtime than this one. */
export const startBy = (by?: Program) => (...line: Line): Script => {
  signal.throwIfAborted();
  const { child, name } = launch(words(...line), by);
  running.add(child);
  let isStopped = false;
  let stderr = "";
  // Decoded by the stream: a character may be torn between two chunks.
  child.stdout.setEncoding("utf8");
  child.stderr.setEncoding("utf8").on("data", (text) => stderr += text);

  async function end(): Promise<string> {
    const { exitCode, stdout } = await child;
    running.delete(child);
    signal.throwIfAborted();
    if (exitCode === 0 || isStopped && exitCode === 130) return stdout;
    throw new Failure(`${name} failed:\n${stderr.trim()}`);
  }
  const ended = end();
  // The error is for whoever awaits `ended` later.
  ended.catch(() => {});
  return {
    pid: child.pid!,
    ended,
    stop() {
      isStopped = true;
      if (running.has(child)) child.kill("SIGTERM");
      return ended;
    },
    async kill() {
      if (running.has(child)) child.kill("SIGKILL");
      await ended.catch(() => {});
    },
    async said(text) {
      while (!stderr.includes(text) && running.has(child)) {
        await Promise.race([ended, once(child.stderr, "data")]);
      }
    },
  };
};

/** A server in another process. */
export interface Server {
  url: string;
  stop(): Promise<void>;
  /** Ends it at once, whatever it still has to do. */
  kill(): Promise<void>;
}

/**
 * Starts a server of scripts/ on any free port, and resolves when it listens. It
 * ends with the chapter at the latest, or with this process.
 */
export const serve = (...line: Line) => serveBy()(...line);

/** Starts a server by another runtime than this one. */
export const serveBy =
  (by?: Program) => async (...line: Line): Promise<Server> => {
    const all = words`${words(...line)} --port 0 --until-eof`;
    const { child, name } = launch(all, by, "inherit");
    const lines = createInterface({ input: child.stdout });
    const ended = child.then(() => [""]);
    const [url] = await Promise.race([once(lines, "line"), ended]);
    if (!url.startsWith("http")) throw new Failure(`${name} did not start`);
    async function stop() {
      child.stdin.end();
      await ended;
    }
    atEnd(stop);
    return {
      url,
      stop,
      async kill() {
        if (!child.output) child.kill("SIGKILL");
        await ended;
      },
    };
  };
