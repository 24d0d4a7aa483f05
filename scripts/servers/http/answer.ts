/** How a server answers errors, the same in every framework. */
import { inspect } from "node:util";
import { say } from "../../../lib/exit.ts";

/** A mistake in a request, which the answer explains. */
export class Refusal extends Error {
  readonly status: number;
  readonly headers: Record<string, string>;

  constructor(
    status: number,
    message: string,
    headers: Record<string, string> = {},
  ) {
    super(message);
    this.name = "Refusal";
    this.status = status;
    this.headers = headers;
  }
}

export const ONE_FILE = "send one file, and nothing else";

/**
 * Errors of the parsers, by code or message, that have no status, or not the one
 * that all servers should answer with.
 */
const known: [pattern: RegExp, status: number, error?: string][] = [
  [/^FST_ERR_BAD_URL$/, 404, "no such path"],
  [/^(LIMIT_|FST_(PARTS|FILES|FIELDS)_LIMIT$)/, 400, ONE_FILE],
  [/^(Malformed|Unexpected end of)|terminated early|_FIELD_NAME$/, 400],
  [/^(Request )?(aborted|closed)$/i, 400, "the body broke off"],
];

interface Thrown {
  message: string;
  code?: string;
  status?: number;
  statusCode?: number;
  headers?: Record<string, string>;
}

/** The answer to an error, whichever framework threw it. */
export function answerTo(error: unknown) {
  if (error instanceof Refusal) {
    const { status, headers, message } = error;
    return { status, headers, body: { error: message } };
  }
  const { code = "", message, headers = {} } = error as Thrown;
  const [, status = statusOf(error as Thrown), says = message] =
    known.find(([pattern]) => pattern.test(code) || pattern.test(message)) ??
      [];
  if (status < 500) return { status, headers, body: { error: says } };
  say(inspect(error));
  return { status: 500, headers: {}, body: { error: "the server failed" } };
}

function statusOf(error: Thrown): number {
  // From JSON.parse: the body isn't JSON.
  const fallback = error instanceof SyntaxError ? 400 : 500;
  return error.status ?? error.statusCode ?? fallback;
}

/** The Server-Timing since a request arrived, such as `app;dur=12.345`. */
export function serverTiming(arrived: number): string {
  return `app;dur=${(performance.now() - arrived).toFixed(3)}`;
}
