/** An image server with Express, and a picture for it. */
import { createServer } from "node:http";
import express from "express";
import { tryOut } from "./images.ts";

const app = express();
// #region shown
app.post("/magic/multipart", (_, response) => void response.end());
// #endregion

await tryOut(createServer(app));
