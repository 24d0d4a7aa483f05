/** What is compared: each server by each of its routes. */

/** The servers that the project has, each a script of scripts/servers/. */
export const serverNames = ["bare", "express", "fastify", "hono"];

/** The ways in which a picture is handed over, each a page below /magic. */
export const routeNames = ["imageurl", "base64", "multipart"];
