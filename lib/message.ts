/** A call on its way through the queue: scripts write and read the same message. */
import { Buffer } from "node:buffer";
import type { ConsumeMessage, Options } from "amqplib";
import { wallClock } from "./call.ts";
import { isHttpUrl } from "./options.ts";

/** The message that asks for a call, published at a {@link wallClock} moment. */
export function writeMessage(
  { url, id, published }: { url: string; id: string; published: number },
): { body: Buffer; properties: Options.Publish } {
  const properties = {
    persistent: true,
    messageId: id,
    contentType: "application/json",
    // AMQP's own timestamp counts whole seconds.
    timestamp: Math.trunc(published / 1000),
    headers: { published },
  };
  return { body: Buffer.from(JSON.stringify({ url })), properties };
}

/**
 * What a message asks for, or the mistake in it; `wait` is in seconds, from
 * being published until now.
 */
export function readMessage({ content, properties, fields }: ConsumeMessage) {
  const id = String(properties.messageId ?? fields.deliveryTag);
  const published = properties.headers?.published;
  const wait = typeof published === "number"
    ? (wallClock() - published) / 1000
    : undefined;
  let url: unknown;
  let mistake: string | undefined;
  try {
    url = JSON.parse(content.toString())?.url;
    if (url === undefined) mistake = "it has no url";
    else if (!isHttpUrl(url)) mistake = "its url is not http:// or https://";
  } catch {
    mistake = "it is not JSON";
  }
  return { url: String(url ?? ""), id, wait, mistake };
}
