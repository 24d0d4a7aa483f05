/** The three ways to send a server the same picture. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Request } from "../../../lib/client.ts";
import { readRequests, requestOptions } from "../../load/mod.ts";
import { writeOut } from "../write_out.ts";

/** From where the script runs, as a person would type it. */
const image = path.relative(
  "",
  fileURLToPath(new URL("../../../assets/image.jpg", import.meta.url)),
);

/** What is sent to a route, as options of the scripts that make load. */
export interface Route {
  name: string;
  header?: string;
  body?: string;
  form?: string;
}

/**
 * The routes, with the picture at `imageUrl` for those that fetch it. What is too
 * long for a command line is written to `folder`.
 */
export function routesFor(folder: string, imageUrl: string): Route[] {
  const header = "content-type: application/json";
  const base64 = JSON.stringify({
    image: readFileSync(image).toString("base64"),
  });
  const file = writeOut(folder, "frameworks-base64.json", base64);
  return [
    { name: "imageurl", header, body: JSON.stringify({ url: imageUrl }) },
    { name: "base64", header, body: `@${file}` },
    { name: "multipart", form: `image=@${image}` },
  ];
}

/** Where a route of a server is. */
function urlOf({ name }: Route, server: string): string {
  return `${server}/magic/${name}`;
}

/** The options that make a load call the route of a server. */
export function optionsOf(route: Route, server: string): string[] {
  const { header, body, form } = route;
  const options = { url: urlOf(route, server), header, body, form };
  return Object.entries(options)
    .flatMap(([name, value]) => value ? [`--${name}`, value] : []);
}

/** One call of the route of a server. */
export async function requestTo(
  route: Route,
  server: string,
): Promise<Request> {
  const { header, body, form } = route;
  const requests = await readRequests({
    url: urlOf(route, server),
    header: header ? requestOptions.header.parse([header]) : [],
    body: body ? requestOptions.body.parse([body]) : undefined,
    form: form ? requestOptions.form.parse([form]) : [],
  });
  return requests("")(1);
}
