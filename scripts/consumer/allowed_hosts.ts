/** The --allow-host option. */
import { many } from "../../lib/options.ts";

export interface Host {
  name: string;
  /** Undefined: any port. */
  port?: number;
}

export const allowedHosts = many(
  "HOST",
  "allow calls to this host, such as 127.0.0.1 or [::1]:8080; repeatable " +
    "(default: any host)",
  parseHost,
);

function parseHost(text: string): Host {
  const [, given, port] = /^(\[[\da-f:.]+\]|[^\s:/?#@[\]]+)(?::(\d+))?$/i
    .exec(text) ?? [];
  const name = given && URL.parse(`http://${given}`)?.hostname;
  if (name && Number(port ?? 0) < 65_536) {
    return { name, port: port === undefined ? undefined : Number(port) };
  }
  throw new RangeError("takes a host such as 127.0.0.1 or [::1]:8080");
}

const usual: Record<string, number> = { "http:": 80, "https:": 443 };

/** Whether a URL's host is in the list; an empty list allows all. */
export function isAllowed(url: string, hosts: Host[]): boolean {
  if (hosts.length === 0) return true;
  const { protocol, hostname, port } = new URL(url);
  const asked = Number(port) || usual[protocol];
  return hosts.some(({ name, port = asked }) =>
    name === hostname && port === asked
  );
}
