/** A live bar on a terminal; silent when piped. */
import process from "node:process";

const WIDTH = 30;
const MILLISECONDS_BETWEEN = 100;

/** Draws on stderr how many of `total` are done; without a total, how many. */
export function startProgress(label: string, total?: number) {
  const terminal = process.stderr.isTTY;
  const begun = performance.now();
  let done = 0;
  let drawn = -Infinity;

  function draw() {
    drawn = performance.now();
    const share = total ? Math.min(1, done / total) : 0;
    const bar = "#".repeat(share * WIDTH).padEnd(WIDTH, ".");
    const seconds = ((drawn - begun) / 1000).toFixed(1);
    const counted = total ? `[${bar}] ${done}/${total}` : `${done}`;
    process.stderr.write(`\r\x1b[K${label} ${counted} ${seconds} s`);
  }

  return {
    add() {
      done++;
      const quiet = performance.now() - drawn < MILLISECONDS_BETWEEN;
      if (terminal && !quiet) draw();
    },
    clear() {
      if (terminal) process.stderr.write("\r\x1b[K");
    },
  };
}
