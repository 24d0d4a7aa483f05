/** One server that freezes, under two load models. */
import { rollups, sum } from "d3-array";
import { isFromSent } from "./kit/comparison/mod.ts";
import {
  bullets,
  cell,
  type Chapter,
  closing,
  comparable,
  fewTrials,
  type Figure,
  figure,
  type Html,
  html,
  machineList,
  missing,
  otherCauses,
  problemList,
  provenance,
  reading,
  spread,
  table,
  trialOrder,
} from "./kit/mod.ts";
import { formatNumber, formatSeconds } from "../lib/format.ts";
import {
  callsInTime,
  freezes,
  type Load,
  percentileCurve,
  ratesInTime,
} from "./load-models/mod.ts";
import { listing, part } from "./kit/snippets/mod.ts";
import {
  cutOff,
  isCutOff,
  isLoopback,
  readTrials,
  type Trial,
} from "./kit/trials/mod.ts";
import type { Distribution } from "../lib/statistics.ts";
import type { Summary } from "../lib/summary.ts";

const url = (key: string) =>
  "'http://127.0.0.1:8080/stall?at=2s&for=500ms&every=20s&delay=5ms" +
  `&key=${key}'`;

/** What measures each; the server that freezes is the target. */
const commands = {
  attack: "deno run -A scripts/attack.ts --rate 200 --duration 5s " +
    `--url ${url("attack")}`,
  users: "deno run -A scripts/users.ts --users 2 --think 5ms --spawn-rate 0 " +
    `--duration 5s --url ${url("users")}`,
};

const models = [
  { label: "attack", whose: "the attack's", isOpen: true },
  { label: "users", whose: "the users'", isOpen: false },
] as const;

const p99 = {
  name: "p99",
  of: ({ response }: Summary) => response?.p99,
  format: formatSeconds,
};

function write(folder: string): Chapter {
  const all = models.map((model) => ({
    ...model,
    ...comparable(readTrials(folder, model.label)),
    color: `var(--${model.label})`,
  }));
  const problems = all.flatMap(({ problems }) => problems);
  const loads = all.filter(({ trials }) => trials.length > 0);
  const absent = all.filter(({ trials }) => trials.length === 0);
  const runs = loads.flatMap(({ trials }) =>
    trials.flatMap(({ run }) => run ?? [])
  );
  const order = trialOrder(loads, p99, "model");
  const percentiles = loads.length > 0 ? percentileCurve(loads) : undefined;

  const body = html`
    <p>A server that freezes for a moment makes people wait. Does a load test say so?
    It depends on who calls: an attack, whose calls are due at a given rate, whatever
    becomes of those before, or users, each of whom waits for an answer, thinks, and
    only then calls again. These are the open and the closed load model. While the
    server is frozen the users send nothing, so that hardly any of their calls meets
    the freeze: <em>coordinated omission</em>, as Gil Tene calls it.</p>
    ${doubts(loads)}
    ${problemList(problems, folder)}
    ${[...all.flatMap(({ notes }) => notes), ...fromSent(loads)].map(notice)}

    <h2>What the posts say</h2>
    <p>A post attacked a server with 500 calls a second for 5&nbsp;s: 58.68&nbsp;% of
    the 2,500 succeeded, and the median took 25.8&nbsp;s. Another met its server with
    2,000 users, 50 more each second, for 30&nbsp;s, and with 400 plain
    connections.</p>

    <h2>The two models</h2>
    <p>All that differs is when the next call is sent.</p>
    ${models.map(({ label }) => listing(label, "load"))}
    <h3>scripts/load/arrivals.ts</h3>
    <p>When a call of the attack is due is a pure function of its number.</p>
    ${part("scripts/load/arrivals.ts", "pacing", {
      idea: /sqrt|return count|timeOf\(n/,
      frame: "arrivals",
    })}

    <h2>What we found</h2>
    ${machineList(runs)}
    ${absent.map(({ label }) =>
      missing(
        `The ${label} load`,
        `deno run -A scripts/target.ts --port 8080 &\n${commands[label]}`,
      )
    )}
    ${percentiles && [
      figure(percentiles),
      figure(callsInTime(loads)),
      figure(ratesInTime(loads)),
    ]}
    ${order && figure(order)}

    <h2>All figures</h2>
    <p>In the order that load testers know: ${reading}. Status codes and errors are
    counted in all trials together. Response time is from due to the last byte, service time from sent. Percentiles
    are exact, of all calls, by linear interpolation (type 7, as in numpy and
    d3).</p>
    ${loads.length > 0 && figures(loads)}

    ${closing(provenance(runs), limits(loads))}
  `;
  return { body, found: percentiles ?? "Nothing was measured", runs, problems };
}

export default {
  chapter: 3,
  title: "Two ways to load a server",
  write,
};

/** Which runs are not to be trusted, and why. */
function doubts(loads: Load[]): Html[] {
  return loads.flatMap(({ label, trials }) =>
    trials.flatMap(({ run }) => {
      const { run: id, doubts = [] } = run ?? {};
      const cut = run && isCutOff(run) &&
        notice(
          `Run ${id} of ${label} ${cutOff(run)}; its figures ` +
            "are those of the calls until then",
        );
      const doubtful = doubts.length > 0 && html`
        <div class="notice">
          <p>Run ${id} of ${label} is not to be trusted:</p>
          ${bullets(doubts)}
        </div>
      `;
      return [cut, doubtful].filter((part) => typeof part === "object");
    })
  );
}

/** Response times from sent hide how long calls waited. */
function fromSent(loads: Load[]): string[] {
  return loads.filter(isFromSent).map(({ label }) =>
    `How long the calls of ${label} waited until they were sent was not ` +
    "measured: response times are from sent"
  );
}

function notice(text: string): Html {
  return html`<p class="notice">${text}.</p>\n`;
}

type Line = [string, Figure, (value: number) => string];

const lines: Line[] = [
  ["Requests", ({ calls }) => calls, whole],
  ["Requests per second", ({ rate }) => rate, formatNumber],
  ["OK per second", unlessGap(({ throughput }) => throughput), formatNumber],
  ["Duration", unlessGap(({ seconds }) => seconds), formatSeconds],
  ["Not sent", ({ unsent }) => unsent, whole],
  ["Not readable", ({ unread = 0 }) => unread, whole],
  ...latencies("Response", ({ response }) => response),
  ...latencies("Service", ({ elapsed }) => elapsed),
  ["Success", ({ success }) => success * 100, percent],
];

/** Undefined where a file has two runs, of which neither has a rate. */
function unlessGap(figure: Figure): Figure {
  return (summary) => summary.gap === undefined ? figure(summary) : undefined;
}

function latencies(
  what: string,
  of: (summary: Summary) => Distribution | undefined,
): Line[] {
  const names = ["min", "mean", "p50", "p90", "p95", "p99", "max"] as const;
  return names.map((name) => [
    `${what} time, ${name}`,
    (summary) => of(summary)?.[name],
    formatSeconds,
  ]);
}

function whole(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 1 });
}

function percent(value: number): string {
  return `${value.toFixed(2)} %`;
}

function figures(loads: Load[]): Html {
  const counted = (pick: (summary: Summary) => Record<string, number>) =>
    loads.map(({ trials }) => counts(trials, pick));
  return table(["Figure", ...loads.map(({ label }) => label)], [
    ["Trials", ...loads.map(({ trials }) => trials.length)],
    ...lines.map(([name, figure, format]) => [
      name,
      ...loads.map(({ trials }) => cell(spread(trials, figure), format)),
    ]),
    ["Status codes", ...counted(({ status }) => status)],
    ["Errors", ...counted(({ errors }) => errors)],
  ]);
}

/** As in `200: 990, 503: 10`. */
function counts(
  trials: Trial[],
  pick: (summary: Summary) => Record<string, number>,
): string {
  const all = trials.flatMap(({ summary }) => Object.entries(pick(summary)));
  const text = rollups(
    all,
    (same) => sum(same, ([, count]) => count),
    ([name]) => name,
  ).map(([name, count]) => `${name}: ${whole(count)}`).join(", ");
  return text || "none";
}

function limits(loads: Load[]): (string | false)[] {
  if (loads.length === 0) return ["Nothing: nothing was measured."];
  const trials = loads.flatMap(({ trials }) => trials);
  const failed = sum(trials, ({ summary }) => summary.failed);
  const unsent = sum(trials, ({ summary }) => summary.unsent);
  return [
    fewTrials(loads, "model"),
    ...otherCauses(loads),
    "Neither model is wrong. People who wait before they click again are users; " +
    "a site that strangers come to is attacked. Which of the two a server " +
    "meets, no measurement of it can say.",
    trials.some(freezes) &&
    "The server froze because it was told to, for as long as it was told. How " +
      "often yours does, and for how long, only yours can say.",
    "A p99 hides whatever befalls less than a hundredth of the calls. A longer " +
    "run with the same freeze hides it in the attack's p99 too.",
    trials.some(isLoopback) &&
    "Client and server shared one machine, and took processor time " +
      "from each other. There was no network that delays or loses anything.",
    failed > 0 && `Of all calls ${whole(failed)} failed; the times of those ` +
      "are among the others, though nobody got what they waited for.",
    unsent > 0 &&
    `${whole(unsent)} calls were due and never sent. They are in ` +
      "no percentile, though nobody waits longer than whoever is never served.",
    "The posts called other servers with other tools. Their figures can't be " +
    "compared with ours.",
  ];
}
