/** Six ways of calling against five kinds of rate limit. */
import { flatGroup } from "d3-array";
import {
  bullets,
  cell,
  type Chapter,
  type Chart,
  closing,
  figure,
  type Html,
  html,
  machineList,
  missing,
  missingParts,
  otherCauses,
  problemList,
  provenanceBy,
  reading,
  spreadOf,
  table,
  trialOrder,
} from "./kit/mod.ts";
import {
  count,
  type Counted,
  differences,
  extremes,
  isSame,
  overTime,
  percent,
  range,
  readCounted,
  refusedChart,
  type Strategy,
  trialsOfEach,
  used,
  usedChart,
} from "./rate-limit/mod.ts";
import {
  isLoopback,
  measuredNames,
  medianTrial,
  readTrials,
  type Trial,
} from "./kit/trials/mod.ts";
import { listing, part } from "./kit/snippets/mod.ts";
import type { Summary } from "../lib/summary.ts";

const command = "deno run -A scripts/limits.ts";

const kinds = ["fixed", "sliding-log", "sliding-counter", "bucket", "gcra"];

/** What each is called, and what it suits. */
const strategies: Record<string, { label: string; suits: string }> = {
  "naive": {
    label: "naive",
    suits: "All at once suits a server without a limit, or fewer calls than " +
      "it allows in one moment.",
  },
  "semaphore": {
    label: "semaphore",
    suits: "A semaphore suits a server that minds how many calls it has at " +
      "once. How many start in a second depends on how fast it answers.",
  },
  "semaphore-pause": {
    label: "semaphore + pause",
    suits: "A pause bounds the calls in a second, but by its own length, " +
      "whatever the limit would allow.",
  },
  "throttle": {
    label: "throttle",
    suits: "Throttle suits a limit that is known.",
  },
  "adaptive": {
    label: "adaptive",
    suits: "Adaptive suits a limit that nobody tells, where a few refusals " +
      "may be the price of finding it.",
  },
  "p-throttle": {
    label: "p-throttle",
    suits: "p-throttle lets all calls of a second start in one moment. That " +
      "suits a known limit that is counted by the second, and not one that " +
      "wants them spread.",
  },
};

const pairs = Object.keys(strategies)
  .flatMap((strategy) => kinds.map((kind) => ({ strategy, kind })));

interface Found {
  counted: Counted[];
  /** By their strategy and kind, as in `throttle/gcra`. */
  trials: Map<string, Trial[]>;
  problems: string[];
}

function write(folder: string): Chapter {
  const { counted, trials, problems } = read(folder);
  const measured = Object.entries(strategies).map(([name, about]) => (
    { ...about, counted: counted.filter(({ strategy }) => strategy === name) }
  )).filter(({ counted }) => counted.length > 0);
  const all = [...trials.values()].flat();
  const order = inOrder(counted, trials);
  const usedBy = measured.length > 0 ? usedChart(measured, kinds) : undefined;

  const runs = all.flatMap(({ run }) => run ?? []);
  const body = html`
    <p>A server allows 100 requests a second and answers 429 to all above. Which way
    of calling gets the most through, if no call is to be refused? Servers count in
    different ways, and the answer has to hold for all of them.</p>

    <h2>What the post says</h2>
    <p>The question comes from a post about Python's asyncio, whose author polled an
    interface with that limit. Its first version started all
    calls at once and was soon refused. Its answer was a semaphore of 3 that holds a
    permit for a second after the answer, if all are taken: 3 calls a second, which is
    3&nbsp;% of what is allowed.</p>

    <h2>The strategies</h2>
    <p>Naive is all at once. The semaphore's pause is none, or the post's second.
    Throttle paces the calls evenly at the limit; adaptive is the same, but has to find
    the limit. p-throttle is the library that people reach for, in its strict mode.</p>
    <p>Of the limits, the fixed one starts anew with each second. The sliding log
    counts the second before each call; the sliding counter estimates that from two
    counts. The bucket saves up to a second's calls for later. The GCRA wants calls
    spread evenly, and forgives a few at once.</p>
    ${["async", "semaphore", "throttle", "p-throttle"]
      .map((script) => listing(script, "limited"))}
    <h3>scripts/throttle/pace.ts</h3>
    <p>When throttle's next call is due is a pure function of time.</p>
    ${part("scripts/throttle/pace.ts", "pace", {
      idea: /^ {2}return/,
      frame: "pace",
    })}

    <h2>What we found</h2>
    ${problemList(problems, folder)}
    ${machineList(runs)}
    ${notMeasured(counted)}
    ${inTime(trials)}
    ${usedBy && figure(usedBy)}
    ${usedBy && figure(refusedChart(measured, kinds))}
    ${order && figure(order)}

    <h2>Which to use when</h2>
    ${measured.length > 0 && html`<p>The figures are what was seen
in these trials, ${trialsOfEach(counted)}, from the least to the most.</p>`}
    ${bullets(measured.map((each) => `${each.suits} ${figuresOf(each)}`))}

    <h2>All figures</h2>
    <p>By the server's own count: ${reading}. Throttle and adaptive try a refused call again;
    to the others it is lost.</p>
    ${figures(counted)}
    ${agreement(counted, all)}

    ${closing(provenanceBy(runs), limits(counted, all))}
  `;
  return { body, found: usedBy ?? "Nothing was measured", runs, problems };
}

export default {
  chapter: 2,
  title: "The most calls that a rate limit lets through",
  write,
};

/** The server's counts, and the rows of the same runs. */
function read(folder: string): Found {
  const { counted, problems } = readCounted(folder, pairs);
  const there = measuredNames(folder);
  const trials = new Map<string, Trial[]>();
  for (const pair of pairs) {
    const { strategy, kind } = pair;
    const isThere = there.includes(`${strategy}-${kind}`);
    if (!isThere && !counted.some(isSame(pair))) continue;
    const name = `${strategy}/${kind}`;
    const measured = readTrials(folder, name);
    trials.set(name, measured.trials);
    problems.push(...measured.problems);
  }
  return { counted, trials, problems };
}

/** The pairs that are missing, and the command that measures them. */
function notMeasured(counted: Counted[]): Html | undefined {
  if (counted.length === 0) {
    return missing("What the server let through", command);
  }
  const labels = Object.values(strategies).map(({ label }) => label);
  const has = (label: string, kind: string) =>
    counted.some((run) =>
      strategies[run.strategy]!.label === label && run.kind === kind
    );
  const lacksAll = (label: string) => `${label} (any kind)`;
  return missingParts(labels, kinds, has, command, lacksAll);
}

/** The strategies over time, against a kind of limit that counts exactly. */
function inTime(trials: Map<string, Trial[]>): Html | undefined {
  const [shown] = ["sliding-log", ...kinds].map((kind) => ({
    kind,
    strategies: Object.entries(strategies).flatMap(([name, { label }]) => {
      const found = trials.get(`${name}/${kind}`) ?? [];
      return found.length > 0 ? [{ label, trial: medianTrial(found) }] : [];
    }),
  })).filter(({ strategies }) => strategies.length > 0);
  return shown && figure(overTime(shown.strategies, shown.kind));
}

/** The trials of each pair, in strips by strategy. */
function inOrder(
  counted: Counted[],
  trials: Map<string, Trial[]>,
): Chart | undefined {
  const shares = new Map(counted.map((run) => [run.run, percentUsed(run)]));
  const sides = pairs.flatMap(({ strategy, kind }) => {
    const label = `${strategy}/${kind}`;
    const found = trials.get(label) ?? [];
    const strip = strategies[strategy]!.label;
    const side = { label, strip, color: "var(--async)", trials: found };
    return found.length > 0 ? [side] : [];
  });
  const share = {
    name: "share of the limit",
    of: ({ run }: Summary) => shares.get(run),
    format: oneDecimal,
  };
  return trialOrder(sides, share, "pair");
}

function percentUsed(run: Counted): number {
  return used(run) * 100;
}

function oneDecimal(value: number): string {
  return `${value.toFixed(1)} %`;
}

function figuresOf(strategy: Strategy): string {
  const refused = extremes(strategy, ({ rejected }) => rejected);
  const often = refused.max === 0
    ? "never refused"
    : `with ${range(refused.min, refused.max)} refused in a trial`;
  const share = percent(extremes(strategy, used));
  return `Here it used ${share} of what was allowed, ${often}.`;
}

function figures(counted: Counted[]): Html {
  const heading = ["Strategy", "Limit", "Used", "429s", "Accepted", "Trials"];
  const rows = pairs.flatMap((pair) => {
    const runs = counted.filter(isSame(pair));
    if (runs.length === 0) return [];
    return [[
      strategies[pair.strategy]!.label,
      pair.kind,
      cell(spreadOf(runs.map(percentUsed)), oneDecimal),
      cell(spreadOf(runs.map(({ rejected }) => rejected)), count),
      cell(spreadOf(runs.map(({ accepted }) => accepted)), count),
      String(runs.length),
    ]];
  });
  return table(heading, rows);
}

/** Whether the clients' rows agree with the server's counts. */
function agreement(counted: Counted[], trials: Trial[]): Html {
  const rowsOf = new Map(
    trials.map(({ summary, rows }) => [summary.run, rows]),
  );
  const both = counted.filter(({ run }) => rowsOf.has(run));
  const differing = differences(both, rowsOf);
  const shown = differing.slice(0, 10);
  if (shown.length < differing.length) shown.push("and others");
  const alone = counted.length + trials.length - 2 * both.length;
  const verdict = both.length === 0
    ? "can't be compared: no run has both."
    : differing.length === 0
    ? `agree in all ${both.length} runs that have both.`
    : `differ in ${differing.length} of the ${both.length} runs that have both:`;
  return html`
    <p>The server's counts and the clients' rows ${verdict}${alone > 0 &&
      ` Runs with only one of the two: ${alone}.`}</p>
    ${bullets(shown)}
  `;
}

function limits(counted: Counted[], trials: Trial[]): (string | false)[] {
  if (counted.length === 0) return ["Nothing: the server's count is missing."];
  const fewest = Math.min(
    ...flatGroup(counted, ({ strategy }) => strategy, ({ kind }) => kind)
      .map(([, , runs]) => runs.length),
  );
  const allowed = [...new Set(counted.map(({ limit }) => limit))];
  const together = counted.some(({ atOnce = 1 }) => atOnce > 1);
  return [
    fewest > 1
      ? "What was used and refused is what was seen, and no claim that one " +
        "strategy does better than another. A refusal that comes once in a " +
        `hundred trials is not likely to be among ${fewest} of them.`
      : "One trial of a pair can't tell chance from cause.",
    ...otherCauses([{ label: "all", trials }]),
    trials.some(isLoopback) &&
    "Client and server shared one machine. A network delays some calls " +
      "more than others, which brings evenly paced ones together.",
    together &&
    "Several kinds of limit were met at the same time by a client each, which " +
      "took processor time from each other.",
    "Only one client called. Several that share a limit have to share it out.",
    `Each limit was ${
      allowed.join(" or ")
    } requests a second. One that is counted ` +
    "by the minute lets a longer burst through, and then refuses for longer.",
    "Adaptive's share has its search in it, which weighs less in a longer run.",
    "A run ends with its last call. The pause after it isn't counted, so that " +
    "the share of a semaphore with a pause is flattered, and the more so the " +
    "shorter the run.",
    "The post doesn't say how its server counts.",
  ];
}
