/** Checks a request before its body arrives. */
import type { IncomingHttpHeaders } from "node:http";
import { Refusal } from "./answer.ts";
import { MAXIMUM_BYTES, tooLarge } from "./body.ts";

interface Route {
  method: string;
  /** What its Content-Type must match; undefined: it has no body. */
  type?: RegExp;
}

/** Routes by path. */
export type Admitted = Record<string, Route>;

/** The Content-Type of a JSON body. */
export const jsonType = /^application\/json( *; *charset="?utf-8"?)?$/i;

const json = { method: "POST", type: jsonType };

/** The routes of the image servers. */
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
 * Returns the path of a request; `url` may have a query.
 *
 * @throws {Refusal} if no route accepts the request
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
    throw new Refusal(404, `no such path; try one of: ${paths}`);
  }
  const route = routes[path]!;
  if (method !== route.method) {
    const allow = { allow: route.method };
    throw new Refusal(405, `${path} only accepts ${route.method}`, allow);
  }
  if (!route.type) return path;
  const length = headers["content-length"];
  // The frameworks' parsers read no more than this.
  if (!length || headers["transfer-encoding"]) {
    const what = "the request needs a Content-Length";
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
    throw new Refusal(
      415,
      `the body must not be compressed (Content-Encoding: ${encoding})`,
    );
  }
  return path;
}
