/** Do intervals of 95 % hold what is true in 95 % of cases? */
import { formatShare } from "../../../notebooks/kit/comparison/mod.ts";
import { coverageOf, syntheticLaws } from "./synthetic.ts";
import { judged, printLine } from "./tables.ts";

const DATA = { trials: 10, calls: 200 };

/** For one data set, three laws. */
export const coverageSeconds = (sets: number) => sets * 0.03;

export function benchmarkCoverage(sets: number) {
  const { trials, calls } = DATA;
  console.log(
    `\nCoverage: ${sets} synthetic data sets of ${trials} + ${trials}`,
  );
  console.log(`trials of ${calls} calls; goal: 93 to 97 %; ! is not`);
  printLine("", ["one side ", "difference ", "ratio "]);
  for (const law of syntheticLaws) {
    const covered = coverageOf(law, { sets, ...DATA });
    for (const figure of ["mean", "median"] as const) {
      const { side, difference, ratio } = covered[figure];
      printLine(
        `${law.name} ${figure}`,
        [side, difference, ratio].map((share) =>
          judged(formatShare(share), share >= 0.93 && share <= 0.97)
        ),
      );
    }
  }
}
