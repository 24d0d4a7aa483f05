/** An image server with Hono, and a picture for it. */
import { createServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { tryOut } from "./images.ts";

export const fetchTimeout = 10;
export const inTime = <Body>(body: Promise<Body>, _seconds: number) => body;
export const malformed = () => Promise.reject(new Error("no multipart"));

// #region shown
const app = new Hono();
app.post("/magic/multipart", (context) => context.body(""));
// #endregion

await tryOut(createServer(getRequestListener(app.fetch)));
