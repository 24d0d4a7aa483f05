/**
 * Is it really faster?
 *
 *     deno run -A scripts/compare.ts results/metrics_sync.csv results/metrics_async.csv
 *     deno run -A scripts/compare.ts before.csv after.csv --expect 'p99<=+5%'
 *     deno run -A scripts/compare.ts all.csv#sync all.csv#async
 *
 * Compares each side with the first, by response times, throughput and success, and
 * says which differences are more than chance. A side is a CSV (each name in it, if
 * it has several), or the names or runs in it that follow a #. Each run is a trial;
 * you need at least four a side (five for three or more sides). Interleave them with
 * --append.
 *
 * If more than 1 % of a side's rows are unreadable, there is no verdict on it, and
 * no --expect holds.
 *
 * Intervals are 95 %, by a bootstrap over the trials. All verdicts of one run hold
 * together in 95 % of cases.
 */
import process from "node:process";
import {
  compareSides,
  formatComparisons,
  parseExpectation,
  readSides,
  toJson,
} from "../notebooks/kit/comparison/mod.ts";
import { main, say } from "../lib/exit.ts";
import { flag, many, readOptions, wrong } from "../lib/options.ts";
import { visible } from "../lib/text.ts";

const { positionals, json, expect } = readOptions({
  json: flag("print the comparisons as a JSON array"),
  expect: many(
    "RULE",
    "exit 3 unless the interval of a difference is within it, as in " +
      "'p99<=+5%' or 'throughput>=-2%'",
    parseExpectation,
  ),
}, Infinity);
if (positionals.length === 0) {
  wrong("name the CSVs to compare, as in a.csv b.csv; see --help");
}

await main(() => {
  const { sides, problems } = readSides(positionals);
  problems.forEach((problem) => say(visible(problem)));
  const comparisons = compareSides(sides);
  console.log(
    json
      ? visible(JSON.stringify(toJson(comparisons)))
      : formatComparisons(comparisons),
  );
  for (const { b, found } of comparisons) {
    for (const expectation of expect) {
      const broken = expectation(found);
      if (!broken) continue;
      say(`${b.label}: ${broken}`);
      process.exitCode = 3;
    }
  }
});
