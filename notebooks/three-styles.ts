/** Sync, async, semaphore, and async calls from a queue, side by side. */
import { max, sum } from "d3-array";
import { whyNoClaim } from "./kit/comparison/mod.ts";
import {
  capitalize,
  type Chapter,
  type Chart,
  closing,
  contrast,
  dotsOrBins,
  drawable,
  fewTrials,
  figure,
  figuresHeading,
  figuresRow,
  type Html,
  html,
  idOf,
  knownServer,
  leftOut,
  machineList,
  messageCounts,
  missing,
  otherCauses,
  plusMinus,
  problemList,
  provenance,
  reading,
  type Spread,
  spread,
  strips,
  table,
  times,
  trialOrder,
  undrawn,
} from "./kit/mod.ts";
import { formatNumber, formatSeconds } from "../lib/format.ts";
import { listing } from "./kit/snippets/mod.ts";
import {
  isLoopback,
  type Measured,
  measuredNames,
  medianTrial,
  MOST_IN_BINS,
  readQueue,
  readTrials,
  runsOf,
} from "./kit/trials/mod.ts";
import { distribution } from "../lib/statistics.ts";
import {
  elapsed,
  everyCall,
  milliseconds,
  overOptimum,
  total,
} from "./three-styles/mod.ts";
import type { Summary } from "../lib/summary.ts";

interface Style extends Measured {
  label: string;
  color: string;
  /** What measures it. */
  command: string;
}

/** Total, average, fastest and slowest in seconds, as the post has them. */
const post = {
  "sync": [9.57, 0.96, 0.57, 1.86],
  "async": [2.1, 0.91, 0.78, 2.1],
  "async + RabbitMQ": [5.67, 1.36, 0.65, 5.67],
};
const [postQueue, postAsync] = [post["async + RabbitMQ"][0]!, post.async[0]!];
const postRatio = formatNumber(postQueue / postAsync);

const totalTime = {
  name: "total time",
  of: ({ seconds }: Summary) => seconds,
  format: formatSeconds,
};

/** The scripts, and the frames that they run in by themselves. */
const scripts: Record<string, string> = {
  sync: "calls",
  async: "calls",
  semaphore: "calls",
  producer: "producer",
  consumer: "consumer",
};

function write(folder: string): Chapter {
  const styles = readStyles(folder);
  const queue = styles.at(-1)!;
  const { batches } = readQueue(folder, queue.name);
  const producer = readTrials(folder, "producer", {
    rules: { succeeded: ({ error }: { error: string }) => error === "" },
  });
  const problems = [...styles, producer].flatMap(({ problems }) => problems);
  const measured = styles.filter(({ trials }) => trials.length > 0);
  const drawn = drawnOf(measured);
  const quick = quickOnes(drawn);
  const order = trialOrder(drawn, totalTime, "style");
  const runs = [...measured, producer]
    .flatMap(({ trials }) => trials.flatMap(runsOf));
  const charts = measured.length === 0 ? [] : [
    everyCall(drawn),
    ...quick.length > 1 ? [everyCall(quick, "quick-calls")] : [],
    elapsed(drawn),
    total(drawn),
    overOptimum(drawn),
    ...order ? [order] : [],
  ];

  const body = html`
    <p>Calls can be made one after another, all at once, a few at a time, or by a
    consumer that takes them from a queue. How much does the choice change what
    people wait for, and how much of that is the style's own doing?</p>

    <h2>What the post says</h2>
    <p>The question comes from a post, <em>Measuring HTTP Call Performance in Three
    Styles</em>. It made 10 calls to a public site. They took ${post
      .sync[0]}&nbsp;s one
    after another, ${postAsync}&nbsp;s all at once, and ${postQueue}&nbsp;s by way of
    RabbitMQ: ${postRatio} times as long as all at once. Its consumer opened a
    client, and so a connection, for each message; ours keeps one pool of
    connections for all of them.</p>

    <h2>The styles</h2>
    <p>A style decides when the next call starts. This is all that differs between
    the scripts.</p>
    ${Object.entries(scripts).map(([script, frame]) => listing(script, frame))}
    <h2>What we found</h2>
    ${problemList(problems, folder)}
    ${machineList(runs)}
    ${styles.filter((style) => style !== queue && style.trials.length === 0)
      .map(({ label, command }) => missing(label, command))}
    ${undrawn(drawn, measured, "styles")}
    ${charts.map(figure)}

    <h2>The queue's time, taken apart</h2>
    ${queue.trials.length > 0
      ? figure(queueParts(queue, producer))
      : missing("The queue", queue.command)}
    ${comparedWithPost(styles)}
    ${batches.length > 0 && html`
      <p>Its books, over all trials:</p>
      ${messageCounts([{ label: queue.label, batches }])}
    `}

    <h2>The post's figures and ours</h2>
    <p>Ours are ${reading}. From average to p99 they are the elapsed time of one call, from sent to the last
    byte. Efficiency is the least total time that any client could need under the
    style's rule, divided by the measured one.</p>
    ${figures(styles)}

    ${closing(provenance(runs), limits(drawn))}
  `;
  const found = charts.find(({ name }) => name === "total");
  return { body, found: found ?? "Nothing was measured", runs, problems };
}

export default {
  chapter: 1,
  title: "Three ways to make calls, and a queue",
  write,
};

function readStyles(folder: string): Style[] {
  const semaphores = measuredNames(folder)
    .filter((name) => /^semaphore-\d+$/.test(name))
    .sort((a, b) => Number(a.slice(10)) - Number(b.slice(10)));
  if (semaphores.length === 0) semaphores.push("semaphore-10");
  const style = (
    name: string,
    color: string,
    command = `deno run -A scripts/${name}.ts`,
    label = name,
    read: (folder: string, name: string) => Measured = readMany,
  ) => ({ ...read(folder, name), label, color, command });
  return [
    style("sync", "var(--sync)"),
    style("async", "var(--async)"),
    ...semaphores.map((name) =>
      style(
        name,
        "var(--semaphore)",
        `deno run -A scripts/semaphore.ts --concurrency ${name.slice(10)}`,
      )
    ),
    style(
      "async_rabbitmq",
      "var(--queue)",
      "deno run -A scripts/producer.ts & deno run -A scripts/consumer.ts",
      "async + RabbitMQ",
      readQueue,
    ),
  ];
}

/** Charts of very many calls draw no call alone. */
function readMany(folder: string, name: string): Measured {
  return readTrials(folder, name, { most: MOST_IN_BINS });
}

/** All styles, unless there are very many sizes of semaphore. */
function drawnOf(styles: Style[]): Style[] {
  const isOne = ({ name }: Style) => name.startsWith("semaphore-");
  const others = styles.filter((style) => !isOne(style)).length;
  const semaphores = drawable(styles.filter(isOne), others);
  return styles.filter((style) => !isOne(style) || semaphores.includes(style));
}

/** The styles that can't be made out on the axis of the slowest one. */
function quickOnes(styles: Style[]): Style[] {
  const total = ({ trials }: Style) => medianTrial(trials).summary.seconds;
  const longest = max(styles, total) ?? 0;
  return styles.filter((style) => (total(style) ?? longest) < longest / 3);
}

/** Where the time of each message goes, in one trial. */
function queueParts(queue: Style, producer: Measured): Chart {
  const { rows, summary } = medianTrial(queue.trials);
  const published = new Map(
    producer.trials.flatMap(({ rows }) =>
      rows.map(({ id, elapsed }) => [id, elapsed])
    ),
  );
  const ids = rows.map(idOf);
  // What can't be is no part of it.
  const served = rows.map(knownServer);
  const parts = Object.entries({
    "publishing": rows.map((row) => published.get(row.id)),
    "waiting in the queue": rows.map((row) => summary.wait && row.wait),
    "the call, on the server": served,
    "the call, all the rest": rows.map(({ elapsed }, index) => {
      const server = served[index];
      return elapsed !== undefined && server !== undefined
        ? elapsed - server
        : undefined;
    }),
  }).map(([label, times]) => {
    const isMeasured = (_: unknown, index: number) =>
      times[index] !== undefined;
    const of = ids.filter(isMeasured);
    return { label, times, of, part: distribution(times) };
  });
  const wait = spread(queue.trials, ({ wait }) => wait?.p50);
  const call = spread(queue.trials, ({ elapsed }) => elapsed?.p50);
  const text = (found: Spread | undefined, before: string, after = "") =>
    found ? [before + plusMinus(found, formatSeconds) + after] : [];
  const lost = whyNoClaim([queue]);
  const took = lost ? [`nothing can be said of the messages: ${lost}`] : [
    ...text(wait, "the median message waits ", " in the queue"),
    ...text(call, wait ? "its call takes " : "the median call takes "),
  ];
  return {
    name: "queue",
    title: capitalize(took.join("; ") || "no time of a message was measured") +
      leftOut(
        [{ label: "the wait in the queue", trials: queue.trials }],
        ({ summary }) => summary.wait?.p50,
      ),
    sentence: "The messages of the trial with the median total time." +
      dotsOrBins(parts.length * rows.length) +
      " The line and the number are that trial's median; the title has means " +
      "of all trials' medians. Publishing lasts until " +
      "the confirm, waiting from being published until the call is sent, so " +
      "that the two overlap." +
      (parts[0]!.part ? "" : " Publishing was not measured: " +
        "scripts/producer.ts writes it."),
    plot: () =>
      strips(
        parts.filter(({ part }) => part).map(({ label, times, of, part }) => ({
          name: label,
          label: `${label}: ${formatSeconds(part?.p50)}`,
          color: "var(--queue)",
          values: milliseconds(times),
          of,
          lines: milliseconds([part?.p50]),
        })),
        "time (ms)",
        "message",
      ),
  };
}

/** The post's table beside ours. */
function figures(styles: Style[]): Html {
  const rows = styles.flatMap(({ label, trials }) => {
    const theirs = post[label as keyof typeof post];
    return [
      ...theirs ? [figuresOf(`${label}, the post`, theirs)] : [],
      ...trials.length > 0 ? [figuresRow(`${label}, ours`, trials)] : [],
    ];
  });
  return table(figuresHeading, rows);
}

/** The post's figures in the same columns; times are in seconds. */
function figuresOf(label: string, times: number[]): string[] {
  const cells = [label, "10", ...times.map((time) => `${time} s`)];
  return figuresHeading.map((_, index) => cells[index] ?? "-");
}

/** Whether the queue costs here what it cost in the post. */
function comparedWithPost(styles: Style[]): Html | undefined {
  const pair = styles.filter(({ name }) => name.startsWith("async"));
  if (pair.some(({ trials }) => trials.length === 0)) return undefined;
  const finding = contrast(
    pair,
    ({ seconds }) => seconds,
    "total time",
    (low, high, found) => {
      const [ratio, sure] = times(found);
      return `${high.label} took ${ratio} as long as ${low.label}${sure}`;
    },
  );
  return html`<p>${
    capitalize(finding)
  }. In the post the queue took ${postRatio} times as
long.</p>`;
}

function limits(styles: Style[]): (string | false)[] {
  const trials = styles.flatMap(({ trials }) => trials);
  if (styles.length === 0) return ["Nothing: nothing was measured."];
  const calls = Math.min(...trials.map(({ summary }) => summary.calls));
  const failed = sum(trials, ({ summary }) => summary.failed);
  const loopback = trials.some(isLoopback);
  return [
    fewTrials(styles, "style"),
    ...otherCauses(styles),
    calls < 1000 &&
    `Of ${calls} calls the p99 is little else than the slowest one.`,
    failed > 0 &&
    `Of all calls ${failed} failed; their times are among the others.`,
    loopback && "Client and server shared one machine. There was no network " +
      "that delays or loses anything, no name look-up and no TLS, and they " +
      "took processor time from each other.",
    loopback && "The target takes as long however many calls it has at once. " +
      "A server that slows down under load would favour the styles that " +
      "send fewer at a time.",
    "The post called another server, in another language, ten times and once " +
    "in each style. Ratios between styles can be set beside ours; seconds " +
    "can't.",
    "The time in the queue is the difference of two processes' clocks, and as " +
    "good as these agree. On one machine it is one clock.",
  ];
}
