/** How many connections this process may have: each is an open file. */
import { wrong } from "../../lib/options.ts";
import { FILES_RESERVED, openFileLimit } from "../../lib/runtime.ts";

/**
 * Checks that so many connections can be open at once. `what` asks for them, as
 * in `--users 70000`, and ends the script with code 2 when they can't.
 */
export function checkOpenFiles(
  connections: number,
  what: string,
  limit = openFileLimit(),
): void {
  const needed = connections + FILES_RESERVED;
  if (limit === undefined || needed <= limit) return;
  wrong(
    `${what} needs ${needed} open files, and this shell allows ${limit}; ` +
      `run ulimit -n ${needed} first, as root if that is refused`,
  );
}
