/** An image server with nothing but what Node has, and a picture for it. */
import { createServer } from "node:http";
import { tryOut } from "./images.ts";

// #region shown
const server = createServer((_, response) => response.end());
// #endregion

await tryOut(server);
