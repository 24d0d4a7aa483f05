/** A call on its way through the queue: scripts write and read the same message. */
import { Buffer } from "node:buffer";
import type { Message, Options } from "amqplib";
import type { Request } from "../client.ts";
import { isHttpUrl } from "../options.ts";
import { visible } from "../text.ts";

/**
 * The message that asks for a call, published at a moment of wallClock(): a
 * GET, or a POST of `json`.
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
    // AMQP's own timestamp counts whole seconds.
    timestamp: Math.trunc(published / 1000),
    headers: { published },
  };
  return { body: Buffer.from(JSON.stringify({ url, json })), properties };
}

/**
 * What a message asks for, or the mistake in it, such as a URL that is not
 * allowed; its id, if it has one; and when it was published.
 */
export function readMessage(
  { content, properties }: Message,
  isAllowed: (url: string) => boolean = () => true,
) {
  const { messageId } = properties;
  const { published } = properties.headers ?? {};
  let url: unknown;
  let json: unknown;
  let mistake: string | undefined;
  try {
    ({ url, json } = JSON.parse(content.toString()) ?? {});
    if (url === undefined) mistake = "it has no url";
    else if (!isHttpUrl(url)) mistake = "its url is not http:// or https://";
    else if (!isAllowed(url)) {
      mistake = "--allow-host leaves out the host of its url";
    } else if (typeof (json ?? "") !== "string") {
      mistake = "its json is no text";
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
