/** A call that has to be answered with a picture. */
import type { Client, Request } from "../../../lib/client.ts";
import { Failure } from "../../../lib/exit.ts";

/** How long such a call may take, in seconds. */
export const TIMEOUT = 30;

/**
 * Makes one call and resolves to how long it took, in seconds.
 *
 * @throws {Failure} if the answer is anything but a picture
 */
export async function callForPicture(
  client: Client,
  request: Request,
): Promise<number> {
  const { status, headers, error, elapsed } = await client.call(request);
  const type = String(headers["content-type"] ?? "no type");
  if (status === 200 && !error && type.startsWith("image/")) return elapsed!;
  throw new Failure(
    `${request.url} answers ${error || `${status} and ${type}`}, and not 200 ` +
      "and a picture; each server needs the three routes of " +
      "scripts/servers/bare.ts, or --only with those that it has",
  );
}
