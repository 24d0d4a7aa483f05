/** The service behind the webhook, which is slow and has a limit. */
import { Agent, request } from "undici/index.js";
import { Refusal } from "../http/mod.ts";

// Of its own, so that it asks no proxy.
const dispatcher = new Agent({ allowH2: false });

/**
 * Calls it with what the webhook was sent, or with nothing.
 *
 * @throws {Refusal} when it refuses, fails, or can't be reached
 */
export async function callService(url: string, json?: string): Promise<void> {
  const answer = await request(url, {
    dispatcher,
    method: json === undefined ? "GET" : "POST",
    headers: { "content-type": "application/json" },
    body: json,
  }).catch(() => {
    throw new Refusal(502, "the service can't be reached");
  });
  await answer.body.dump();
  const { statusCode: status, headers: { "retry-after": retry } } = answer;
  if (status >= 200 && status <= 299) return;
  if (status !== 429) throw new Refusal(502, `the service answers ${status}`);
  const headers = { "retry-after": String(retry ?? 1) };
  throw new Refusal(503, "the service refuses so many", headers);
}
