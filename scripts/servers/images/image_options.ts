/** The options of the image servers. */
import { duration, many } from "../../../lib/options.ts";
import { serving } from "../http/mod.ts";

export const serverOptions = {
  ...serving,
  allowHost: many(
    "NAME",
    "another host that pictures may be fetched from; may be repeated " +
      "(default: this machine alone)",
    (name) => {
      const hostname = URL.parse(`http://${name}`)?.hostname;
      if (hostname === name.toLowerCase()) return hostname;
      throw new RangeError("takes the name of a host, without a port");
    },
  ),
  fetchTimeout: duration(
    "5s",
    "how long a picture may take to come, from a URL or with a request",
    { aboveZero: true },
  ),
};
