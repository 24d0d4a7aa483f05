/** What a queue keeps when things break, and what more consumers give. */
import { ascending } from "d3-array";
import {
  bullets,
  byThroughput,
  capitalize,
  type Chapter,
  type Chart,
  closing,
  contrast,
  drawable,
  fewTrials,
  figure,
  html,
  knownServer,
  machineList,
  messageCounts,
  missing,
  otherCauses,
  problemList,
  provenanceBy,
  times,
  trialOrder,
  trialStrips,
  undrawn,
} from "./kit/mod.ts";
import { formatNumber } from "../lib/format.ts";
import { code, listing } from "./kit/snippets/mod.ts";
import {
  isLoopback,
  measuredNames,
  type MeasuredQueue,
  producersIn,
  type QueueTrial,
  readQueue,
} from "./kit/trials/mod.ts";

interface Crew {
  label: string;
  color: string;
  count: number;
  trials: QueueTrial[];
  batches: QueueTrial[];
}

function write(folder: string): Chapter {
  const names = measuredNames(folder).map((name) => name.replace(/-\d+$/, ""))
    .filter((name) => /^consumers-\d+$/.test(name));
  const producers = producersIn(folder);
  const read = [...new Set(names)]
    .map((name) => readQueue(folder, name, producers));
  const all = read.map(crewOf).sort((a, b) => ascending(a.count, b.count));
  const measured = all.filter(({ trials }) => trials.length > 0);
  const crews = drawable(measured);
  const style = readQueue(folder, "async_rabbitmq", producers);
  const problems = read.flatMap(({ problems }) => problems);
  const growth = crews.length > 0 ? growthChart(crews) : undefined;
  const order = trialOrder(crews, byThroughput, "group");
  const inChapter1 = { label: "in chapter 1", batches: style.batches };
  const books = [inChapter1, ...all]
    .filter(({ batches }) => batches.length > 0);
  const runs = books.flatMap(({ batches }) => batches)
    .flatMap(({ consumers, producer }) => [
      ...producer ? [producer] : [],
      ...consumers,
    ]);

  const body = html`
    <p>A queue stands between those who want something done and those who do it. It
    has to keep what it was given, whatever breaks; and where the work is slow, more
    hands should get more of it done. Does it, and do they?</p>

    <h2>What it costs to lose nothing</h2>
    <p>The post's consumer kept its rows in memory until it was stopped, and
    acknowledged a message before they were safe: a crash lost both. It takes two
    promises to lose nothing. The producer keeps each message until RabbitMQ has
    confirmed that it is on its disk.</p>
    ${listing("producer", "producer")}
    <p>The consumer acknowledges it when what came of it is on a disk too.</p>
    ${listing("consumer", "consumer")}
    <p>Between the two a message may come twice: whoever dies after a call, and before
    the acknowledgement, leaves it to another. So it is at least once on the wire. It is
    once in the report, because RabbitMQ marks what it delivers again.</p>

    <h2>What we found</h2>
    ${problemList(problems, folder)}
    ${machineList(runs)}
    ${undrawn(crews, measured, "groups of consumers")}
    ${growth ? figure(growth) : missing(
      "How much more consumers do",
      "deno run -A scripts/consumers.ts",
    )}
    ${order && figure(order)}

    <h2>The books</h2>
    <p>Each message of all trials, counted by the one who published it, by those who
    called it, and by the rows on the disk. They balance where called, written and
    acknowledged are as many as confirmed, and none is missing. What a killed consumer
    had counted died with it (-); its rows have not.</p>
    ${books.length > 0 && messageCounts(books)}

    <h2>What may fail</h2>
    ${bullets(
      failures.map(([what, left]) => html`<strong>${what}.</strong> ${left}.`),
    )}
    <p>These are tests that really kill, cut and restart things; and this does so for
    half an hour:</p>
    ${code("deno run -A scripts/dev/soak.ts")}

    ${closing(provenanceBy(runs), limits(crews))}
  `;
  return { body, found: growth ?? "Nothing was measured", runs, problems };
}

export default {
  chapter: 6,
  title: "A queue that loses nothing, and more hands for it",
  write,
};

function crewOf({ name, trials, batches }: MeasuredQueue): Crew {
  const count = Number(name.slice("consumers-".length));
  const label = count === 1 ? "1 consumer" : `${count} consumers`;
  return { label, color: "var(--queue)", count, trials, batches };
}

/** How many messages are called each second, by number of consumers. */
function growthChart(crews: Crew[]): Chart {
  return {
    name: "consumers",
    title: contrast(
      crews,
      byThroughput.of,
      "calls per second",
      (low, high, found) => {
        const [ratio, sure] = times(found);
        const make = high.label.endsWith("s") ? "make" : "makes";
        return `${capitalize(high.label)} ${make} ${ratio} as many calls per ` +
          `second as ${low.label}${sure}`;
      },
    ),
    sentence:
      "Each dot is a trial, from the first message being published to the last " +
      "call's end; below are their mean and its 95 % interval. The line across " +
      "the dots is what so many consumers could make at most: their calls in " +
      "flight, divided by how long the server says a call takes.",
    plot: () =>
      trialStrips(crews, byThroughput.of, formatNumber, "calls per second", {
        lineOf: ({ count, trials }) =>
          trials.length > 0 ? mostOf(count, trials) : undefined,
      }),
  };
}

/** By Little's law, if each keeps as many calls in flight as it may. */
function mostOf(count: number, trials: QueueTrial[]): number | undefined {
  const [{ consumers, rows }] = trials as [QueueTrial];
  const served = rows.flatMap((row) => knownServer(row) ?? []);
  const { concurrency } = consumers[0] ?? {};
  if (!concurrency || served.length === 0) return undefined;
  const mean = served.reduce((sum, each) => sum + each, 0) / served.length;
  return mean > 0 ? count * concurrency / mean : undefined;
}

const failures = [
  [
    "A consumer is killed",
    "Every message: what it had in work goes to another at once",
  ],
  [
    "Its machine vanishes, or the network",
    "The same, when RabbitMQ has missed its heartbeats, after 20 to 30 s",
  ],
  [
    "RabbitMQ is restarted, or an operator closes all connections",
    "Every message: what was not confirmed is published again, what was not " +
    "acknowledged comes again",
  ],
  [
    "RabbitMQ runs out of memory or disk",
    "Every message: the producer waits",
  ],
  [
    "A call takes longer than RabbitMQ waits for its end",
    "Every message: it comes again, and who is calling does not call again",
  ],
  [
    "The queue is deleted",
    "All rows; what was in the queue is gone, and counted as missing",
  ],
];

function limits(crews: Crew[]): (string | false)[] {
  if (crews.length === 0) return ["Nothing: nothing was measured."];
  const trials = crews.flatMap(({ trials }) => trials);
  return [
    fewTrials(crews, "group"),
    ...otherCauses(crews),
    "The service takes as long for a call however many it has at once. One that " +
    "slows down gives less to each further consumer.",
    trials.some(isLoopback) &&
    "Producer, RabbitMQ, consumers and service shared " +
      "one machine. Consumers on machines of their own don't take processor " +
      "time from each other, and have a network between them.",
    "Tests show what was tested. A disk that lies about what it has written, and " +
    "a RabbitMQ of one node whose disk dies, lose messages.",
  ];
}
