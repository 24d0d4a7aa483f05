/** The memory and sockets of processes over time, from /proc. */
import fs from "node:fs";
import { group, max, median } from "d3-array";

export interface Sample {
  /** What the process is, of which there may be several after each other. */
  role: string;
  /** Bytes that are resident. */
  memory: number;
  sockets: number;
}

/** A sample of a process, if it is still there. */
export function sample(role: string, pid: number | undefined): Sample[] {
  try {
    const status = fs.readFileSync(`/proc/${pid}/status`, "utf8");
    const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(status) ?? [];
    const folder = `/proc/${pid}/fd`;
    const sockets = fs.readdirSync(folder)
      .filter((file) => isSocket(`${folder}/${file}`)).length;
    return [{ role, memory: Number(kilobytes) * 1024, sockets }];
  } catch {
    return [];
  }
}

function isSocket(link: string): boolean {
  try {
    return fs.readlinkSync(link).startsWith("socket:");
  } catch {
    return false;
  }
}

/** What a role used early and late. */
export interface Growth {
  role: string;
  /** The median, in bytes. */
  memory: [early: number, late: number];
  /** The most at once. */
  sockets: [early: number, late: number];
  isFlat: boolean;
}

/** More growth than this is no chance: a share, and as many bytes on top. */
const SHARE = 0.25;
const MEMORY = 64e6;
/** Of the connection to RabbitMQ, old ones that are closing, and the runtime's. */
const SOCKETS = 10;

/**
 * Compares the second fifth of each role's samples with the last one. `calls` in
 * flight may need as many sockets.
 */
export function growth(samples: Sample[], calls: number): Growth[] {
  return [...group(samples, ({ role }) => role)].map(([role, all]) => {
    const fifth = Math.ceil(all.length / 5);
    const parts = [all.slice(fifth, 2 * fifth), all.slice(-fifth)];
    const [memory, sockets] = [
      parts.map((part) => median(part, ({ memory }) => memory) ?? 0),
      parts.map((part) => max(part, ({ sockets }) => sockets) ?? 0),
    ] as [Growth["memory"], Growth["sockets"]];
    return {
      role,
      memory,
      sockets,
      isFlat: memory[1] <= memory[0] * (1 + SHARE) + MEMORY &&
        sockets[1] <= Math.max(sockets[0], calls) + SOCKETS,
    };
  });
}
