/** Runs this project's scripts as a person types them in a shell, by zx. */
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { $ } from "zx/core";
import {
  asParent,
  Failure,
  type Interrupt,
  main,
  onInterrupt,
  orInterrupted,
} from "../../lib/exit.ts";
import { command, type Program } from "../../lib/runtime.ts";

// Any system has it, where bash may be missing, with quotes of its own.
$.shell = "/bin/sh";
$.quote = (word) => `'${word.replaceAll("'", `'\\''`)}'`;
// The shell becomes the program, so that a signal reaches it.
$.prefix = "exec ";
// Not the processes below it: what they started they end themselves.
$.kill = (pid, signal) => {
  process.kill(Number(pid), signal);
  return Promise.resolve();
};
// Ctrl-C on the terminal reaches this process alone, which passes it on.
$.detached = true;
$.quiet = true;

export { $ };

let signals: Pick<Interrupt, "signal" | "again"> = {
  signal: new AbortController().signal,
  again: new AbortController().signal,
};

/**
 * Does the work of a script that runs others, and is its exit code. Ctrl-C ends
 * the scripts that are running in order, and a second one their open calls; the
 * script then says `hint`.
 */
export async function chapter(
  hint: string,
  work: (signal: AbortSignal) => Promise<unknown>,
): Promise<void> {
  await main(async () => {
    const { signal, again, dispose } = onInterrupt({ twice: true });
    signals = { signal, again };
    try {
      await work(signal);
    } catch (error) {
      throw orInterrupted(error, signal, hint);
    } finally {
      dispose();
    }
  });
}

type Value = string | number | string[];

/** The words of a command line: a value is one word, and a list is so many. */
export function words(
  texts: TemplateStringsArray,
  ...values: Value[]
): string[] {
  const all = [""];
  texts.forEach((text, index) => {
    const [first, ...more] = text.split(/\s+/);
    all.push(all.pop() + first!, ...more);
    const value = values[index] ?? "";
    if (Array.isArray(value)) all.push(...value, "");
    else all.push(`${all.pop()}${value}`);
  });
  return all.filter((word) => word !== "");
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

type Template<Result> = (
  texts: TemplateStringsArray,
  ...values: Value[]
) => Result;

/** Runs a script of scripts/ to its end, and resolves to what it wrote to stdout. */
export const run: Template<Promise<string>> = (...line) => start(...line).ended;

/** Starts a script of scripts/, as in start`consumer.ts --calls ${calls}`. */
export const start: Template<Script> = (...line) => startBy()(...line);

/** Starts a script by another runtime than this one. */
export function startBy(by?: Program): Template<Script> {
  return (...typed) => {
    const { script, line } = lineOf(words(...typed), by);
    const env = { ...process.env, ...asParent() };
    const running = $({ env, nothrow: true })`${line}`;
    const { signal, again } = signals;
    let isStopped = false;
    let isOver = false;
    // Decoded by the stream: a character may be torn between two chunks.
    running.stdout.setEncoding("utf8");
    let said = "";
    running.stderr.setEncoding("utf8").on("data", (text) => said += text);
    function interrupt() {
      if (!isOver) running.kill("SIGTERM");
    }
    for (const each of [signal, again]) {
      each.addEventListener("abort", interrupt);
    }
    if (signal.aborted) interrupt();

    async function end(): Promise<string> {
      const { exitCode, stdout, stderr } = await running;
      isOver = true;
      for (const each of [signal, again]) {
        each.removeEventListener("abort", interrupt);
      }
      if (signal.aborted) throw new Failure("interrupted", 130);
      if (exitCode === 0 || isStopped && exitCode === 130) return stdout;
      throw new Failure(`${script} failed:\n${stderr.trim()}`);
    }

    const ended = end();
    // Who awaits it later gets the error then.
    ended.catch(() => {});
    return {
      pid: running.pid!,
      ended,
      stop() {
        isStopped = true;
        interrupt();
        return ended;
      },
      async kill() {
        if (!isOver) running.kill("SIGKILL");
        await ended.catch(() => {});
      },
      async said(text) {
        const over = ended.then(() => true, () => true);
        while (!said.includes(text)) {
          const more = once(running.stderr, "data");
          if (await Promise.race([over, more]) === true) break;
        }
      },
    };
  };
}

/** A server that is a process of its own. */
export interface Server {
  url: string;
  stop(): Promise<void>;
  /** Ends it as it is, with all that it has still to do. */
  kill(): Promise<void>;
}

/**
 * Starts a server of scripts/ on any free port, and resolves when it listens. It
 * ends with this process, however that may end.
 */
export const serve: Template<Promise<Server>> = (...line) => serveBy()(...line);

/** Starts a server by another runtime than this one. */
export function serveBy(by?: Program): Template<Promise<Server>> {
  return async (...typed) => {
    const { script, line } = lineOf(words(...typed), by);
    const stdio = ["pipe", "pipe", "inherit"] as const;
    const running = $({
      stdio: [...stdio],
      nothrow: true,
    })`${line} --port 0 --until-eof`;
    const lines = createInterface({ input: running.stdout });
    const [url] = await Promise.race([
      once(lines, "line"),
      running.then(() => [""]),
    ]);
    if (!url.startsWith("http")) throw new Failure(`${script} did not start`);
    return {
      url,
      async stop() {
        running.stdin.end();
        await running;
      },
      async kill() {
        running.kill("SIGKILL");
        await running;
      },
    };
  };
}

/** The command line of a script, and what to call it in a message. */
function lineOf([script, ...options]: string[], by?: Program) {
  const file = fileURLToPath(new URL(`../${script}`, import.meta.url));
  return {
    script: by ? `${script} on ${by.name}` : script,
    line: [...command(file, undefined, by), ...options],
  };
}
