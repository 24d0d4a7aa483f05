/** A run as the JSON beside its rows lists it, with what the chapters' scripts add. */
import type { Run as Measured } from "../../../lib/results.ts";
import type { ProcessUse } from "../../../scripts/chapters/runtimes/mod.ts";
import type { ServerUse } from "../../../scripts/chapters/frameworks/mod.ts";
import type { Series } from "../../../scripts/chapters/mod.ts";
import type { Highest } from "../../../scripts/load/mod.ts";

export interface Run extends Measured {
  /** The command line of the script that had it made, as one of many. */
  by?: string;
  /** What ran that script, as in `deno 2.9.6`. */
  byRuntime?: string;
  /** The interleaved trials that it was one of. */
  series?: Series;
  /** What the server took meanwhile, by its own account. */
  server?: ServerUse;
  /** The process that the run is about, where runtimes are compared. */
  process?: ProcessUse;
  /** The highest rate that the server held. */
  highest?: Highest;
  /** What a service with a limit counted, which was called because of the run. */
  service?: { accepted: number; rejected: number };
  /** Messages that were left in the queue. */
  left?: number;
}
