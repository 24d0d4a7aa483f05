/** A disk that is small enough to fill. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { after } from "node:test";

export interface Disk {
  folder: string;
  /** Fills it to the last byte. */
  fill(): void;
  /** Makes room again. */
  free(): void;
}

/**
 * Mounts a tmpfs that ends with this process. Returns why it can't where there is
 * no Linux, or no right to create namespaces.
 */
export async function smallDisk(kilobytes: number): Promise<Disk | string> {
  const mount = `mount -t tmpfs -o size=${kilobytes}k tmpfs /tmp`;
  // Only this namespace sees the mount, which ends with its last process.
  const holder = spawn("unshare", [
    "-rm",
    "sh",
    "-c",
    `${mount} && echo && cat`,
  ]);
  after(() => void holder.stdin.end());
  const opened = once(holder.stdout, "data").then(() => undefined);
  const failed = once(holder, "error").then(([error]) => String(error));
  const closed = once(holder, "close").then(([code]) =>
    `unshare ended with ${code}`
  );
  const missing = await Promise.race([opened, failed, closed]);
  if (missing) return `no small disk can be mounted: ${missing}`;
  const folder = `/proc/${holder.pid}/root/tmp`;
  const ballast = path.join(folder, "ballast");
  return {
    folder,
    fill() {
      for (const bytes of [4096, 1]) {
        try {
          while (true) fs.appendFileSync(ballast, "x".repeat(bytes));
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
        }
      }
    },
    free: () => fs.rmSync(ballast),
  };
}
