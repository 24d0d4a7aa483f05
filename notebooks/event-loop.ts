/** One webhook, written in many ways: how to make a server twenty times slower. */
import { whyNoClaim } from "./kit/comparison/mod.ts";
import { formatNumber, formatSeconds } from "../lib/format.ts";
import {
  atOnceChart,
  busiest,
  type Call,
  contrastMedians,
  handOverOf,
  isMedianUnknown,
  ladderChart,
  ladderTable,
  matrixTable,
  peakMemory,
  profileTable,
  readProfile,
  readRungs,
  requestCounts,
  type Rung,
  sustainedTable,
  timesAndLags,
  usedOf,
} from "./event-loop/mod.ts";
import {
  bullets,
  type Chapter,
  closing,
  doubtList,
  fewTrials,
  type Figure,
  figure,
  type Html,
  html,
  machineList,
  missing,
  otherCauses,
  percent,
  plusMinus,
  problemList,
  provenanceBy,
  reading,
  spread,
  spreadBy,
  trialOrder,
  unbroken,
} from "./kit/mod.ts";
import { codeDiff, part, snippet } from "./kit/snippets/mod.ts";
import {
  comparePairs,
  figures,
  finding,
  lostRows,
  serversByRoute,
} from "./kit/combinations/mod.ts";
import { readTrials, type Run, type Trial } from "./kit/trials/mod.ts";
import {
  consumerRoute,
  ends,
  matrix,
  nameOf,
  profileFile,
  rungs as rungRoutes,
  ways,
} from "../scripts/chapters/names/mod.ts";

const command = "deno run -A scripts/ladder.ts";
const script = "scripts/webhook.ts";

/** What each step changes, and why one would. */
const steps: [before: string, after: string, why: (load: Load) => string][] = [
  [
    "/blocking",
    "/pool-4",
    () =>
      "The blocking call goes to a thread, as a call in a thread pool does in " +
      "the source. Four threads hand on four events at a time.",
  ],
  [
    "/pool-4",
    "/pool-40",
    ({ rate, handOver }) =>
      `More threads hand on more at a time. At ${
        formatNumber(rate)
      } a second, ` +
      `each of which takes ${formatSeconds(handOver)}, ` +
      `${formatNumber(rate * handOver)} are busy: beyond that nobody waits ` +
      "for one.",
  ],
  [
    "/pool-40",
    "/pool-100",
    () =>
      "The source's next step. Each thread has its own memory, whether it is " +
      "busy or not.",
  ],
  [
    "/pool-40",
    "/client-per-request",
    () =>
      "It looks harmless: each request makes a client. But making one is a call, " +
      "too, and this one blocks the event loop. The source found it last, by its " +
      "profiler; all its pools had it in them.",
  ],
  [
    "/client-per-request",
    "/singleton",
    () =>
      "One client for all requests. The handshake is over before they come.",
  ],
  [
    "/singleton",
    "/async",
    () =>
      "No threads at all: to wait for RabbitMQ is nothing that a thread has to do.",
  ],
  [
    "/async",
    "/lean",
    () =>
      "Less work for each request: what was validated is passed on as it came.",
  ],
];

function write(folder: string): Chapter {
  const ladder = readRungs(folder, rungRoutes);
  const parted = readRungs(folder, matrix);
  const atOnce = readRungs(folder, ways);
  const { rungs } = ladder;
  const consumed = readTrials(folder, nameOf(consumerRoute));
  const sustained = readRungs(folder, ends.map((end) => `${end}/sustained`));
  const profiles = ends.map((end) => ({
    end,
    ...readProfile(profileFile(folder, nameOf(`${end}/profile`))),
  }));
  const problems = [
    ...[ladder, parted, atOnce, sustained].flatMap(({ problems }) => problems),
    ...atOnce.rungs.length > 0 ? consumed.problems : [],
    ...profiles.flatMap(({ problem }) => problem ?? []),
  ];
  const all = [...rungs, ...parted.rungs, ...atOnce.rungs];
  const runs = [...all, ...sustained.rungs, consumed]
    .flatMap(({ trials }) => trials.flatMap(({ run }) => run ?? []));
  const chart = rungs.length > 0 ? ladderChart(rungs) : undefined;
  const order = trialOrder(rungs, {
    name: "p50",
    of: ({ response }) => response?.p50,
    format: formatSeconds,
  }, "route");

  const load = loadOf([...rungs, ...parted.rungs]);
  const takes = unbroken(formatSeconds(load.handOver));

  const body = html`
    <p>A webhook takes an event, checks it, hands it on to a queue, and answers. Its
    sender comes ${formatNumber(
      load.rate,
    )} times a second. How the handler waits for the queue decides
    whether that works: the event loop runs one thing at a time, and whatever stops it
    stops everybody.</p>
    ${doubts(all)}
    ${problemList(problems, folder)}

    <h2>What the source says</h2>
    <p>A talk by Júlio César Batista, <em lang="pt">Como deixar a sua aplicação até
    20x mais lenta com FastAPI</em>, tells how a webhook in Python went from 59&nbsp;% success at 42 requests
    a second to 100&nbsp;% at 198, by looking for what blocks. Before that, it had put
    a queue between the webhook and a slow service with a limit: of 1,000 requests at
    once 30&nbsp;% had succeeded without it, and 45&nbsp;% did with it. Its attack:
    2,500 requests of 5,686 bytes in 5&nbsp;s, each of which waits for 30&nbsp;s. One of
    its blocking hand-overs took 24&nbsp;ms (1&nbsp;s / 42), and each of ours
    takes ${takes}, whoever waits for it.</p>

    <h2>The handler that blocks</h2>
    ${part(script, "/blocking", { idea: /\.send\(/, frame: "webhook" })}
    ${rungs.length > 0 && html`<p>${resultOf(rungs, "/blocking")}</p>`}

    <h2>The ladder</h2>
    ${machineList(runs)}
    ${gap(ladder.absent)}
    ${rungs[0] && html`<p>${attackOf(rungs[0])}</p>`}
    ${chart && figure(chart)}
    ${rungs.length > 0 && [
      html`<p>In the cells: ${reading}. Where the source has a figure it stands below,
      in its order: its pools had the hidden handshake in them, which here
      /client-per-request has alone.</p>`,
      ladderTable(rungs),
    ]}

    <h2>What each step changes</h2>
    ${steps.map((step) => section(step, rungs, load))}

    <h2>What the event loop does meanwhile</h2>
    ${rungs.length > 0 && figure(timesAndLags(rungs))}
    ${order && figure(order)}

    <h2>Where the time goes</h2>
    <p>The thread of the event loop in a run of its own, at a rate that it can hold:
    each function with what it called, how long it was at work itself
    (a thread that stands still is, too), and all together.</p>
    ${profiles.map(profile)}

    <h2>A load that lasts</h2>
    <p>Nothing that stops the event loop for ${takes} can be had more than
    ${formatNumber(
      1 / load.handOver,
    )} times a second. /blocking is asked for 95&nbsp;% of that here, /lean for as much
    as the source sustained for four minutes in the end.</p>
    ${sustained.rungs.length > 0
      ? sustainedTable(sustained.rungs)
      : missing("A load that lasts", command)}

    <h2>The parts alone</h2>
    ${matrixPart(parted, takes)}

    <h2>With a queue before the service, and without</h2>
    <div class="beside">${ways.map((way) =>
      html`
        <section><h3>${way}</h3>
        ${part(script, way, {
          idea: /service\(|\.send\(/,
          frame: way.slice(1),
        })}
        </section>
      `
    )}</div>
    ${queuePart(atOnce.rungs, consumed.trials)}

    <h2>Where this runtime differs from the source's</h2>
    ${bullets(otherRuntime(rungs, processorTime(folder)))}

    ${closing(
      provenanceBy(runs),
      limits([rungs, parted.rungs, atOnce.rungs], takes),
    )}
  `;
  return { body, found: chart ?? "Nothing was measured", runs, problems };
}

export default {
  chapter: 5,
  title: "How to make a server twenty times slower",
  write,
};

const find = (rungs: Rung[], route: string) =>
  rungs.find((rung) => rung.route === route);

const meanOf = ({ trials }: Rung, of: Figure) => spread(trials, of)?.value;

/** How one route did, in a sentence. */
function resultOf(rungs: Rung[], route: string): string {
  const rung = find(rungs, route);
  if (!rung) return `${route} was not measured.`;
  const lost = whyNoClaim([rung]);
  if (lost) return `Nothing can be said of ${route}: ${lost}.`;
  const success = meanOf(rung, ({ success }) => 100 * success)!;
  const rate = meanOf(rung, ({ throughput }) => throughput);
  const time = spread(rung.trials, median);
  const took = !time
    ? "and none ended"
    : isMedianUnknown(rung)
    ? `the median in ${formatSeconds(time.value)} or more`
    : `the median in ${plusMinus(time, formatSeconds)}`;
  return unbroken(
    `${route}: ${percent(success)} are answered OK, ` +
      `${formatNumber(rate)} a second, ${took}.`,
  );
}

interface Load {
  /** Requests per second. */
  rate: number;
  /** In seconds. */
  handOver: number;
}

/** What the routes had to bear, or would have had by the script's defaults. */
function loadOf(rungs: Rung[]): Load {
  const run = rungs[0]?.trials[0]?.run;
  return { rate: rateOf(run) ?? 500, handOver: handOverOf(run?.by) };
}

function rateOf(run: Run | undefined): number | undefined {
  const [first] = (run?.options.rate ?? []) as { limit: number; per: number }[];
  return first && first.limit / first.per;
}

/** What all routes were attacked with. */
function attackOf({ trials }: Rung): string | undefined {
  const { run } = trials[0]!;
  const { duration, timeout } = run?.options ?? {};
  const rate = rateOf(run);
  if (!rate || !Number.isFinite(duration) || !Number.isFinite(timeout)) return;
  return unbroken(
    `Ours was attacked ${formatNumber(rate)} times a second ` +
      `for ${formatSeconds(Number(duration))}, by requests that waited for ` +
      `${formatSeconds(Number(timeout))} at most.`,
  );
}

/** A step: what it changes in the code, and how the figures changed. */
function section(
  [before, after, why]: typeof steps[number],
  rungs: Rung[],
  load: Load,
): Html {
  const [from, to] = [before, after].map((route) => find(rungs, route));
  const found = from && to && verdict(from, to);
  return html`
    <h3>From ${before} to ${after}</h3>
    <p>${unbroken(why(load))}</p>
    ${codeDiff(snippet(script, before), snippet(script, after))}
    ${to &&
      html`<p>${resultOf(rungs, after)} ${found && unbroken(`${found}.`)}</p>`}
  `;
}

/** Which of two is faster, as far as the trials can tell. */
function verdict(from: Rung, to: Rung): string {
  const [before = 0, after = 0] = [from, to]
    .map((rung) => meanOf(rung, median));
  const [fast, slow] = before > after ? [to, from] : [from, to];
  return contrastMedians(
    [fast, slow],
    steps.length,
    (times, sure) =>
      `The median takes ${times} as long with ${slow.label}${sure}`,
  );
}

const median: Figure = ({ response }) => response?.p50;

function profile(
  { end, tree }: { end: string; tree?: Call },
): Html {
  if (!tree) return missing(`The profile of ${end}`, command);
  const { name, self } = busiest(tree);
  const share = (seconds: number) => percent(100 * seconds / tree.total);
  const used = usedOf(tree);
  const says = self > tree.total / 4
    ? `${name} alone takes ${share(self)} of the time`
    : `the event loop is used for ${share(used)} of the time`;
  return html`
    <h3>${end}: ${says}</h3>
    ${profileTable(tree)}
  `;
}

/** The handler that does all parts, in both groups of them. */
const withAll = /\/all"|^ /;

/** Each part of the work on the event loop and in a pool of threads. */
function matrixPart(
  { rungs, absent }: { rungs: Rung[]; absent: string[] },
  takes: string,
): Html {
  const combinations = rungs.map((rung) => {
    const [, server = "", route = ""] = rung.route.split("/");
    return { ...rung, server, route };
  });
  const charts = [figures.p50, figures.p99].flatMap((measure) => {
    const title = finding(
      comparePairs(combinations, measure),
      measure,
      combinations,
      "places",
    );
    const chart = serversByRoute(combinations, measure, title);
    return chart ? [{ ...chart, name: `parts-${chart.name}` }] : [];
  });
  return html`
    <p>What a handler's parts cost on the event loop, and in one of 40 threads:
    nothing, to read the body, to validate it, to call another service that takes
    ${takes}, and all of it.</p>
    <div class="beside">
      <section><h3>On the event loop</h3>
      ${part(script, "/loop", { idea: withAll, frame: "webhook" })}</section>
      <section><h3>In a thread</h3>
      ${part(script, "/pool", { idea: withAll, frame: "webhook" })}</section>
    </div>
    ${gap(absent)}
    ${charts.map(figure)}
    ${rungs.length > 0 && matrixTable(rungs)}
  `;
}

function queuePart(found: Rung[], consumed: Trial[]): Html {
  const [direct, queued] = ways.map((way) => find(found, way)?.trials ?? []);
  if (found.length === 0) return missing("Neither", command);
  const all = { direct: direct!, queued: queued!, consumed };
  return html`${figure(atOnceChart(all))}
    ${consumed.length > 0 && html`<p>${requestCounts(all)}</p>`}`;
}

/** The routes that are missing, and the command that measures them. */
function gap(absent: string[]): Html | undefined {
  return absent.length > 0 ? missing(absent.join(", "), command) : undefined;
}

function doubts(rungs: Rung[]): Html {
  return doubtList(rungs.flatMap(({ route, label, trials }) => {
    const why = trials.flatMap(({ run }) => run?.doubts ?? []);
    const lost = lostRows({ label, trials });
    if (why.length === 0) return lost;
    const [reason] = why[0]!.split(":");
    const doubt = `${why.length} of ${trials.length} of ${route}: ${reason}`;
    return [doubt, ...lost];
  }));
}

/** What the event loop's thread does for a request to /lean, in seconds. */
function processorTime(folder: string): number | undefined {
  const name = nameOf("/lean/profile");
  const { tree } = readProfile(profileFile(folder, name));
  const [trial] = readTrials(folder, name).trials;
  if (!tree || !trial) return undefined;
  const warmUp = Number(trial.run?.options.warmup ?? 0);
  return usedOf(tree) / (trial.summary.calls + warmUp);
}

function otherRuntime(
  rungs: Rung[],
  processor: number | undefined,
): (string | false)[] {
  const memory = (route: string) => {
    const rung = find(rungs, route);
    return rung &&
      spreadBy(rung.trials, (trial) => peakMemory(trial, rung.lags));
  };
  const [few, many] = [memory("/async"), memory("/pool-100")];
  return [
    "There, a handler that is not async runs in a pool of 40 threads without being " +
    "told to. Here there is no such pool behind a handler: all of them share the " +
    "one event loop, and threads are what one makes.",
    "There, a thread shares the memory of the others, and one interpreter. Here " +
    "each thread has an engine of its own, and what it is given is copied." +
    (few && many
      ? ` With a hundred threads the server takes ${
        formatNumber(many.value)
      } MB, ` + `without any ${formatNumber(few.value)} MB.`
      : ""),
    "There, nearly every client blocks unless one looks for another. Here one has " +
    "to look for a client that blocks: this one waits on shared memory while a " +
    "thread of its own talks to RabbitMQ. Node's own functions that block mostly " +
    "end in Sync.",
    "There, a request took some 5 ms of processor time, beside what it waited for, " +
    "so that one process had no more than 200 a second." +
    (processor === undefined
      ? ""
      : ` By its profile, one to /lean takes ${
        formatSeconds(processor)
      } here, ` +
        "of the event loop's thread."),
    "Once a blocked loop comes round, it may run the handlers of all requests that " +
    "have come meanwhile before it sends the first answer. How many of these come " +
    "too late differs from runtime to runtime, with the same handler.",
  ];
}

/** Each group's rungs were compared with each other. */
function limits(groups: Rung[][], takes: string): (string | false)[] {
  const [all] = groups.filter((rungs) => rungs.length > 0);
  if (!all) return ["Nothing: nothing was measured."];
  return [
    fewTrials(all, "route", steps.length),
    ...groups.flatMap((rungs) => rungs.length > 0 ? otherCauses(rungs) : []),
    "RabbitMQ, the server and who attacks it shared one machine: what a handler " +
    "does not use, the others do. With threads of its own, a server takes from " +
    "them too.",
    `A hand-over to this RabbitMQ takes less, and each is made to take ${takes}: ` +
    "one whose time is the network's, as here, stops a thread and takes no " +
    `processor. One that computes for ${takes} takes a core for as long, and no ` +
    "number of threads gets more out of it than there are cores.",
    "The response times of requests that were given up after the timeout are the " +
    "timeout: what they would have been, nobody knows.",
    "The source's figures are those of another language, machine, queue and year. " +
    "The order of the steps can be compared, and not the times.",
  ];
}
