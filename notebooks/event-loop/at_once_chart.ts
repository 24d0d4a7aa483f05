/** How many of many simultaneous requests succeed, with and without a queue. */
import { max, sum } from "d3-array";
import * as Plot from "@observablehq/plot";
import { compare, whyNoClaim } from "../kit/comparison/mod.ts";
import {
  axis,
  callsOf,
  type Chart,
  conclusion,
  facetLabels,
  facets,
  formatClosely,
  impossible,
  leftOut,
  percent,
  plusMinus,
  spread,
  tip,
  unbroken,
} from "../kit/mod.ts";
import { formatNumber, formatSeconds } from "../../lib/format.ts";
import { whole } from "../kit/combinations/mod.ts";
import { medianTrial, type Trial } from "../kit/trials/mod.ts";

/** The trials of both ways, and those of the consumers behind the queue. */
interface AtOnce {
  direct: Trial[];
  queued: Trial[];
  consumed: Trial[];
}

/** How many requests had been answered OK, and done by the service, over time. */
export function atOnceChart({ direct, queued, consumed }: AtOnce): Chart {
  const all = [
    { route: "/direct", what: "answered", of: direct },
    { route: "/queued", what: "answered", of: queued },
    { route: "/queued", what: "done by the service", of: consumed },
  ].filter(({ of }) => of.length > 0);
  const shown = all.map(({ route, what, of }, index) => {
    const { rows, summary } = medianTrial(of);
    const calls = callsOf(rows);
    // What a consumer calls was due when it was published.
    const ends = calls.filter(({ isOk }) => isOk).map(({ end }) => end)
      .sort((a, b) => a - b);
    const steps = [0, ...ends].map((time, count) => ({ time, count }));
    return {
      name: `${route}, ${what}`,
      ends,
      label: `${route}: ${whole(ends.length)} of ${whole(summary.calls)} ` +
        what,
      color: ["var(--sync)", "var(--async)", "var(--semaphore)"][index]!,
      steps: thinned(steps),
    };
  });
  const labels = shown.map(({ label }) => label);
  const end = max(shown, ({ steps }) => steps.at(-1)!.time) || 1;
  const most = max(shown, ({ steps }) => steps.at(-1)!.count) || 1;
  return {
    name: "at-once",
    title: title({ direct, queued, consumed }),
    sentence: "How many requests had been answered with 200 by a moment, and " +
      "how many the service had done, in the trials with the median total " +
      "time. The service is the same, with the same limit; who is not let " +
      "through without a queue is told to come back later.",
    plot: () => ({
      height: labels.length * 110 + 60,
      marginLeft: 60,
      x: axis("time since the first request was due (s)", { domain: [0, end] }),
      y: {
        label: null,
        domain: [0, 1.05 * most],
        grid: true,
        tickSize: 0,
        ticks: 3,
      },
      fy: { ...facets(labels), padding: 0.3 },
      marks: [
        shown.map(({ name, label, color, steps }) => [
          Plot.areaY(
            [...steps, { time: end, count: steps.at(-1)!.count }],
            {
              x: "time",
              y: "count",
              fy: () => label,
              curve: "step-after",
              fill: color,
              fillOpacity: 0.35,
              ...tip(name, "{count} by {time} s"),
            },
          ),
          Plot.lineY(steps, {
            x: "time",
            y: "count",
            fy: () => label,
            curve: "step-after",
            stroke: color,
            strokeWidth: 1.5,
            ...tip(name),
          }),
        ]),
        facetLabels(labels, -42),
      ],
      table: () => ({
        heading: ["", "How many", "A quarter by (s)", "Half (s)", "All (s)"],
        rows: shown.map(({ name, ends }) => [
          name,
          String(ends.length),
          ...[0.25, 0.5, 1].map((share) =>
            formatClosely(ends[Math.ceil(share * ends.length) - 1])
          ),
        ]),
      }),
    }),
  };
}

const MOST_STEPS = 200;

/** At most {@link MOST_STEPS} of them, the last one included. */
function thinned<Step>(steps: Step[]): Step[] {
  const every = Math.ceil(steps.length / MOST_STEPS);
  return steps.filter((_, index) =>
    index % every === 0 || index === steps.length - 1
  );
}

function title({ direct, queued, consumed }: AtOnce): string {
  const lost = whyNoClaim([
    { label: "/direct", trials: direct },
    { label: "/queued", trials: queued },
    { label: "the consumers", trials: consumed },
  ]);
  if (lost) return `No comparison of how many are answered OK: ${lost}`;
  const took = spread(consumed, ({ seconds }) => seconds);
  const [accepted, done] = [queued, consumed]
    .map((trials) => sum(trials, ({ summary }) => summary.ok));
  const left = leftOut(
    [{ label: "the time until the service has done them", trials: consumed }],
    ({ summary }) => summary.seconds,
    impossible,
  );
  const said = answeredTitle(direct, queued) + left;
  if (!took || accepted === 0) return said;
  return accepted === done
    ? `${said}, and the service has done them in ${formatSeconds(took.value)}`
    : `${said}, and the service has done ${whole(done!)} of ${
      whole(accepted!)
    }`;
}

/** Whether more are answered OK with a queue. */
function answeredTitle(direct: Trial[], queued: Trial[]): string {
  const [without, withQueue] = [direct, queued]
    .map((trials) => spread(trials, ({ success }) => 100 * success));
  const one = without &&
    `${percent(without.value)} are answered OK without a queue`;
  const other = withQueue && `${percent(withQueue.value)}`;
  if (!one || !other) return one ?? `${other} are answered OK with a queue`;
  return conclusion(
    compare(without.values, withQueue.values),
    `/direct (${percent(without.value)}) and /queued (${other}) in how many ` +
      "are answered OK",
    () => `${one}, ${other} with one`,
  );
}

/** How many requests the webhook, the consumer and the service counted. */
export function requestCounts({ queued, consumed }: AtOnce): string {
  const accepted = sum(queued, ({ summary }) => summary.ok);
  const done = sum(consumed, ({ summary }) => summary.ok);
  const served = sum(consumed, ({ run }) => run?.service?.accepted ?? 0);
  const refused = sum(consumed, ({ run }) => run?.service?.rejected ?? 0);
  const left = sum(consumed, ({ run }) => run?.left ?? 0);
  const rate = spread(consumed, ({ rate }) => rate);
  return unbroken(
    `The books of all trials: ${whole(accepted)} accepted with a 200, ` +
      `${whole(done)} called by the consumers, ${whole(served)} done by the ` +
      `service's own count, ${whole(refused)} refused with a 429, ` +
      `${whole(left)} left in the queue. The consumer called ` +
      `${rate ? plusMinus(rate, formatNumber) : "-"} times a second.`,
  );
}
