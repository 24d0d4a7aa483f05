/** What became of calls, by their ids, in about a byte for each. */
import { ColumnsRow } from "./columns.ts";
import type { Row } from "../../../lib/row.ts";

/** Of one run, or of all ids without one. */
interface Group {
  /** By the number at the end of the id. */
  near: Uint8Array;
  /** Of ids whose end is no number, or one that is far from all others. */
  others: Map<string | number, number>;
  count: number;
}

/** 0 is not known. */
const [FAILED, SUCCEEDED] = [1, 2];

/** Where numbers are close to each other however few there are. */
const NEAR = 2 ** 20;

/** Remembers by the id of a row whether its call succeeded. */
export function rememberOutcomes() {
  const groups = new Map<string, Group>();
  let latest: string | undefined;
  let group: Group;
  let end: string | number = "";

  function find(prefix: string, rest: string | number): boolean | undefined {
    if (prefix !== latest) {
      group = groups.get(prefix) ?? newGroup();
      groups.set(latest = prefix, group);
    }
    end = rest;
    const { near, others } = group;
    const isNear = typeof end === "number" && end < near.length;
    const found = isNear && near[end as number] || others.get(end);
    return found ? found === SUCCEEDED : undefined;
  }

  return {
    /** What the row before it with the same id said; undefined without one. */
    find(row: Row): boolean | undefined {
      const start = row instanceof ColumnsRow ? row.idStart : undefined;
      if (start === "" || start?.endsWith("-")) {
        return find(start, (row as ColumnsRow).number!);
      }
      const at = row.id.lastIndexOf("-") + 1;
      const rest = row.id.slice(at);
      const isNumber = /^(?:0|[1-9]\d{0,8})$/.test(rest);
      return find(row.id.slice(0, at), isNumber ? Number(rest) : rest);
    },
    /** Remembers it of the row that was looked for last. */
    set(succeeded: boolean) {
      const outcome = succeeded ? SUCCEEDED : FAILED;
      group.count++;
      if (typeof end === "number" && hasRoom(group, end)) {
        group.near[end] = outcome;
      } else group.others.set(end, outcome);
    },
  };
}

function newGroup(): Group {
  return { near: new Uint8Array(64), others: new Map(), count: 0 };
}

/** Whether a number is near all others, for which there is room then. */
function hasRoom(group: Group, number: number): boolean {
  if (number < group.near.length) return true;
  if (number >= Math.max(NEAR, 4 * group.count)) return false;
  const near = new Uint8Array(2 ** Math.ceil(Math.log2(number + 1)));
  near.set(group.near);
  group.near = near;
  return true;
}
