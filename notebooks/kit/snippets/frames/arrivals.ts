/** When each call is due, while the rate climbs to 10 a second and stays. */
import { arrivals } from "../../../../scripts/load/mod.ts";

// #region shown
// #endregion

const { total, seconds, due } = arrivals([
  { from: 0, to: 10, seconds: 2 },
  { from: 10, to: 10, seconds: 1 },
]);
console.log("call,due");
for (let n = 0; n < total; n++) console.log(`${n + 1},${due(n).toFixed(3)}`);
console.error(`${total} calls are due within ${seconds} s`);
