/** A report that is kept up to date, and the server that shows it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import path from "node:path";
import process from "node:process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { say } from "../../lib/exit.ts";
import { command } from "../../lib/runtime.ts";
import {
  listening,
  serveUntilStopped,
} from "../../scripts/servers/http/mod.ts";
import { changed, type Place, stateOf } from "./changes.ts";
import { type Built, watchedPages } from "./watched_pages.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const script = path.join(root, "scripts", "report.ts");

/**
 * Serves the pages of a report until a signal, and renders them again when a
 * result, a notebook or a script changes; prints its URL first.
 */
export async function watchReport({ results, out, port = 0, names, files }: {
  results: string;
  out: string;
  port?: number;
  /** What the report is asked for, and the notebooks that this means. */
  names: string[];
  files: string[];
}) {
  const own = [results, ...files.map((file) => path.dirname(file))];
  const ours = ["scripts", "lib", "notebooks"];
  const places: Place[] = [
    ...own.map((folder) => ({ folder: path.resolve(folder), isDeep: false })),
    ...ours.map((folder) => ({
      folder: path.join(root, folder),
      isDeep: true,
    })),
  ];
  const ending = new AbortController();
  const options = ["--results", results, "--out", out, ...names];
  const build = () => built(options, ending.signal);
  let before = stateOf(places);
  const pages = watchedPages(out, await build());
  await serveUntilStopped(
    { host: "127.0.0.1", port, untilEof: false },
    (where) => listening(createServer(pages.answer), where),
    () => ending.abort(),
  );
  for (;;) {
    const [first, ...others] = await changed(places, before);
    before = stateOf(places);
    const more = others.length > 0 ? ` and ${others.length} more` : "";
    say(`${path.relative("", first ?? "")}${more} changed; rendering again`);
    pages.show(await build());
  }
}

/** Of a process of its own: what was imported before can't be imported anew. */
async function built(
  options: string[],
  signal: AbortSignal,
): Promise<Built> {
  const [program, ...rest] = command(script);
  const child = spawn(program!, [...rest, ...options], {
    stdio: ["ignore", "pipe", "pipe"],
    signal,
  });
  child.stderr.pipe(process.stderr);
  const [[code], stdout, stderr] = await Promise.all([
    once(child, "close"),
    text(child.stdout),
    text(child.stderr),
  ]);
  const pages = stdout.trim().split("\n").map((file) => path.basename(file));
  const index = pages.find((page) => page === "index.html");
  return code === 0
    ? { first: index ?? pages[0] }
    : { error: stderr.trim() || `the report ended with code ${code}` };
}
