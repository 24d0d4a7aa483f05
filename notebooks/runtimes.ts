/** The same scripts on Deno, Bun and Node. */
import { max, sum } from "d3-array";
import {
  bullets,
  byThroughput,
  capitalize,
  cell,
  type Chapter,
  type Chart,
  closing,
  fewTrials,
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
  spreadBy,
  table,
  trialOrder,
} from "./kit/mod.ts";
import { formatSeconds } from "../lib/format.ts";
import {
  comparePairs,
  cpu,
  doubtOf,
  doubts,
  failures,
  type Figure,
  finding,
  type Measure,
  p50,
  p99,
  serversByRoute,
  throughput,
  whole,
} from "./kit/combinations/mod.ts";
import { part } from "./kit/snippets/mod.ts";
import {
  calls,
  clientsTable,
  coldStart,
  cpuOfCalls,
  jobLabels,
  late,
  type OnRuntime,
  peak,
  readClients,
  readRuntimes,
  start,
  total,
  verdicts,
} from "./runtimes/mod.ts";
import type { Clients } from "../scripts/chapters/runtimes/mod.ts";
import {
  jobNames,
  runtimeNames,
  serverJobs,
} from "../scripts/chapters/names/mod.ts";
import { isLoopback } from "./kit/trials/mod.ts";

const command = "deno run -A scripts/runtimes.ts";

/** Jobs whose figure is drawn in one chart. */
interface Drawn {
  measure: Measure;
  jobs: string[];
  /** Whether a chart compares the clients of each runtime, and not runtimes. */
  byClient?: boolean;
}

const styles = ["sync", "async", "semaphore"];
const clients = ["users", "fetch"];

const startUp = { measure: start, jobs: ["start", "bare"] };
const made: Drawn[] = [
  { measure: calls, jobs: clients },
  { measure: cpuOfCalls, jobs: [...clients, "attack"] },
  {
    measure: { ...cpuOfCalls, name: "cpu-of-clients" },
    jobs: clients,
    byClient: true,
  },
  { measure: total, jobs: styles },
  { measure: late, jobs: ["attack"] },
];
const memory: Drawn = {
  measure: peak,
  jobs: ["start", "attack", ...clients, ...serverJobs],
};
const served: Drawn[] = [
  { measure: cpu, jobs: serverJobs },
  { measure: throughput, jobs: serverJobs },
];
const all = [startUp, ...made, memory, ...served];

function write(folder: string): Chapter {
  const { measured, notes, problems: ofRows } = readRuntimes(folder);
  const { clients, problems: ofClients } = readClients(folder);
  const problems = [...ofRows, ...ofClients];
  const trials = measured.flatMap(({ trials }) => trials);
  const runs = trials.flatMap(({ run }) => run ?? []);
  const draw = (some: Drawn[]) => some.flatMap((one) => chart(measured, one));
  const charts = draw(made);
  const order = trialOrder(
    measured.filter(({ job }) => job !== "start")
      .map((one) => ({ ...one, strip: one.server })),
    byThroughput,
    "job",
  );

  const body = html`
    <p>A script of this project is the same file on Deno, Bun and Node. Are its calls
    the same, and its figures? What does a runtime add to each: when it starts, for a
    call, in memory, and under a server?</p>
    ${doubts(only(measured, styles))}
    ${failures(measured)}
    ${problemList(problems, folder)}
    ${notes.map((note) => html`<p class="notice">${note}.</p>\n`)}

    <h2>What differs in the code</h2>
    <p>Three places know which runtime it is. How a script is started:</p>
    ${region("lib/runtime.ts", "command", /\[program/)}
    <p>Where undici comes from, by which all scripts make their calls:</p>
    ${region("lib/client.ts", "client", /import/)}
    <p>And what serves Hono, which takes whatever turns a Request into a Response. The
    bare server is node:http on all of them.</p>
    ${region("scripts/servers/images/native.ts", "serve", /serve\(|Server\(/)}

    <h2>Which client really called</h2>
    ${whoCalled(clients)}

    <h2>What we found</h2>
    ${machineList(runs)}
    ${absent(measured)}
    ${draw([startUp]).map(figure)}
    ${measured.length > 0 && html`<p>${coldStarts(measured)}</p>`}
    ${measured.length > 0 && clientsSay}
    ${charts.map(figure)}
    ${draw([memory]).map(figure)}
    ${measured.length > 0 && serversSay}
    ${inDoubt(only(measured, serverJobs))}
    ${draw(served).map(figure)}
    ${order && figure(order)}

    <h2>All figures</h2>
    <p>In the cells: ${reading}. Response time is from due to the last byte. Processor
    time and memory are those of the script, or of the server where that is what runs
    on the runtime.</p>
    ${measured.length > 0 && figures(measured)}

    ${closing(provenanceBy(runs), limits(measured))}
  `;
  const found = charts.find(({ name }) => name === cpuOfCalls.name);
  return { body, found: found ?? "Nothing was measured", runs, problems };
}

export default {
  chapter: 7,
  title: "One script, three runtimes",
  write,
};

function only(measured: OnRuntime[], jobs: string[]): OnRuntime[] {
  return measured.filter(({ job }) => jobs.includes(job));
}

function region(file: string, name: string, idea: RegExp): Html {
  return html`<h3>${file}</h3>\n${part(file, name, { idea })}`;
}

function chart(
  measured: OnRuntime[],
  { measure, jobs, byClient = false }: Drawn,
): Chart[] {
  const some = only(measured, jobs)
    .map((one) => byClient ? turned(one) : one);
  const things = byClient ? "clients" : "runtimes";
  const title = finding(comparePairs(some, measure), measure, some, things);
  const drawn = serversByRoute(some, measure, title);
  return drawn ? [drawn] : [];
}

/** With the runtime in the place of the job, and the client in that of it. */
function turned(one: OnRuntime): OnRuntime {
  const color = one.job === "fetch" ? "var(--sync)" : "var(--async)";
  return { ...one, server: one.route, route: one.server, color };
}

/** What a server saw of each runtime's clients. */
function whoCalled(clients: Clients[]): Html {
  if (clients.length === 0) return missing("How calls look", command);
  return html`
    <p>A name in an import doesn't say what runs. So each runtime called a server
    in three ways, and this is what came.</p>
    ${clientsTable(clients)}
    ${bullets(verdicts(clients))}
  `;
}

/** The runtimes and jobs that are missing, and the command for them. */
function absent(measured: OnRuntime[]): Html | undefined {
  if (measured.length === 0) return missing("What they do", command);
  const has = (name: string, job: string) =>
    measured.some((one) => one.runtime === name && one.job === job);
  return missingParts(runtimeNames, jobNames, has, command);
}

/** How long it took where nothing was in a cache, which happens once. */
function coldStarts(measured: OnRuntime[]): string {
  const starts = only(measured, ["start"])
    .flatMap(({ server, trials }) =>
      trials.flatMap((trial) => {
        const seconds = coldStart(trial);
        return seconds ? `${formatSeconds(seconds)} on ${server}` : [];
      })
    );
  if (starts.length === 0) return "No first start is known.";
  return "The first start of each is in none of these: it may find nothing in " +
    `the caches. It took ${starts.join(", ")}.`;
}

const clientsSay = html`
  <p>Undici is the same code everywhere, on each runtime's own sockets; the own fetch
  is another client on each. Both call one target, as users without think time do.
  That takes processor time as well, so that what a call costs the client says more
  than how many calls there were.</p>
`;

const serversSay = html`
  <p>The bare server and Hono answer <code>GET /health</code>, which costs nothing
  but HTTP. With a picture, Hono makes a thumbnail of what comes as base64.</p>
`;

/** Users at full speed are late, or busier than what they call. */
function inDoubt(servers: OnRuntime[]): Html | undefined {
  const trials = servers.flatMap(({ trials }) => trials);
  const why = trials.flatMap((trial) => doubtOf(trial) ?? []);
  return why.length > 0
    ? html`<p class="notice">${why.length} of ${trials.length} trials of a server are
in doubt, one since ${
      why[0]
    }. They are the crosses below. What a request takes of
the server is its own account, and less in doubt than how many there were.</p>\n`
    : undefined;
}

function figures(measured: OnRuntime[]): Html {
  const columns: [string, Figure][] = [
    ["Calls per second", throughput],
    ["p50", p50],
    ["p99", p99],
    ["Sent late, p99", late],
    ["Processor time for 1,000", cpuOfEither],
    ["Peak memory", peak],
    ["Started in", start],
  ];
  const heading = ["", "Trials", "Failed", ...columns.map(([name]) => name)];
  const rows = measured.map(({ server, route, job, trials }) => [
    `${server}, ${route}`,
    trials.length,
    whole(sum(trials, ({ summary }) => summary.failed)),
    ...columns.map(([, { of, format, name }]) =>
      // Users and styles are due when they are sent.
      name === late.name && job !== "attack"
        ? "-"
        : cell(spreadBy(trials, of), format)
    ),
  ]);
  return table(heading, rows);
}

/** Of the server where there is one, else of the client. */
const cpuOfEither: Figure = {
  ...cpu,
  of: (trial) => trial.run?.server ? cpu.of(trial) : cpuOfCalls.of(trial),
};

function limits(measured: OnRuntime[]): (string | false)[] {
  if (measured.length === 0) return ["Nothing: nothing was measured."];
  const trials = measured.flatMap(({ trials }) => trials);
  const pairs = max(
    all,
    ({ measure, jobs }) =>
      comparePairs(only(measured, jobs), measure)
        .length,
  )!;
  return [
    pairs > 0 && fewTrials(measured, "job and runtime", pairs),
    // That is what is compared.
    ...otherCauses(measured).filter((cause) =>
      !/different runtimes/.test(cause)
    ),
    "A version is not a runtime: the next one may turn an order around. These are " +
    "the versions that the charts name.",
    "The client at full speed, and what it calls, shared the processors. Where " +
    "the target or the client of a server was the slower one, calls per second " +
    "are its own.",
    "Resident memory counts what processes share, such as the pages of the " +
    "runtime's own program. A runtime that is given less may do with less: a " +
    "heap grows while nobody stops it.",
    "A start that is not the first finds the program and the scripts in the " +
    "system's caches, and what a runtime keeps compiled. One that follows a " +
    "restart of the machine doesn't.",
    `${
      capitalize(jobLabels.image!)
    } makes its thumbnail in one native library, ` +
    "which is the same for all: little of such a request is the runtime's.",
    trials.some(isLoopback) &&
    "Client and server shared one machine. There was no network that delays or " +
      "loses anything, no TLS, and no proxy.",
  ];
}
