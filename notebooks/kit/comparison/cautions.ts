/** What may be wrong with a comparison, and no interval shows. */
import { group, intersection, sum } from "d3-array";
import { pagesOf, type Run } from "../trials/mod.ts";
import type { Row } from "../../../lib/row.ts";
import { figures } from "./figures.ts";
import { severalRuns, unreadRows, whyNotFaster } from "./no_claim.ts";
import { type Side, startOf, unsteady } from "./steadiness.ts";

/** The cautions about a comparison of two sides. */
export function cautions(a: Side, b: Side): string[] {
  return [
    ...sameRuns(a, b),
    ...notInterleaved(a, b),
    ...otherPlaces(a, b),
    ...otherTimes(a, b),
    ...otherOptions(a, b),
    ...otherCalls(a, b),
    ...[a, b].flatMap((side) => [
      ...lost(side),
      ...unsteady(side),
      ...failing(side),
      ...leftOut(side),
      ...doubted(side),
      ...unknown(side),
    ]),
    ...fewerSucceed(a, b),
  ];
}

function sameRuns(a: Side, b: Side): string[] {
  const [ofA, ofB] = [a, b].map(({ trials }) =>
    trials.map(({ summary }) => summary.run)
  );
  const both = [...intersection(ofA!, ofB!)];
  if (both.length === 0) return [];
  if (both.length === ofA!.length && both.length === ofB!.length) {
    return [`${a.label} and ${b.label} are the same runs`];
  }
  return [
    `${a.label} and ${b.label} share ${counted(both.length, "run")}: ` +
    both.join(", "),
  ];
}

/** In a shuffled order any two sides take turns at least once a round. */
export function notInterleaved(...sides: Side[]): string[] {
  const apart = sides.filter((a) =>
    sides.some((b) => a !== b && !takeTurns(a, b))
  );
  if (apart.length === 0) return [];
  const labels = new Intl.ListFormat("en-GB")
    .format(apart.map(({ label }) => label));
  return [
    `${labels} were not interleaved, so that whatever changed ` +
    "between their times, as heat or other work does, looks like a difference",
  ];
}

function takeTurns(a: Side, b: Side): boolean {
  const order = [a, b].flatMap((side) =>
    side.trials.map((trial) => ({ side, start: startOf(trial) }))
  ).sort((one, other) => one.start - other.start);
  const turns =
    order.filter(({ side }, index) =>
      index > 0 && side !== order[index - 1]!.side
    ).length;
  return turns >= Math.min(a.trials.length, b.trials.length);
}

export function otherPlaces(...sides: Side[]): string[] {
  const part = (name: string) => ({ environment }: Run) =>
    environment[name] === undefined ? undefined : String(environment[name]);
  return [
    ...several("machines", machineOf, sides),
    ...several("runtimes", part("runtime"), sides),
    ...several("versions of the scripts", part("version"), sides),
  ];
}

/** As in `8 x AMD EPYC, Linux 6.1 x64`; undefined if unknown. */
export function machineOf({ environment }: Run): string | undefined {
  const { cpu, cpus, os } = environment;
  const processors = [cpus, cpu].filter((part) => part !== undefined);
  return [processors.join(" x "), os].filter(Boolean).join(", ") || undefined;
}

function several(
  what: string,
  of: (run: Run) => string | undefined,
  sides: Side[],
): string[] {
  const found = new Set(
    sides.flatMap(({ trials }) =>
      trials.flatMap(({ run }) => run && of(run) || [])
    ),
  );
  if (found.size < 2) return [];
  return [`the runs were made on different ${what}: ${[...found].join("; ")}`];
}

/** Other tools may not record when a call was due. */
function otherTimes(...sides: Side[]): string[] {
  const sent = sides.filter(isFromSent);
  if (sent.length !== 1) return [];
  const [from] = sent;
  const [due] = sides.filter((side) => side !== from);
  return [
    `the times of ${from!.label} are from sent, and those of ${due!.label} ` +
    "from due: how long calls waited was measured in one of them alone",
  ];
}

/** Whether no call of a side has a wait: its times are from sent. */
export function isFromSent({ trials }: Side): boolean {
  return trials.every(({ rows, summary: { elapsed, wait } }) =>
    // A wait that can't be is not there, but was measured.
    elapsed && !wait && rows.at(0)?.wait === undefined
  );
}

/** Options about where rows go, and not about what is measured. */
const irrelevant = ["out", "append", "json", "name", "expect", "positionals"];

function otherOptions(...sides: Side[]): string[] {
  const given = sides.map(({ label, trials }) => ({
    label,
    options: trials.flatMap(({ run }) => run ? [run.options] : []),
  }));
  const shared = intersection(
    ...given.map(({ options }) => options.flatMap((each) => Object.keys(each))),
  );
  return [...shared].filter((name) => !irrelevant.includes(name))
    .flatMap((name) => {
      const values = given.map(({ options }) =>
        [...new Set(options.map((each) => text(name, each[name])))].join(" or ")
      );
      if (new Set(values).size < 2 && !values[0]!.includes(" or ")) return [];
      const says = given.map(({ label }, index) =>
        `${values[index]} in ${label}`
      );
      return [`--${name} differs: ${says.join(", ")}`];
    });
}

/** Hides the key, which is new for each run. */
function text(name: string, value: unknown): string {
  const shown = JSON.stringify(value) ?? "not given";
  return name === "url"
    ? shown.replace(/([?&])key=[^&"]*/, "$1key=...")
    : shown;
}

function otherCalls(...sides: Side[]): string[] {
  const [a, b] = sides.map(({ label, trials }) => ({
    label,
    ofEach: trials.map((trial) => pagesOf(trial, { port: false }).map(String)),
    ids: trials.flatMap(({ rows }) => rows.map(numberOf)),
  }));
  const hasOther = (these: typeof a, those: typeof a) =>
    these!.ofEach.some((pages) =>
      intersection(pages, those!.ofEach.flat()).size === 0
    );
  if (hasOther(a, b) || hasOther(b, a)) {
    const says = [a, b].map((side) => {
      const pages = [...new Set(side!.ofEach.flat())];
      return `${pages.slice(0, 3).join(", ")} in ${side!.label}`;
    });
    return [`different pages were called: ${says.join("; ")}`];
  }
  if (intersection(a!.ids, b!.ids).size > 0) return [];
  return [`${a!.label} and ${b!.label} have no call in common, by its number`];
}

/** A message's id is its run's and the call's number. */
function numberOf({ id }: Row): string {
  return id.slice(id.lastIndexOf("-") + 1);
}

function lost(side: Side): string[] {
  return [unreadRows(side) ?? [], severalRuns(side) ?? []].flat();
}

function fewerSucceed(a: Side, b: Side): string[] {
  const why = whyNotFaster(a, b) ?? whyNotFaster(b, a);
  return why ? [`${why}, so that none of its times is called faster`] : [];
}

function failing({ label, trials }: Side): string[] {
  const failed = sum(trials, ({ summary }) => summary.failed);
  const ok = sum(trials, ({ summary }) => summary.ok);
  if (failed === 0) return [];
  return [
    ok === 0
      ? `all calls of ${label} failed, so that its times are not compared`
      : `${counted(failed, "call")} of ${failed + ok} failed in ${label}; ` +
        "their times are among the others",
  ];
}

/** Which figures are means over fewer runs than there are, and why. */
function leftOut({ label, trials }: Side): string[] {
  const found = figures.flatMap(({ name, of }) => {
    const without = trials.filter(({ summary }) => of(summary) === undefined)
      .map(({ summary }) => summary);
    const impossible = without.flatMap((summary) => summary.impossible ?? []);
    const all = without.length === trials.length;
    // If nothing succeeded at all, another caution says so.
    if (without.length === 0 || all && impossible.length === 0) return [];
    const why = impossible[0] ??
      (without[0]!.ok === 0 ? "no call succeeded" : "not measured");
    return [{ name, count: without.length, why }];
  });
  return [...group(found, ({ count, why }) => `${count} ${why}`).values()]
    .map((same) => {
      const [{ count, why }] = same as [typeof found[number]];
      const names = new Intl.ListFormat("en-GB")
        .format(same.map(({ name }) => name));
      return `${count} of ${counted(trials.length, "run")} of ${label} ` +
        `${count === 1 ? "is" : "are"} left out of ${names}: ${why}`;
    });
}

function doubted({ label, trials }: Side): string[] {
  const doubts = trials.flatMap(({ run, summary: { impossible = [] } }) =>
    run?.doubts?.find((doubt) => !impossible.includes(doubt)) ?? []
  );
  if (doubts.length === 0) return [];
  return [
    `not to be trusted: ${doubts.length} of ` +
    `${counted(trials.length, "run")} of ${label}, as ${doubts[0]}`,
  ];
}

function unknown({ label, trials }: Side): string[] {
  if (trials.every(({ run }) => run)) return [];
  return [
    `no JSON says how all runs of ${label} were made, nor if they are whole`,
  ];
}

/** As in `1 call`, or `2 calls`. */
function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
