/** What can be said of a request before its body has come. */
import type { IncomingHttpHeaders } from "node:http";
import { Refusal } from "./answer.ts";
import { MAXIMUM_BYTES, tooLarge } from "./body.ts";

interface Route {
  method: string;
  /** What the Content-Type of its body is like. */
  type?: RegExp;
}

/** By their paths. */
export type Admitted = Record<string, Route>;

/** The type of a body in JSON. */
export const jsonType = /^application\/json( *; *charset="?utf-8"?)?$/i;

const json = { method: "POST", type: jsonType };

/** What the image servers take. */
const images: Admitted = {
  "/magic/imageurl": json,
  "/magic/base64": json,
  "/magic/multipart": {
    method: "POST",
    type: /^multipart\/form-data *;.*\bboundary=./i,
  },
  "/health": { method: "GET" },
  "/stats": { method: "GET" },
};

/**
 * The route of a request; `url` is its path, with or without a query.
 *
 * @throws {Refusal} when none of the routes would take it
 */
export function admit(
  method: string | undefined,
  url: string | undefined,
  headers: IncomingHttpHeaders | Record<string, string>,
  routes = images,
  most = MAXIMUM_BYTES,
): string {
  const path = url?.split("?")[0] ?? "";
  if (!Object.hasOwn(routes, path)) {
    const paths = Object.keys(routes).join(" ");
    throw new Refusal(404, `no such path; there are: ${paths}`);
  }
  const route = routes[path]!;
  if (method !== route.method) {
    const allow = { allow: route.method };
    throw new Refusal(405, `${path} takes only ${route.method}`, allow);
  }
  if (!route.type) return path;
  const length = headers["content-length"];
  // Then it is also the limit of what the frameworks' parsers will read.
  if (!length || headers["transfer-encoding"]) {
    const what = "the request must say how long its body is (Content-Length)";
    throw new Refusal(411, what);
  }
  if (Number(length) === 0) throw new Refusal(400, "the request has no body");
  if (Number(length) > most) throw tooLarge(most);
  if (!route.type.test(headers["content-type"] ?? "")) {
    const types = routes === images
      ? "application/json, or multipart/form-data to /magic/multipart"
      : "application/json";
    throw new Refusal(415, `the Content-Type must be ${types}`);
  }
  const encoding = headers["content-encoding"] ?? "identity";
  if (encoding !== "identity") {
    throw new Refusal(415, `the body must be as it is, not ${encoding}`);
  }
  return path;
}
