/** A notebook to start from: copy it, and render it by its path. */
import { report } from "../kit/mod.ts";
const { chart, prose, snippet, summarise, table } = report;

export default report.notebook("All at once, or in turns?", (load) => {
  const styles = [load("sync"), load("async")];
  const rows = styles.map((style) => [
    style.label,
    summarise(style, "total"),
    summarise(style, "p99"),
  ]);
  return [
    prose`Nobody has to wait for a call that has nothing to do with theirs.
      This is all it takes:`,
    snippet("scripts/async.ts"),
    prose`## What it brings`,
    chart(styles, "total"),
    table(["Style", "Total time", "Response time, p99"], rows),
  ];
});
