/** Does a run that is killed leave a row for every call that had ended? */
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { max, sum } from "d3-array";
import { wallClock } from "../../../lib/client.ts";
import { Failure } from "../../../lib/exit.ts";
import { copyRow } from "../../../notebooks/kit/rows/mod.ts";
import type { Row } from "../../../lib/row.ts";
import { seededDelay, uniform } from "../../servers/target/mod.ts";
import { formatSeconds } from "../../../lib/format.ts";
import { resultFiles } from "../../../lib/results.ts";
import { startProgress } from "../../../lib/recording.ts";
import { start } from "../../chapters/mod.ts";
import { urlOf } from "../../servers/http/mod.ts";
import {
  measuredNames,
  readDetails,
  readRuns,
} from "../../../notebooks/kit/trials/mod.ts";
import { judged, milliseconds, printLine } from "./table.ts";

export interface Kill {
  script: string;
  /** The script's own, without --url and --out. */
  options: string[];
  /** Decides on the delays of the server and on the moment of the kill. */
  seed: number;
  /** Where the script writes. */
  out: string;
  /** Seconds from the first request within which the script is killed. */
  within: [number, number];
  /** How long before the kill a call has to have ended, in seconds. */
  patience?: number;
  /** The share of the seeds that kill before the first request. */
  early?: number;
  median?: number;
}

/** What a killed script has left. */
export interface Left {
  rows: Row[];
  /** Whatever the report would say of the files, but that a last line is torn. */
  problems: string[];
  /** Calls that had ended long enough before, how many seconds, and have no row. */
  missing: { id: string; before: number }[];
  /** Rows of calls that the server did not answer, or that have another row. */
  wrong: string[];
  /** How much later than the server the script knew of an end, in seconds at most. */
  behind: number;
}

const PATIENCE = 0.1;
/** From its start, within which a script has opened its files. */
const STARTING = 0.6;

/** Kills a script that makes calls, and reads its folder as the report does. */
export async function killRound(kill: Kill): Promise<Left> {
  const { script, out, patience = PATIENCE } = kill;
  const server = await startServer(kill);
  const options = ["--url", `${server.url}/?id={id}`, "--out", out];
  try {
    let wasKilled = false;
    const running = start`${script} ${kill.options} ${options}`;
    const over = running.ended.catch((error) => {
      if (!wasKilled) throw error;
    });
    await Promise.race([momentOf(kill, server.called), over]);
    wasKilled = true;
    const killed = wallClock();
    await running.kill();

    const { rows, problems } = readFolder(out);
    const mine = rows.filter(({ url }) => url.startsWith(server.url));
    const behind = mine.map(({ timestamp, elapsed = 0, id }) =>
      timestamp.getTime() + elapsed * 1000 - (server.ended.get(id) ?? Infinity)
    );
    // What is in the file shows how late the script was to learn of an end.
    const latest = Math.max(0, ...behind);
    const due = killed - patience * 1000 - latest;
    const written = new Set(mine.map(({ id }) => id));
    const ended = Array.from(server.ended).filter(([, at]) => at < due);
    const wrong = mine.map(({ id }) => id).filter((id, place, ids) =>
      !server.ended.has(id) || ids.indexOf(id) !== place
    );
    return {
      rows: mine,
      problems,
      missing: ended.filter(([id]) => !written.has(id))
        .map(([id, at]) => ({ id, before: (killed - at) / 1000 })),
      wrong,
      behind: latest / 1000,
    };
  } finally {
    server.stop();
  }
}

/** Resolves when it is time for the kill. */
async function momentOf(
  { seed, within: [from, to], early = 0 }: Kill,
  called: Promise<void>,
) {
  const share = uniform(seed, 1);
  if (uniform(seed, 0) < early) return await sleep(share * STARTING * 1000);
  await called;
  await sleep((from + share * (to - from)) * 1000);
}

/** Answers each call after a delay, and remembers when that was. */
async function startServer({ seed, median = 0.04 }: Kill) {
  const ended = new Map<string, number>();
  const called = Promise.withResolvers<void>();
  const server = createServer(async (request, response) => {
    called.resolve();
    const id = new URL(request.url!, "http://kills").searchParams.get("id")!;
    await sleep(1000 * seededDelay(Number(id), { seed, median, sigma: 1 }));
    response.on("finish", () => ended.set(id, wallClock()));
    response.end("ok\n");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: urlOf(server.address() as AddressInfo),
    /** Resolves with the first request. */
    called: called.promise,
    /** When the answer to each id was handed over, in milliseconds since 1970. */
    ended,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** All rows of a folder, and what is wrong with it beside a torn last line. */
function readFolder(folder: string): { rows: Row[]; problems: string[] } {
  const rows: Row[] = [];
  const problems: string[] = [];
  for (const name of measuredNames(folder)) {
    const { csv, json } = resultFiles(folder, name);
    const { runs, problems: found } = readRuns(csv, json);
    rows.push(...runs.flatMap(({ rows }) => rows.map(copyRow)));
    problems.push(
      ...found.filter((problem) => !/: the last line is torn/.test(problem)),
    );
    // Without a row nobody reads it.
    if (rows.length === 0 && existsSync(json)) {
      problems.push(...readDetails(json).problems);
    }
  }
  return { rows, problems };
}

/** What is killed in turns: as many rows a second as 200, or all at once. */
const victims: Pick<Kill, "script" | "options">[] = [
  { script: "attack.ts", options: ["--rate", "200", "--duration", "700ms"] },
  { script: "async.ts", options: ["--calls", "100"] },
];
const WITHIN: Kill["within"] = [0, 1];
const EARLY = 0.15;

export const killsSeconds = (rounds: number) => rounds * 0.6;

/** Kills scripts at seeded moments; throws a {@link Failure} if a row was lost. */
export async function benchmarkKills(
  { rounds, seed, out, signal }: {
    rounds: number;
    seed: number;
    out: string;
    signal: AbortSignal;
  },
) {
  console.log(`\nFiles: scripts killed at ${rounds} moments; lost is what had`);
  console.log("ended more than 100 ms before, and has no row");
  const progress = startProgress("kills", rounds);
  const all: Round[] = [];
  for (let round = 0; round < rounds; round++) {
    if (signal.aborted) throw new Failure("interrupted", 130);
    const victim = victims[round % victims.length]!;
    const folder = await mkdtemp(path.join(out, "killed-"));
    const kill = { ...victim, seed: seed + round, out: folder };
    const left = await killRound({ ...kill, within: WITHIN, early: EARLY });
    await rm(folder, { recursive: true });
    all.push({ ...left, script: victim.script, seed: kill.seed });
    progress.add();
  }
  progress.clear();
  const names = [
    "rounds",
    "readable",
    "rows",
    "missing",
    "wrong",
    "most behind",
  ];
  printLine("script", names.map((name) => `${name} `), 13);
  let isWhole = true;
  for (const { script } of victims) {
    const rounds = all.filter((round) => round.script === script);
    isWhole = report(script, rounds) && isWhole;
  }
  if (!isWhole) throw new Failure("something was lost");
}

interface Round extends Left {
  script: string;
  seed: number;
}

/** Prints a line, and what was lost; whether nothing was. */
function report(script: string, rounds: Round[]): boolean {
  const readable =
    rounds.filter(({ problems }) => problems.length === 0).length;
  const missing = sum(rounds, ({ missing }) => missing.length);
  const wrong = sum(rounds, ({ wrong }) => wrong.length);
  const behind = max(rounds, ({ behind }) => behind) ?? 0;
  printLine(script, [
    `${rounds.length} `,
    judged(String(readable), readable === rounds.length),
    `${sum(rounds, ({ rows }) => rows.length)} `,
    judged(String(missing), missing === 0),
    judged(String(wrong), wrong === 0),
    `${milliseconds(behind)} ms `,
  ], 13);
  const lost = rounds.flatMap((round) =>
    whatIsWrong(round).map((what) => `${script}, seed ${round.seed}: ${what}`)
  );
  lost.forEach((line) => console.error(line));
  return lost.length === 0;
}

function whatIsWrong({ problems, missing, wrong }: Left): string[] {
  const before = formatSeconds(max(missing, ({ before }) => before));
  const lost =
    `${missing.length} calls have no row, and one of them had ended ` +
    `${before} before the kill`;
  return [
    ...problems,
    ...missing.length > 0 ? [lost] : [],
    ...wrong.map((id) => `call ${id} was not answered, or has two rows`),
  ];
}
