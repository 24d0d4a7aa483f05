/** The options of the image servers. */
import { duration, many } from "../../../lib/options.ts";
import { serving } from "../http/mod.ts";

export const serverOptions = {
  ...serving,
  allowHost: many(
    "NAME",
    "also fetch pictures from this host; repeatable (default: only " +
      "from this machine)",
    (name) => {
      const hostname = URL.parse(`http://${name}`)?.hostname;
      if (hostname === name.toLowerCase()) return hostname;
      throw new RangeError("takes a host name without a port");
    },
  ),
  fetchTimeout: duration(
    "5s",
    "timeout of a request's body, and of fetching a picture",
    { aboveZero: true },
  ),
};
