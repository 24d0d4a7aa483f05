/** What a refusal and the headers of a rate limit say. */
import type { Answer } from "../../lib/client.ts";
import type { Rate } from "./pace.ts";

/**
 * How many seconds a Retry-After header (RFC 9110, 10.2.3) asks to wait: a whole
 * number, or a date, which is read against the server's own clock if its answer
 * tells that. Undefined without a header, or if it is neither or in the past.
 */
export function retryAfter(
  headers: Answer["headers"],
  now: number,
): number | undefined {
  const text = String(headers["retry-after"] ?? "").trim();
  if (/^\d+$/.test(text)) return Number(text);
  // Date.parse takes far more than HTTP's dates, which all begin with a day.
  const date = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(text)
    ? Date.parse(text)
    : NaN;
  const server = Date.parse(String(headers.date));
  const seconds = (date - (Number.isNaN(server) ? now : server)) / 1000;
  return seconds >= 0 ? seconds : undefined;
}

/**
 * The limits of a RateLimit-Policy header, as in `"burst";q=20;w=1`
 * (draft-ietf-httpapi-ratelimit-headers); none if there is no such header.
 */
export function policies(headers: Answer["headers"]): Rate[] {
  return String(headers["ratelimit-policy"] ?? "").split(",")
    .map((policy) => ({
      limit: Number(/;\s*q=(\d+)/.exec(policy)?.[1]),
      per: Number(/;\s*w=(\d+)/.exec(policy)?.[1]),
    })).filter(({ limit, per }) => limit > 0 && per > 0);
}
