/** What a killed script leaves behind. */
import assert from "node:assert/strict";
import fs from "node:fs";
import process from "node:process";
import test, { after } from "node:test";
import { killRound } from "./loss/kills.ts";
import { readRuns, resultFiles } from "../../lib/results.ts";
import { parseRows } from "../../notebooks/kit/rows/parse_rows.ts";
import { startServer } from "../../lib/script.ts";
import { eventually, get, spawnScript } from "./testing/processes.ts";
import { temporaryFolder } from "./testing/processes.ts";

const target = await startServer("target.ts");
after(target.stop);

const calls = ["--calls", "2000"];
const rate = ["--rate", "100"];

/** Options for a long run of each script, by the name of its rows. */
const scripts: Record<string, string[]> = {
  "sync": calls,
  "async": calls,
  "throttle": [...rate, ...calls],
  "attack": [...rate, "--duration", "1m"],
  "users": ["--users", "3", "--duration", "1m"],
};

Object.entries(scripts).forEach(([name, options], index) => {
  const script = `${name}.ts`;
  const out = temporaryFolder();
  const { csv, json } = resultFiles(out, name);

  /** Kills a run, and then a second run that appends to its files. */
  async function killTwice() {
    const left = await killRound({
      script,
      options,
      seed: index + 1,
      out,
      // On a busy machine a row may take longer than 100 ms to reach the disk.
      within: [1.1, 1.6],
      patience: 1,
      median: name === "async" ? 0.5 : 0.02,
    });
    const lock = fs.existsSync(`${csv}.lock`);
    fs.appendFileSync(csv, "2024-05-06T07:0");
    // Without --url it starts its own target.
    const again = [...options, "--out", out, "--append"];
    const { child, ended } = spawnScript(script, again);
    const added = await eventually("a row of the second run", () => {
      const { run } = readRuns(json)[1] ?? {};
      return rowsOf(csv).find((row) => row.run === run);
    });
    process.kill(child.pid!, "SIGKILL");
    const { stderr } = await ended;
    await eventually("the end of its target", () => isGone(added.url));
    return { left, lock, stderr };
  }

  const killed = killTwice();
  // All run at the same time; the tests below handle rejections.
  killed.catch(() => {});

  test(`a killed ${script} leaves files that the report and the next run can read`, async () => {
    const { left, lock, stderr } = await killed;
    const { rows, ...problems } = left;
    assert.ok(rows.length > 0 && lock);
    assert.deepEqual(
      { ...problems, behind: 0 },
      { problems: [], missing: [], wrong: [], behind: 0 },
    );
    assert.equal(stderr, "");
    assert.deepEqual(rowsOf(csv).slice(0, rows.length), rows);
    assert.match(fs.readFileSync(csv, "utf8"), /^2024-05-06T07:0,torn$/m);
    const [first, second, ...others] = readRuns(json);
    assert.deepEqual([first!.end, second!.end, others], [
      undefined,
      undefined,
      [],
    ]);
  });
});

test("killing --find also ends, in order, the run that it started", async () => {
  const out = temporaryFolder();
  const { csv, json } = resultFiles(out, "find");
  const { child } = spawnScript("attack.ts", [
    ...["--find", "p99<20s", "--rate", "50", "--duration", "1m", "--out", out],
    // Slow, so that some calls are in flight.
    ...["--url", `${target.url}/delay/500`],
  ]);
  await eventually("a row", () => fs.existsSync(csv) && rowsOf(csv).length > 0);
  const [pid] = fs.readFileSync(`${csv}.lock`, "utf8").split(" ");
  process.kill(child.pid!, "SIGKILL");
  try {
    const run = await eventually("its end", () => {
      const [run] = readRuns(json);
      return run?.end ? run : undefined;
    });
    assert.equal(run.interrupted, true);
    await eventually(
      "its lock to be gone",
      () => !fs.existsSync(`${csv}.lock`),
    );
  } catch (error) {
    process.kill(Number(pid), "SIGKILL");
    throw error;
  }
});

/** The complete rows: a kill may tear the last line. */
function rowsOf(csv: string) {
  return parseRows(fs.readFileSync(csv, "utf8")).rows;
}

/** Whether the server of a URL has ended. */
const isGone = (url: string) => get(url).then(() => false, () => true);
