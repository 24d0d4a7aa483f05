/** An image server with Fastify, and a picture for it. */
import multipart from "@fastify/multipart";
import fastify from "fastify";
import { tryOut } from "./images.ts";

// #region shown
const app = fastify();
app.register(multipart);
app.post("/magic/multipart", () => "");
// #endregion

await app.ready();
await tryOut(app.server);
