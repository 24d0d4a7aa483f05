/** Results for every chapter whose texts try to be code. */
import fs from "node:fs";
import path from "node:path";
import { header } from "../../../lib/row.ts";
import { resultFiles } from "../../../lib/results.ts";
import { someRun, start } from "./example_runs.ts";
import {
  CLIENTS_FILE,
  clientWays,
  ends,
  jobNames,
  lagFile,
  nameOf,
  nameOfJob as nameOnRuntime,
  profileFile,
  runtimeNames,
} from "../../chapters/names/mod.ts";

/** Texts that trick HTML, SVG, scripts, terminals and readers. */
export const hostile = [
  "<script>alert(1)</script>",
  `"><img src=x onerror=alert(1)>`,
  `' onmouseover='alert(1)`,
  "<svg onload=alert(1)>",
  "<svg/onload=alert(1)//",
  "</style><script>alert(1)</script>",
  "</title><script>alert(1)</script>",
  "</script><script>alert(1)</script>",
  "--><iframe srcdoc='<script>alert(1)</script>'></iframe>",
  `<a href="javascript:alert(1)">a</a>`,
  "<math><mtext></p><style><img src=x onerror=alert(1)>",
  "<form action=http://127.0.0.1:1/><input name=a autofocus onfocus=alert(1)>",
  "<meta http-equiv=refresh content=0;url=http://127.0.0.1:1/>",
  "<base href=http://127.0.0.1:1/><link rel=stylesheet href=a.css>",
  "javascript:alert(1)",
  "&lt;b&gt; &amp; &#60;b&#62; &nbsp;",
  "]]><b>",
  "<![CDATA[<b>",
  "{{constructor.constructor('alert(1)')()}}",
  "${alert(1)}`",
  "$& $1 $$ $` $'",
  "=cmd|'/C calc'!A0",
  "\x1b[2J\x1b[31m\x1b]0;title\x07",
  "\x9b31m \x85 \x7f \b\b\b",
  "a\u202etxt.exe\u2066\u2069\u200f",
  "\x00\u2028\u2029\ufeff\ufffe",
  "\ud83d",
  "__proto__",
  "%3Cscript%3Ealert(1)%3C/script%3E",
];

const TRIALS = 5;
const ROWS = 12;

interface Planted {
  url?: string;
  run?: object;
  elapsed?: number;
}

/**
 * Writes results that all chapters draw. Every field that can hold any text holds
 * one of `texts`, and so do the names of files as far as possible.
 */
export function writeResults(folder: string, texts: string[]) {
  let taken = 0;
  const text = () => texts[taken++ % texts.length]!;
  const all = texts.join(" ");
  const parameter = encodeURIComponent(all.toWellFormed());

  function plant(name: string, { url, run, elapsed = 0.02 }: Planted = {}) {
    const { csv, json } = resultFiles(folder, name);
    const lines = [header];
    const runs = Array.from({ length: TRIALS }, (_, trial) => {
      const begun = start + trial * 1e5;
      const id = `${name} ${trial} ${text().toWellFormed()}`;
      const called = text();
      for (let row = 0; row < ROWS; row++) {
        const time = elapsed * (1 + trial / 100);
        const error = row % 6 === 5 ? text() : "";
        lines.push([
          new Date(begun + row * 10).toISOString(),
          cell(`${url ?? "http://127.0.0.1:8080/"}${text()}`),
          error ? "" : "200",
          time,
          cell(error),
          cell(called),
          cell(id),
          cell(`${row} ${text()}`),
          ...["0.001", time / 2, "0.01", "9", "9"],
        ].join());
      }
      return someRun({
        run: id,
        name: called,
        command: all,
        start: new Date(begun).toISOString(),
        seconds: elapsed * (1 + trial / 100) + 0.12,
        calls: ROWS,
        options: {
          [text()]: text(),
          url: `http://127.0.0.1:8080/?key=${parameter}`,
          rate: [{ limit: 100, per: 1 }],
          duration: 0.12,
        },
        by: text(),
        doubts: [text()],
        cpu: 0.1,
        series: { id: texts[0]!, seed: 1, trial: trial + 1, place: 1, of: 5 },
        environment: { runtime: text(), [text()]: text(), cpu: text() },
        ...run,
      });
    });
    lines.push(lines[1]!.replace("200", cell(text())));
    fs.writeFileSync(csv, lines.join("\n") + "\n");
    const broken = { ...runs[0], start: text() };
    // The other runs of the JSON are used all the same.
    const entries = name === "producer" ? [...runs, broken] : runs;
    fs.writeFileSync(json, JSON.stringify({ runs: entries }));
    return runs.map(({ run }) => run);
  }

  const styles = ["sync", "async", "semaphore-3", "async_rabbitmq", "producer"]
    .concat("consumers-1/1", "consumers-4/1");
  for (const [index, name] of styles.entries()) {
    const run = {
      concurrency: 3,
      byMessage: /rabbitmq|consumers/.test(name),
      messages: { published: ROWS, confirmed: ROWS, [text()]: 1 },
    };
    plant(name, { elapsed: 0.2 / (index + 1), run });
  }
  const stall = "http://127.0.0.1:8080/stall?" +
    "at=20ms&for=20ms&every=20s&delay=5ms&key=";
  plant("attack", { url: stall });
  plant("users", { url: stall, elapsed: 0.01 });

  const counted = ["naive", "throttle"].flatMap((strategy) =>
    ["fixed", "sliding-log"].flatMap((kind) =>
      plant(`${strategy}/${kind}`, {
        url: "http://127.0.0.1:8080/limited?limit=100&key=",
      }).map((run) => ({
        ...{ strategy, kind, run, calls: ROWS, seconds: 0.2, limit: 100 },
        ...{ accepted: ROWS, rejected: 1, [text()]: text() },
      }))
    )
  );
  fs.writeFileSync(
    path.join(folder, "limits.json"),
    JSON.stringify([...counted, { strategy: text(), kind: text() }]),
  );

  // As file names.
  const named = texts.map((each) => each.replace(/[\0/\n]/g, "").toWellFormed())
    .map((each) => each.slice(0, 80));
  const none = { min: 0, mean: 0, p50: 0, p90: 0, p95: 0 };
  const lag = { ...none, p99: 0.002, max: 0.01 };
  for (
    const [index, server] of ["bare", "hono", ...named.slice(0, 4)].entries()
  ) {
    plant(`${server}/base64`, {
      elapsed: 0.01 * (index + 1),
      run: {
        server: { cpu: 0.8, memory: 1e8, lag },
        highest: { find: text(), held: 100, broken: 105, limited: index === 1 },
      },
    });
  }

  for (const [index, runtime] of runtimeNames.entries()) {
    for (const job of jobNames) {
      const process = { runtime: text(), start: 0.1, memory: 1e8 };
      const server = job === "hono" ? { cpu: 0.8, memory: 1e8 } : undefined;
      plant(nameOnRuntime(runtime, job), {
        elapsed: 0.01 * (index + 1),
        run: { process, server, byRuntime: text() },
      });
    }
  }
  const clients = texts.map((runtime, index) => {
    const look = { headers: [text(), text()], agent: text() };
    const calls = Object.fromEntries(clientWays.map((way) => [way, look]));
    return { runtime, undici: text(), isStandIn: index % 2 === 0, calls };
  });
  fs.writeFileSync(
    path.join(folder, CLIENTS_FILE),
    JSON.stringify([...clients, { runtime: text() }, text()]),
  );

  const routes = ["/blocking", "/pool-4", "/lean", "/loop/http", "/pool/http"]
    .concat("/direct", "/queued", "/consumer")
    .concat(ends.map((end) => `${end}/sustained`));
  for (const [index, route] of routes.entries()) {
    const name = nameOf(route);
    plant(name, {
      elapsed: 0.5 / (index + 1),
      run: { service: { accepted: ROWS, rejected: 0 }, left: 0 },
    });
    const lags = Array.from({ length: 40 }, (_, at) => {
      const round = new Date(start + at * 20).toISOString();
      return `${round},${at % 5 ? 0 : 0.01},100000000`;
    });
    const heading = `timestamp,lag,memory,${cell(text())}`;
    fs.writeFileSync(
      lagFile(folder, name),
      [heading, ...lags, cell(text()), ""].join("\n"),
    );
  }
  for (const end of ends) {
    const frame = (id: number, place: string) => ({
      id,
      callFrame: { functionName: text(), url: `/p/${place}/${text()}` },
    });
    const root = { id: 1, callFrame: { functionName: "(root)", url: "" } };
    const profile = {
      nodes: [
        { ...root, children: [2, 3] },
        { ...frame(2, "lib"), children: [4] },
        frame(3, "node_modules"),
        frame(4, "scripts"),
      ],
      ...{ startTime: 0, endTime: 4000, samples: [2, 3, 4, 4] },
      timeDeltas: [0, 1000, 1000, 1000],
    };
    const name = nameOf(`${end}/profile`);
    fs.writeFileSync(profileFile(folder, name), JSON.stringify(profile));
  }
  // Files that aren't results.
  for (const each of named) {
    fs.writeFileSync(path.join(folder, `metrics_${each}.csv`), `${all}\n`);
  }
}

/** A CSV cell without line breaks. */
function cell(text: string): string {
  return `"${text.replace(/[\r\n]/g, " ").replaceAll('"', '""')}"`;
}
