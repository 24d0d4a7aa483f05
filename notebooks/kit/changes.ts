/** Files that change while somebody works on them. */
import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** What is to be looked at. */
export interface Place {
  folder: string;
  /** Whether the folders in it are, too. */
  isDeep: boolean;
}

/** Files, and what tells one version of each from the next. */
export type State = Map<string, string>;

/** What decides how a page looks. */
const watched = /\.(csv|json|cpuprofile|ts|js|css)$/;

const MILLISECONDS_BETWEEN_LOOKS = 300;
/** A script that measures writes its rows all the time. */
const MOST_LOOKS = 7;

/**
 * The state of those places now. It is looked for, because nobody tells it
 * everywhere: fs.watch misses the file that an editor puts in another's place on
 * Node, and all that other machines write to a disk.
 */
export function stateOf(places: Place[]): State {
  return new Map(
    places.flatMap(({ folder, isDeep }) => filesOf(folder, isDeep)),
  );
}

function filesOf(folder: string, isDeep: boolean): [string, string][] {
  return entriesOf(folder).flatMap((entry) => {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) return isDeep ? filesOf(file, isDeep) : [];
    if (!watched.test(entry.name)) return [];
    const { mtimeMs, size } = fs.statSync(file, { throwIfNoEntry: false }) ??
      {};
    return [[file, `${mtimeMs} ${size}`]];
  });
}

function entriesOf(folder: string): fs.Dirent[] {
  try {
    return fs.readdirSync(folder, { withFileTypes: true });
  } catch {
    // It may come, or come back.
    return [];
  }
}

/**
 * Resolves to the files that are not as they were `before`, when no more change,
 * or after a while.
 */
export async function changed(
  places: Place[],
  before: State,
): Promise<string[]> {
  let now = before;
  for (let looks = 0; looks < MOST_LOOKS;) {
    await sleep(MILLISECONDS_BETWEEN_LOOKS);
    const last = now;
    now = stateOf(places);
    if (differing(before, now).length === 0) continue;
    if (differing(last, now).length === 0) break;
    looks++;
  }
  return differing(before, now);
}

function differing(one: State, other: State): string[] {
  return [...new Set([...one.keys(), ...other.keys()])]
    .filter((file) => one.get(file) !== other.get(file));
}
