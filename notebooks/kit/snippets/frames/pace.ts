/** When calls are sent that keep to two limits, by timers that are late. */
import {
  dueAfter,
  intervalOf,
  waitFor,
} from "../../../../scripts/throttle/mod.ts";

// #region shown
// #endregion

const jitter = 0.01;
const limits = [{ limit: 20, per: 1 }, { limit: 100, per: 10 }];
const interval = intervalOf(limits, jitter);

console.log("call,due,sent");
let [due, now] = [0, 0];
for (let call = 1; call <= 20; call++) {
  // As if a timer were up to 12 ms late.
  now += waitFor(due, now, interval) + 0.004 * (call % 4);
  console.log([call, due.toFixed(3), now.toFixed(3)].join());
  due = dueAfter(due, now, { interval, jitter });
}
console.error(`20 calls in ${now.toFixed(2)} s, by ${limits.length} limits`);
