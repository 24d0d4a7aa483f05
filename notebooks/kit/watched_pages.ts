/** Pages that load themselves again, and are on disk as they always are. */
import { createHash } from "node:crypto";
import fs from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import path from "node:path";
import { html } from "./html.ts";
import { page } from "./page.ts";

/** What a build came to: the page to begin with, or what went wrong. */
export interface Built {
  first?: string;
  error?: string;
}

const reload = fs.readFileSync(new URL("reload.js", import.meta.url), "utf8");

/** Answers requests for the pages of a folder, and tells them of builds. */
export function watchedPages(out: string, built: Built) {
  /** Which build it is; of another server it is another one. */
  let seen = Date.now();
  let first = built.first ?? "index.html";
  let { error } = built;
  const open = new Set<ServerResponse>();

  function show(built: Built) {
    error = built.error;
    first = built.first ?? first;
    // What is on disk is as it was if the build failed.
    if (!error) seen++;
    for (const response of open) tell(response);
  }

  function tell(response: ServerResponse, known?: string | null) {
    if (error) response.write(event("failed", error));
    else if (known !== String(seen)) response.write(event("rendered", seen));
  }

  function answer(request: IncomingMessage, response: ServerResponse) {
    const [asked, query] = request.url!.split("?");
    const name = decodeName(asked!.slice(1));
    if (!isOwn(request)) return respond(response, 403, "text/plain", "");
    if (name === "") {
      return response.writeHead(302, { location: `/${encodeURI(first)}` })
        .end();
    }
    if (name === "events") {
      response.writeHead(200, { "content-type": "text/event-stream" });
      open.add(response);
      response.on("close", () => open.delete(response));
      response.write(": the first line has the headers sent\n\n");
      return tell(response, new URLSearchParams(query).get("seen"));
    }
    const file = path.join(out, name);
    const isPage = path.basename(name) === name && name.endsWith(".html");
    const isThere = isPage && fs.existsSync(file);
    const text = isThere ? fs.readFileSync(file, "utf8") : absent(name);
    respond(response, isThere ? 200 : 404, "text/html", reloading(text, seen));
  }

  return { answer, show };
}

/** Not one that another site's name leads here. */
function isOwn({ headers }: IncomingMessage): boolean {
  return /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(headers.host ?? "");
}

function decodeName(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function respond(
  response: ServerResponse,
  status: number,
  type: string,
  body: string,
) {
  const headers = { "content-type": `${type}; charset=utf-8` };
  response.writeHead(status, { ...headers, "cache-control": "no-store" });
  response.end(body);
}

function event(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

function absent(name: string): string {
  return page("Not rendered", html`<p>There is no ${name} yet.</p>`);
}

/** Adds the script that reloads a page, and has the page's policy let it. */
function reloading(document: string, seen: number): string {
  const script = `const seen = ${seen};\n${reload}`;
  const hash = createHash("sha256").update(script).digest("base64");
  return document
    .replace(
      /(http-equiv="Content-Security-Policy" content="[^"]*?)script-src/,
      (_, before) =>
        `${before}connect-src &#39;self&#39;; script-src ` +
        `&#39;sha256-${hash}&#39;`,
    )
    .replace(
      /<\/body>(?!.*<\/body>)/s,
      () => `<script>${script}</script></body>`,
    );
}
