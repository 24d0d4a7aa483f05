/** How many of 40 events at once reach a service that refuses more than 10. */
import { setTimeout as sleep } from "node:timers/promises";
import { postAll } from "./events.ts";

let inWork = 0;
async function service(_id: string, _json: string) {
  if (inWork === 10) throw new Error("the service refuses so many");
  inWork++;
  await sleep(500);
  inWork--;
}

await postAll({
  // #region shown
  "/service": (_, id) => service(id, ""),
  // #endregion
});
