/** `--find`: the highest rate that holds a rule, each try a run of its own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { type Expectation, parseExpectation } from "../../lib/expect.ts";
import { asParent, Failure, main, onInterrupt } from "../../lib/exit.ts";
import { command } from "../../lib/runtime.ts";
import { many, wrong } from "../../lib/options.ts";
import { formatSeconds } from "../../lib/format.ts";
import { interval, nextRate, type Tried } from "./highest_rate.ts";
import { type MeasuringOptions, startTarget } from "../../lib/measure.ts";
import type { Rate } from "../throttle/mod.ts";
import type { Summary } from "../../lib/summary.ts";

/** What a search for the highest rate that holds a rule came to. */
export interface Highest {
  /** As in `p99<200ms and success>=0.99`. */
  find: string;
  /** Requests per second; not there if the rule held at none. */
  held?: number;
  /** The lowest rate at which the rule broke; not there if it never did. */
  broken?: number;
  /** Whether the generator, and not the server, ended the search. */
  limited: boolean;
}

/** A rule, and its text. */
interface Rule {
  text: string;
  broken: Expectation;
}

export const findOption = many<Rule>(
  "RULE",
  "print the highest rate at which it holds, as in 'p99<200ms', and 99 % " +
    "succeed, unless a rule says otherwise; may be repeated",
  readRule,
);

function readRule(text: string): Rule {
  return { text, broken: parseExpectation(text) };
}

const SUCCESS = readRule("success>=0.99");

interface FindOptions extends MeasuringOptions {
  find: Rule[];
  rate: Rate[];
}

/** A try, and why it can't be trusted, if so. */
interface Try extends Tried {
  doubts: string[];
}

/**
 * Runs `script` with this process's own options at one rate after the other,
 * from the one of --rate on, and prints the interval in which the highest rate
 * lies. Calls that were not sent in time break every rule. Where the generator
 * is in doubt twice, the search ends: the server's limit may be above its own.
 */
export async function findHighestRate(script: string, options: FindOptions) {
  const [first, second] = options.rate;
  if (second) wrong("--find takes one --rate, to start from");
  if (options.expect.length > 0) {
    wrong("--find says it all: leave out --expect");
  }
  const hasSuccess = options.find.some(({ text }) => /^success/.test(text));
  const rules = [...options.find, ...hasSuccess ? [] : [SUCCESS]];
  const start = first!.limit / first!.per;
  const tried: Try[] = [];
  let runs = 0;

  await main(async () => {
    const { signal, again, dispose } = onInterrupt({ twice: true });
    const target = await startTarget(options);
    const url = target ? ["--url", target.url] : [];
    const name = options.name ? [] : ["--name", "find"];

    async function attack(rate: number) {
      const own = ["--rate", String(rate), "--json", ...url, ...name];
      if (runs++ > 0) own.push("--append");
      const all = [...ownOptions(), ...own];
      const said = await runScript(script, all, [signal, again]);
      const summary: Summary = JSON.parse(said);
      const held = judge(rate, summary, rules);
      tried.push({ rate, held, doubts: summary.doubts ?? [] });
      return held || summary.doubts!.length === 0;
    }

    let limited = false;
    try {
      const search = { start, least: Math.min(1, start) };
      for (let rate; (rate = nextRate(tried, search)) !== undefined;) {
        if (await attack(rate)) continue;
        tried.pop();
        limited = !await attack(rate);
        if (limited) break;
      }
    } finally {
      const { held, broken } = interval(tried);
      const find = rules.map(({ text }) => text).join(" and ");
      console.log(
        options.json
          ? JSON.stringify({ find, held, broken, limited, tried })
          : result(find, held, broken) + (limited
            ? `, where the generator was in doubt: ${tried.at(-1)!.doubts[0]}`
            : ""),
      );
      await target?.stop();
      dispose();
    }
    const { held } = interval(tried);
    // The JSON says it already.
    const isSaid = options.json && tried.length > 0;
    if (held === undefined && !isSaid) throw new Failure("no rate was found");
  });
}

/** Runs a script to its end, each signal an interrupt; resolves to its stdout. */
async function runScript(
  script: string,
  options: string[],
  signals: AbortSignal[],
): Promise<string> {
  const file = fileURLToPath(new URL(`../${script}`, import.meta.url));
  const [program, ...rest] = command(file);
  const env = { ...process.env, ...asParent() };
  // Ctrl-C on the terminal reaches this process alone, which passes it on.
  const child = spawn(program!, [...rest, ...options], { detached: true, env });
  const interrupt = () => void process.kill(child.pid!, "SIGTERM");
  for (const signal of signals) signal.addEventListener("abort", interrupt);
  const [stdout, stderr] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  for (const signal of signals) signal.removeEventListener("abort", interrupt);
  if (signals[0]!.aborted) throw new Failure("interrupted", 130);
  if (child.exitCode === 0) return stdout;
  throw new Failure(`${script} failed:\n${stderr.trim()}`);
}

/** The command line without --find. */
function ownOptions(): string[] {
  return process.argv.slice(2).filter((word, index, words) =>
    !/^--find(=|$)/.test(word) && words[index - 1] !== "--find"
  );
}

function judge(rate: number, summary: Summary, rules: Rule[]): boolean {
  const { response, success, unsent, doubts = [] } = summary;
  const broken = rules.map(({ broken }) => broken(summary))
    .concat(unsent > 0 ? `${unsent} not sent` : undefined)
    .filter((reason) => reason !== undefined);
  const found = broken.length > 0 ? broken : ["holds"];
  console.error(
    `${rate}/s: p99 ${formatSeconds(response?.p99)}, success ` +
      `${(success * 100).toFixed(2)}%: ${[...found, ...doubts].join("; ")}`,
  );
  return broken.length === 0;
}

function result(find: string, held?: number, broken?: number): string {
  if (held === undefined && broken === undefined) return "nothing was tried";
  if (held === undefined) return `${find} does not hold even at ${broken}/s`;
  const upTo = broken ? `, not at ${broken}/s` : ", the highest that was tried";
  return `${find} holds up to ${held}/s${upTo}`;
}
