/** Calls the slow, rate-limited service behind the webhook. */
import { Agent, request } from "undici/index.js";
import { Refusal } from "../http/mod.ts";

// Ignores the proxies in the environment.
const dispatcher = new Agent({ allowH2: false });

/**
 * POSTs the event, or sends a GET without one.
 *
 * @throws {Refusal} if the service refuses, fails, or can't be reached
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
  throw new Refusal(503, "the service is over its rate limit", headers);
}
