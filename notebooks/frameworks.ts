/** Four servers that make thumbnails, and any other that joins them. */
import { extent, max, sum, union } from "d3-array";
import { withUnitOnce } from "./kit/comparison/mod.ts";
import { formatSeconds } from "../lib/format.ts";
import { routeNames, serverNames } from "../scripts/chapters/names/mod.ts";
import {
  bullets,
  byThroughput,
  cell,
  type Chapter,
  closing,
  fewTrials,
  figure,
  type Html,
  html,
  machineList,
  missing,
  missingParts,
  MOST_DRAWN,
  otherCauses,
  percent,
  problemList,
  provenanceBy,
  reading,
  spreadBy,
  table,
  trialOrder,
  unbroken,
  undrawn,
} from "./kit/mod.ts";
import {
  type Combination,
  comparePairs,
  cpu,
  doubtOf,
  doubts,
  failures,
  type Figure,
  finding,
  generator,
  highest,
  lag,
  type Measure,
  measures,
  memory,
  p50,
  p99,
  type Pair,
  ranking,
  readCombinations,
  requests,
  serversByRoute,
  size,
  throughput,
  whole,
} from "./kit/combinations/mod.ts";
import { part } from "./kit/snippets/mod.ts";
import { isLoopback, type Run, type Trial } from "./kit/trials/mod.ts";

const command = "deno run -A scripts/frameworks.ts";

/** The figures whose pairs are compared in words. */
const decisive = [throughput, p99, cpu, memory];

interface Compared {
  measure: Measure;
  pairs: Pair[];
}

function write(folder: string): Chapter {
  const { combinations: all, notes, problems } = readCombinations(folder);
  const servers = [...new Set(all.map(({ server }) => server))];
  // The project's own are the first.
  const drawn = servers.slice(0, MOST_DRAWN);
  const combinations = all.filter(({ server }) => drawn.includes(server));
  const compared = measures
    .map((measure) => ({
      measure,
      pairs: comparePairs(combinations, measure),
    }));
  const charts = compared.flatMap(({ measure, pairs }) =>
    serversByRoute(
      combinations,
      measure,
      finding(pairs, measure, combinations),
    ) ?? []
  );
  const trials = combinations.flatMap(({ trials }) => trials);
  const runs = all.flatMap(({ trials }) =>
    trials.flatMap(({ run }) => run ?? [])
  );
  const order = trialOrder(
    combinations.map((one) => ({ ...one, strip: one.server })),
    byThroughput,
    "combination",
  );
  const share = serversByRoute(combinations, generator, shareTitle(trials));

  const body = html`
    <p>A picture comes in, a thumbnail goes out. Does it matter which framework
    takes the request, or how the picture is handed over: as a URL to fetch, as
    base64 in JSON, or as a file in a form?</p>
    ${doubts(all)}
    ${failures(all)}
    ${problemList(problems, folder)}
    ${notes.map((note) => html`<p class="notice">${note}.</p>\n`)}

    <h2>What the source says</h2>
    <p>A post gave three frameworks of Python (Flask, FastAPI and aiohttp) a small
    task with a picture, which came in these three ways. Each met 2,000 users, 50 more
    each second, for 30&nbsp;s, and in another test 400 plain connections of wrk, five
    times. It drew latency, requests per second, content size and the number of
    requests, in charts alone: no figure stands in its text, so that none can be
    set beside ours.</p>

    <h2>The servers</h2>
    <p>Each is what its own community would write, around one and the same image
    function. Bare is Node's own HTTP server, without a framework.</p>
    <div class="beside">${serverNames.map(besides)}</div>

    <h2>What we found</h2>
    ${machineList(runs)}
    ${undrawn(drawn, servers, "servers")}
    ${absent(all)}
    ${runs[0] && html`<p>${loadOf(runs[0])}</p>`}
    ${trials.length > 0 && html`<p>${ruleOf(trials)}</p>`}
    ${charts.map(figure)}
    ${share && figure(share)}
    ${order && figure(order)}

    <h2>Which differences are larger than the noise</h2>
    ${verdicts(combinations, compared)}

    <h2>All figures</h2>
    <p>In the cells: ${reading}. Response time is from due to the last byte. Processor
    time, memory and lag are the server's own account.</p>
    ${all.length > 0 && figures(all)}

    ${closing(provenanceBy(runs), limits(combinations, compared))}
  `;
  const found = charts.find(({ name }) => name === throughput.name);
  return { body, found: found ?? "Nothing was measured", runs, problems };
}

export default {
  chapter: 4,
  title: "Four servers, one image task",
  write,
};

function besides(server: string): Html {
  const file = `scripts/servers/${server}.ts`;
  return html`
    <section><h3>${file}</h3>
    ${part(file, "routes", { idea: /thumbnail\(/, frame: server })}</section>
  `;
}

/** The servers and routes that are missing, and the command for them. */
function absent(combinations: Combination[]): Html | undefined {
  if (combinations.length === 0) return missing("What they do", command);
  const servers = union(serverNames, combinations.map(({ server }) => server));
  const has = (server: string, route: string) =>
    combinations.some((one) => one.server === server && one.route === route);
  return missingParts(servers, routeNames, has, command);
}

/** What all trials of a series were loaded by. */
function loadOf({ options }: Run): string | undefined {
  const { users, spawnRate, duration } = options;
  if (![users, spawnRate, duration].every(Number.isFinite)) return undefined;
  const come = Number(spawnRate) * Number(duration);
  const coming = come === 0
    ? "all at once"
    : `${whole(Number(spawnRate))} more each second` +
      (come < Number(users) ? `, so that ${whole(come)} of them come` : "");
  return `Ours met ${whole(Number(users))} users, ${coming}, for ` +
    `${
      formatSeconds(Number(duration))
    }; each calls again when it has its answer.`;
}

/** What the highest rates are of. */
function ruleOf(trials: Trial[]): Html {
  const rule = trials.find(highest.of)?.run?.highest?.find;
  return rule
    ? html`The highest rate is that of calls which are due whatever becomes of those
before, as those of scripts/attack.ts are; at it <code>${rule}</code> holds.`
    : html`Nobody asked for the highest rate that each holds:
<code>${`${command} --find 'p99<200ms'`}</code> searches for it.`;
}

/** How much of the processor time was not the server's. */
function shareTitle(trials: Trial[]): string {
  const [least, most] = extent(trials.flatMap((t) => generator.of(t) ?? []));
  const doubtful = trials.filter(doubtOf).length;
  const [low, high] = [percent(least ?? 0), percent(most ?? 0)];
  const range = low === high ? low : withUnitOnce(low, high);
  return `The generator took ${range} of the processor time; ` +
    (doubtful === 0
      ? "no trial is in doubt"
      : `trials in doubt: ${doubtful} of ${trials.length}`);
}

/** In words, what is known of each two servers, by the decisive figures. */
function verdicts(combinations: Combination[], compared: Compared[]): Html[] {
  const told = decisive.flatMap((measure) =>
    compared.filter((one) => one.measure === measure && one.pairs.length > 0)
  );
  if (told.length === 0) {
    return [html`<p>None is known: that takes two servers on a route.</p>`];
  }
  const there = routeNames.filter((route) =>
    told.some(({ pairs }) => pairs.some((pair) => pair.route === route))
  );
  return there.map((route) =>
    html`
      <h3>${route}</h3>
      ${told.map(({ measure, pairs }) => {
        const { order, verdicts } = ranking(
          route,
          combinations,
          pairs,
          measure,
        );
        return html`<p>${unbroken(order)}</p>\n${
          bullets(verdicts.map(unbroken))
        }`;
      })}
    `
  );
}

function figures(combinations: Combination[]): Html {
  const columns: [string, Figure][] = [
    ["Requests", requests],
    ["Requests per second", throughput],
    ["p50", p50],
    ["p99", p99],
    ["Content, bytes", size],
    ["Processor time for 1,000", cpu],
    ["Peak memory", memory],
    ["Lag, p99", lag],
    ["Generator's share", generator],
    ["Highest rate", highest],
  ];
  const heading = [
    "Server and route",
    "Trials",
    "Failed",
    ...columns.map(([name]) => name),
  ];
  const rows = combinations.map(({ label, trials }) => [
    label,
    counted(trials),
    whole(sum(trials, ({ summary }) => summary.failed)),
    ...columns.map(([, { of, format }]) => cell(spreadBy(trials, of), format)),
  ]);
  return table(heading, rows);
}

/** How many trials there are, and how many of them are in doubt. */
function counted(trials: Trial[]): Html {
  const doubtful = trials.filter(doubtOf).length;
  return html`${trials.length}${
    doubtful > 0 && html`
      <small>${doubtful} in doubt</small>
    `
  }`;
}

function limits(
  combinations: Combination[],
  compared: Compared[],
): (string | false)[] {
  if (combinations.length === 0) return ["Nothing: nothing was measured."];
  const trials = combinations.flatMap(({ trials }) => trials);
  const pairs = max(compared, ({ pairs }) => pairs.length)!;
  return [
    pairs > 0 && fewTrials(combinations, "server and route", pairs),
    ...otherCauses(combinations),
    "Users who wait for their answers hide what a server does while it is slow: " +
    "they send it less. The chapter on two ways to load a server shows by how " +
    "much.",
    trials.some(({ run }) => Number(run?.options.spawnRate) > 0) &&
    "The load grows from the first user to the last, and each figure has all of " +
      "that in it: a p50 is of few users and of many.",
    "It was one picture, of one size. A larger one gives the image function more " +
    "to do, and leaves less to the framework.",
    "The image function is the same in all servers, and does its work on threads " +
    "of its own. Where that is most of a request, frameworks can't differ by " +
    "much, whatever they cost; where yours do less, they may.",
    trials.some(isLoopback) &&
    "Client and server shared one machine, and took processor time from each " +
      "other. There was no network that delays or loses anything, no TLS, and " +
      "no proxy.",
    trials.some(({ run }) => run?.server) &&
    "Processor time, memory and lag are what each server says of itself, and of " +
      "its whole process: the runtime and the image function are in them too. " +
      "The peak of the memory is since its start, so that it holds the warm-up.",
    trials.some(highest.of) &&
    "A search for the highest rate ends when it is known to a twentieth. Finer " +
      "differences between servers are those of the rates that it tried.",
    "A server that answers quickly may be the one that checks less. These check " +
    "the same; those that join them may not.",
    "The source measured frameworks of another language, with another picture " +
    "and on another machine. Its charts can't be set beside ours.",
  ];
}
