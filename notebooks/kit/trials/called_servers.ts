/** Which servers, and which of their pages, the calls of a trial went to. */
import { ColumnsRow, type Rows } from "../rows/mod.ts";
import type { Trial } from "./trials.ts";

/** Without the key of the target's clock, which is new for each run. */
export function withoutKey(url: string): string {
  const parsed = URL.parse(url);
  if (!parsed) return url;
  parsed.searchParams.delete("key");
  return parsed.href;
}

/** Whether the run started its own target, on any free port. */
export function isEmbedded({ run }: Trial): boolean {
  return run !== undefined && run.options.url === undefined &&
    run.options.targets === undefined;
}

/** What a trial called, once each: URLs without a query or a call's number. */
export function pagesOf(
  trial: Trial,
  { port = !isEmbedded(trial) } = {},
): URL[] {
  const { url } = trial.run?.options ?? {};
  const called = typeof url === "string"
    ? [withoutQuery(url)]
    : pagesIn(trial.rows);
  return [...new Set(called)].sort().flatMap((text) => {
    const page = URL.parse(text);
    if (page && !port) page.port = "";
    return page ?? [];
  });
}

/** Whether all trials called the same pages, and asked the same of them. */
export function calledTheSame(trials: Trial[]): boolean {
  const pages = trials.map((trial) => pagesOf(trial).join(" "));
  const queries = trials.flatMap(({ run }) => {
    const { url } = run?.options ?? {};
    return typeof url === "string" ? queryOf(url) : [];
  });
  return new Set(pages).size <= 1 && new Set(queries).size <= 1;
}

/** Whether client and server shared one machine. */
export function isLoopback(trial: Trial): boolean {
  return pagesOf(trial).some(({ hostname }) =>
    /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)
  );
}

function pagesIn(rows: Rows): string[] {
  const pages: string[] = [];
  let latest: string | undefined;
  rows.forEach((row) => {
    // Nearly all URLs in a row differ in the query alone.
    const start = row instanceof ColumnsRow ? row.urlStart : undefined;
    if (start !== undefined && start === latest) return;
    pages.push(withoutNumber(withoutQuery(row.url), row.id));
    latest = start?.includes("?") ? start : undefined;
  });
  return pages;
}

function withoutQuery(url: string): string {
  return url.split(/[?#]/, 1)[0]!;
}

function withoutNumber(url: string, id: string): string {
  if (id === "" || !url.includes(`/${id}`)) return url;
  return url.split("/").map((part) => part === id ? "{id}" : part).join("/");
}

function queryOf(url: string): string {
  const { searchParams } = new URL(withoutKey(url));
  return String([...searchParams].filter(([_, value]) => value !== "{id}"));
}
