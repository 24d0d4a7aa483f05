/** Where a redirection leads. */
import type { Request } from "./client.ts";

/**
 * The URL that a Location header names, null if it names none. Bytes beyond
 * ASCII, each of which is one character here, are taken as browsers and curl
 * take them: as parts of UTF-8.
 */
export function locationUrl(location: unknown, base: string): URL | null {
  const escaped = String(location).replace(
    /[\x80-\xff]/g,
    (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return URL.parse(escaped, base);
}

/**
 * The request that a redirection asks for (RFC 9110, 15.4), if it can be made: a
 * GET, unless the method is to be kept; without what only the first server, or a
 * body, was meant to see.
 */
export function redirection(
  { url, method = "GET", headers = {}, body }: Request,
  status: number,
  location: string | string[] | undefined,
): Request | undefined {
  const next = locationUrl(location, url);
  const known = [301, 302, 303, 307, 308].includes(status);
  if (!location || !known || !next || !/^https?:$/.test(next.protocol)) return;
  const kept = method === "HEAD" || status >= 307 ||
    status !== 303 && method !== "POST";
  const foreign = next.origin !== new URL(url).origin;
  const left = Object.entries(headers).filter(([name]) =>
    name !== "host" && (kept || !name.startsWith("content-")) &&
    !(foreign && /^(authorization|cookie|proxy-authorization)$/.test(name))
  );
  return {
    url: next.href,
    method: kept ? method : "GET",
    headers: Object.fromEntries(left),
    body: kept ? body : undefined,
  };
}
