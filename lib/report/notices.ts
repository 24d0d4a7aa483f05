/** What a chapter says about what it could not use. */
import path from "node:path";
import { code } from "./code.ts";
import { bullets, type Html, html } from "./html.ts";

/** What to do about something that wasn't measured. */
export function missing(what: string, command: string): Html {
  return html`
    <p class="notice">${what} was not measured. This measures it:</p>
    ${code(command)}
  `;
}

/**
 * What is wrong with the files of a folder, wherever that is; nothing if nothing
 * is.
 */
export function problemList(problems: string[], folder: string): Html {
  const says = "What is wrong with the results; all that can be used is below.";
  const place = path.join(folder, path.sep);
  return noticeList(
    says,
    problems.map((problem) =>
      problem.startsWith(place) ? problem.slice(place.length) : problem
    ),
  );
}

/** Which trials are not to be trusted, and why; nothing if all are. */
export function doubtList(doubts: string[]): Html {
  return noticeList("Some trials are in doubt:", doubts);
}

function noticeList(says: string, items: string[]): Html {
  if (items.length === 0) return html``;
  return html`
    <div class="notice">
      <p>${says}</p>
      ${bullets(items)}
    </div>
  `;
}
