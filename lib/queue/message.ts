/** The message that asks for a call: how it is written and read. */
import { Buffer } from "node:buffer";
import type { Message, Options } from "amqplib";
import type { Request } from "../client.ts";
import { isHttpUrl } from "../options.ts";
import { visible } from "../text.ts";

/**
 * Writes the message for a GET, or a POST of `json`. `published` is in milliseconds
 * since 1970, as wallClock() returns it.
 */
export function writeMessage(
  { url, id, published, json }: {
    url: string;
    id: string;
    published: number;
    json?: string;
  },
): { body: Buffer; properties: Options.Publish } {
  const properties = {
    persistent: true,
    messageId: id,
    contentType: "application/json",
    // AMQP's timestamp has whole seconds, hence the header.
    timestamp: Math.trunc(published / 1000),
    headers: { published },
  };
  return { body: Buffer.from(JSON.stringify({ url, json })), properties };
}

/**
 * Reads a message: the call that it asks for, or the mistake in it; its id, if it
 * has one; and when it was published.
 */
export function readMessage({ content, properties }: Message) {
  const { messageId } = properties;
  const { published } = properties.headers ?? {};
  let url: unknown;
  let json: unknown;
  let mistake: string | undefined;
  try {
    ({ url, json } = JSON.parse(content.toString()) ?? {});
    if (url === undefined) mistake = "it has no url";
    else if (!isHttpUrl(url)) mistake = "its url is not http:// or https://";
    else if (typeof (json ?? "") !== "string") {
      mistake = "its json is not a string";
    }
  } catch {
    mistake = "it is not JSON";
  }
  const request: Request = { url: String(url ?? "") };
  if (typeof json === "string") {
    request.method = "POST";
    request.headers = { "content-type": "application/json" };
    request.body = Buffer.from(json);
  }
  return {
    request,
    id: messageId === undefined ? undefined : visible(String(messageId)),
    published: typeof published === "number" ? published : undefined,
    mistake,
  };
}
