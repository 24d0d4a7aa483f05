/** Where figures come from: the commands and the machines that made them. */
import { rollups } from "d3-array";
import { code } from "./snippets/mod.ts";
import { bullets, type Html, html } from "./html.ts";
import type { Run } from "./trials/mod.ts";

/** The end of a chapter: the origin of its numbers, and what they can't say. */
export function closing(origin: Html, limits: (string | false)[]): Html {
  return html`<h2>Where the numbers come from</h2>
    ${origin}
    <h2>What the numbers can't say</h2>
    ${bullets(limits)}`;
}

/** The commands of the runs, and the environments that they ran in. */
export function provenance(runs: Run[]): Html {
  if (runs.length === 0) return html`<p>No file says who made the rows.</p>`;
  const environments = new Map(
    runs.map(({ environment }) => [JSON.stringify(environment), environment]),
  );
  return html`<p>Measured ${days(runs)} in ${
    environments.size === 1 ? "this environment:" : "different environments:"
  }</p>
${
    [...environments.values()].map((environment) =>
      html`<dl>${
        Object.entries(environment).map(([name, value]) =>
          html`
            <div>
              <dt>${name}</dt>
              <dd>${value}</dd>
            </div>
          `
        )
      }</dl>`
    )
  }<p>These commands made the rows:</p>
${code(commands(runs).join("\n"))}`;
}

/** The day of the runs, which are not none, or the first and the last one. */
export function days(runs: Run[]): string {
  const dates = runs.map(({ start }) => start.slice(0, 10)).sort();
  const [first, last] = [dates[0], dates.at(-1)];
  return first === last ? `on ${first}` : `from ${first} to ${last}`;
}

/** The same for runs that another script had made, one command for each. */
export function provenanceBy(runs: Run[]): Html {
  const scripts = new Map(runs.map((run) => [run.by, run]));
  scripts.delete(undefined);
  const lines = [...scripts].map(([by, run]) => {
    const { runtime } = run.environment;
    const environment = { runtime: run.byRuntime ?? String(runtime) };
    return commandLine({ ...run, command: shortened(by!), environment });
  });
  const short = runs.map((run) => (
    { ...run, command: shortened(run.command) }
  ));
  return html`${
    lines.length > 0 && html`<p>This ran all the commands
below, each with a URL or a queue, a name and a folder, which are left out:</p>
${code(lines.join("\n"))}`
  }${provenance(short)}`;
}

/** Without the options for where rows go and which server is called. */
function shortened(command: string): string {
  const own =
    / --(?:(?:name|out|url|amqp|queue) (?:'[^']*'|\S+)|json|append)(?= |$)/g;
  return command.replace(own, "");
}

/** Each command once, with how often it ran. */
function commands(runs: Run[]): string[] {
  return rollups(runs, (same) => same.length, commandLine)
    .map(([line, times]) => times > 1 ? `${line}  # ${times} times` : line);
}

function commandLine({ command, environment }: Run): string {
  const [runtime] = String(environment.runtime).split(" ");
  return `${runtime}${runtime === "deno" ? " run -A" : ""} ${command}`;
}
