/** `--find`: the highest rate that holds a rule, each try a run of its own. */
import process from "node:process";
import { type Expectation, parseExpectation } from "./expect.ts";
import { Failure, main } from "./failure.ts";
import { formatSeconds } from "./format.ts";
import { interval, nextRate, type Tried } from "./highest_rate.ts";
import { onInterrupt } from "./interrupt.ts";
import { many } from "./options.ts";
import { startScript, startServer } from "./script.ts";
import type { Summary } from "./summary.ts";

/** A rule, and its text. */
export interface Rule {
  text: string;
  broken: Expectation;
}

export const findOption = many<Rule>(
  "RULE",
  "the highest rate at which it holds, as in 'p99<200ms'; may be repeated",
  (text) => ({ text, broken: parseExpectation(text) }),
);

interface FindOptions {
  find: Rule[];
  rate: { limit: number; per: number }[];
  append: boolean;
  json: boolean;
  seed: number;
  url?: string;
  targets?: unknown;
}

/**
 * Runs `script` with this process's own options at one rate after the other,
 * from the one of --rate on, and prints the interval in which the highest rate
 * lies. Calls that were not sent in time break every rule.
 */
export async function findHighestRate(script: string, options: FindOptions) {
  const rules = options.find.map(({ text }) => text).join(" and ");
  await main(async () => {
    const { signal, dispose } = onInterrupt();
    const own = options.url || options.targets
      ? undefined
      : await startServer("target.ts", "--seed", String(options.seed));
    const url = own ? ["--url", `${own.url}/?id={id}`] : [];
    const [{ limit, per }] = options.rate as [FindOptions["rate"][0]];
    const tried: Tried[] = [];
    const search = { start: limit / per };
    try {
      for (let rate; (rate = nextRate(tried, search)) !== undefined;) {
        const given = [
          ...ownOptions(),
          ...url,
          "--rate",
          String(rate),
          "--json",
        ];
        if (tried.length > 0 && !options.append) given.push("--append");
        const stdout = await startScript(script, given, signal).ended;
        tried.push({
          rate,
          held: judge(rate, JSON.parse(stdout), options.find),
        });
      }
    } finally {
      await own?.stop();
      dispose();
    }
    const { held, broken } = interval(tried);
    console.log(
      options.json
        ? JSON.stringify({ find: rules, held, broken, tried })
        : result(rules, held, broken),
    );
    if (held === undefined) throw new Failure(`${rules} held at no rate`);
  });
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
    .concat(unsent > 0 ? `${unsent} calls were not sent` : undefined)
    .filter((reason) => reason !== undefined);
  const found = broken.length > 0 ? broken : ["holds"];
  console.error(
    `${rate}/s: p99 ${formatSeconds(response?.p99)}, success ` +
      `${(success * 100).toFixed(2)}%: ${[...found, ...doubts].join("; ")}`,
  );
  return broken.length === 0;
}

function result(rules: string, held?: number, broken?: number): string {
  const upTo = broken ? `, not at ${broken}/s` : ", the highest that is tried";
  return held === undefined
    ? `${rules} does not hold even at ${broken}/s`
    : `${rules} holds up to ${held}/s${upTo}`;
}
