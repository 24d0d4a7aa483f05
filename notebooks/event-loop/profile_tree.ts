/** A CPU profile as a tree: where a thread's time went, by who called whom. */
import { existsSync, readFileSync } from "node:fs";
import { greatest, sum } from "d3-array";
import { messageOf } from "../../lib/exit.ts";
import { formatNumber, formatSeconds } from "../../lib/format.ts";
import { type Html, html } from "../kit/mod.ts";

/** A function, called from one place. Times are in seconds. */
export interface Call {
  name: string;
  /** Its file or its package; empty for the runtime's own. */
  place: string;
  /** Spent in it, and in all that it called. */
  self: number;
  total: number;
  calls: Call[];
  /** How many were left out between this one and its caller. */
  hidden: number;
}

/** As V8 writes it, and others after it. */
interface Profile {
  nodes: {
    id: number;
    callFrame: { functionName: string; url: string };
    children?: number[];
  }[];
  startTime: number;
  endTime: number;
  samples: number[];
  /** Microseconds; the first is from the start to the first sample. */
  timeDeltas: number[];
}

/** What V8 calls the time in which there was nothing to do. */
const IDLE = "(idle)";

/** What a file holds; a problem if that is no profile. Never throws. */
export function readProfile(file: string): { tree?: Call; problem?: string } {
  if (!existsSync(file)) return {};
  try {
    return { tree: treeOf(JSON.parse(readFileSync(file, "utf8"))) };
  } catch (error) {
    return { problem: `${file}: it is no CPU profile: ${messageOf(error)}` };
  }
}

/** A runtime that takes no samples while it is idle takes one this often else. */
const MOST_SECONDS = 0.003;

/** From the root down; a sample's time is that until the next one. */
export function treeOf(profile: Profile): Call {
  const { nodes, samples, timeDeltas, startTime, endTime } = profile;
  const samplesIdle = nodes.some(({ callFrame: { functionName } }) =>
    functionName === IDLE
  );
  const selves = new Map<number, number>();
  let at = startTime;
  let idle = 0;
  samples.forEach((id, index) => {
    at += timeDeltas[index]!;
    const next = timeDeltas[index + 1] ?? endTime - at;
    const seconds = Math.max(0, next) / 1e6;
    const used = samplesIdle ? seconds : Math.min(seconds, MOST_SECONDS);
    selves.set(id, (selves.get(id) ?? 0) + used);
    idle += seconds - used;
  });
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const children = new Set(nodes.flatMap(({ children = [] }) => children));
  const { id } = nodes.find(({ id }) => !children.has(id))!;

  function build(id: number): Call {
    const { callFrame: { functionName, url }, children = [] } = byId.get(id)!;
    const calls = children.map(build);
    return call(functionName || "(anonymous)", url, selves.get(id) ?? 0, calls);
  }
  const root = build(id);
  if (samplesIdle) return root;
  const free = call(IDLE, "", idle, []);
  return call(root.name, "", root.self, [...root.calls, free]);
}

function call(name: string, url: string, self: number, calls: Call[]): Call {
  const total = self + sum(calls, ({ total }) => total);
  return { name, place: placeOf(url), self, total, calls, hidden: 0 };
}

/** A file of the project, or the name of a package; else nothing. */
function placeOf(url: string): string {
  const [, name] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url) ?? [];
  if (name) return name;
  const own = /^(?:file:|\/).*?\/((?:scripts|lib)\/[^:]*)$/.exec(url);
  return own?.[1] ?? "";
}

/** What takes less than this share of the time that was used is left out. */
const LEAST = 0.04;

/**
 * The tree without what takes hardly any time, and without the frames of the
 * runtime and of packages that only pass on to one other.
 */
export function pruned(tree: Call, least = LEAST * usedOf(tree)): Call {
  const calls = tree.calls.filter(({ total }) => total >= least)
    .map((call) => pruned(call, least))
    .map((call) => {
      const [only, second] = call.calls;
      const isOwn = call.place.endsWith(".ts");
      const passesOn = !isOwn && call.self < least && only && !second;
      return passesOn
        ? { ...only, hidden: only.hidden + call.hidden + 1 }
        : call;
    })
    .sort((a, b) => b.total - a.total);
  return { ...tree, calls };
}

/** A function with a larger share of the time is highlighted. */
const STRIKING = 0.25;

/** A table whose first column is the tree. */
export function profileTable(tree: Call): Html {
  const lines: Html[] = [];
  function add(call: Call, depth: number) {
    const isStriking = call.self >= STRIKING * tree.total && !isIdle(call);
    const { hidden, place } = call;
    const frames = `${hidden} frame${hidden === 1 ? "" : "s"} hidden`;
    const beside = [place, hidden > 0 && frames].filter(Boolean).join(", ");
    lines.push(html`<tr${
      isStriking && html`
        class="striking"
      `
    }>
      <th scope="row"><span style="padding-left: ${depth}ch">${call.name}</span>
      <small>${beside}</small></th>
      <td>${formatSeconds(call.self)}</td><td>${formatSeconds(call.total)}</td>
      <td>${formatNumber(100 * call.total / tree.total)} %</td></tr>\n`);
    for (const each of call.calls) add(each, depth + 1);
  }
  for (const call of pruned(tree).calls) add(call, 0);
  const heading = ["Function", "Self", "Total", "Of all"];
  return html`
    <div class="scroll" tabindex="0" role="group" aria-label="Profile">
      <table class="profile">
        <thead>
          <tr>${heading.map((cell) => html`<th scope="col">${cell}</th>`)}</tr>
        </thead>
        <tbody>${lines}</tbody>
      </table>
    </div>
  `;
}

const isIdle = ({ name }: Call) => name === IDLE;

/** How long the thread had something to do, or stood still. */
export function usedOf({ total, calls }: Call): number {
  return total - sum(calls.filter(isIdle), ({ total }) => total);
}

/** The function that itself took the most of that. */
export function busiest(tree: Call): Call {
  const all = (call: Call): Call[] => [call, ...call.calls.flatMap(all)];
  return greatest(
    all(tree).filter((call) => !isIdle(call)),
    ({ self }) => self,
  )!;
}
