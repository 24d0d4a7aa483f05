import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import http from "node:http";
import net, { type AddressInfo } from "node:net";
import process from "node:process";
import { buffer } from "node:stream/consumers";
import test, { after } from "node:test";
import sharp from "sharp";
import { MAXIMUM_BYTES } from "./servers/http/body.ts";
import type { Stats } from "./servers/http/stats.ts";
import { eventually, runScript, spawnScript } from "./dev/testing/processes.ts";

const image = readFileSync(new URL("../assets/image.jpg", import.meta.url));
const tooMuch = Buffer.alloc(MAXIMUM_BYTES + 1, "x");

/** The pages of the server that pictures are fetched from. */
const pages: Record<string, (response: http.ServerResponse) => void> = {
  "/picture": (response) => response.end(image),
  "/to-picture": (response) => redirect(response, "/picture"),
  "/to-allowed": (response) => {
    redirect(response, sourceUrl.replace("127.0.0.1", "0.0.0.0") + "/picture");
  },
  "/text": (response) => response.end("text"),
  "/nothing": (response) => response.writeHead(204).end(),
  "/missing": (response) => response.writeHead(404).end(image),
  "/large": (response) => response.end(tooMuch),
  "/large-chunked": (response) => {
    response.write("x");
    response.end(tooMuch);
  },
  "/elsewhere": (response) => redirect(response, "http://10.0.0.1/picture"),
  "/to-password": (response) => {
    redirect(response, sourceUrl.replace("//", "//:password@"));
  },
  "/to-file": (response) => redirect(response, "file:///etc/hosts"),
  "/loop": (response) => redirect(response, "/loop"),
  "/silent": () => {},
  "/endless": (response) => void response.write(image.subarray(0, 100)),
};

function redirect(response: http.ServerResponse, location: string) {
  response.writeHead(302, { location }).end();
}

const source = http.createServer(({ url }, response) => {
  if (url === "/cut") return response.socket!.destroy();
  pages[url!]!(response);
});
await once(source.listen(0, "127.0.0.1"), "listening");
const sourceUrl = `http://127.0.0.1:${(source.address() as AddressInfo).port}`;

// No proxy listens there; the servers must ignore it.
const env = {
  ...process.env,
  HTTP_PROXY: "http://127.0.0.1:1",
  http_proxy: "http://127.0.0.1:1",
  NO_PROXY: "",
  no_proxy: "",
  NODE_USE_ENV_PROXY: "1",
};
const permissions = ["net", "read", "env", "ffi"]
  .map((name) => `--allow-${name}`);
const servers = await Promise.all(
  ["bare", "express", "fastify", "hono"].map(async (name) => {
    const { child, ended } = spawnScript(`servers/${name}.ts`, [
      ...["--port", "0", "--until-eof"],
      ...["--fetch-timeout", "1s", "--allow-host", "0.0.0.0"],
    ], { permissions, env });
    const [said] = await once(child.stdout!, "data");
    const url = String(said).trim();
    async function stop() {
      child.stdin!.end();
      await ended;
    }
    // One connection, to notice leftover bodies.
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    return { name, url, stop, agent };
  }),
);
after(async () => {
  for (const { agent } of servers) agent.destroy();
  await Promise.all(servers.map(({ stop }) => stop()));
  source.close();
  source.closeAllConnections();
});

type Server = Pick<typeof servers[number], "url" | "agent">;

interface Call {
  path: string;
  method?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** In two chunks and without a length. */
  chunked?: boolean;
}

const JSON_TYPE = { "content-type": "application/json" };
const FORM_TYPE = { "content-type": "multipart/form-data; boundary=cut" };

function json(path: string, body: unknown): Call {
  return { path, headers: JSON_TYPE, body: JSON.stringify(body) };
}

function fromUrl(path: string): Call {
  return json("/magic/imageurl", { url: sourceUrl + path });
}

function base64(bytes: Buffer): Call {
  return json("/magic/base64", { image: bytes.toString("base64") });
}

function form(...parts: Buffer[]): Call {
  const body = Buffer.concat([...parts, Buffer.from("--cut--\r\n")]);
  return { path: "/magic/multipart", headers: FORM_TYPE, body };
}

function part(bytes: Buffer | string, name: string, file?: string): Buffer {
  const rest = file ? `; filename="${file}"\r\ncontent-type: image/jpeg` : "";
  const head = `content-disposition: form-data; name="${name}"${rest}`;
  return Buffer.concat([
    Buffer.from(`--cut\r\n${head}\r\n\r\n`),
    Buffer.from(bytes),
    Buffer.from("\r\n"),
  ]);
}

const TRIES = 5;
const file = part(image, "image", "image.jpg");

/**
 * Servers don't wait for the rest of a body that they refuse, so the connection may
 * close before the answer was read.
 */
async function send(server: Server, call: Call) {
  for (let left = TRIES;; left--) {
    try {
      return await sendOnce(server, call);
    } catch (error) {
      const { code = "" } = error as NodeJS.ErrnoException;
      const isCut = code === "EPIPE" || code === "ECONNRESET";
      if (!isCut || left === 1) throw error;
    }
  }
}

async function sendOnce({ url, agent }: Server, call: Call) {
  const { path, method = "POST", headers = {}, body = "", chunked } = call;
  const request = http.request(url + path, { method, headers, agent });
  // The first one rejects below; on Bun there may be another one.
  request.on("error", () => {});
  if (chunked) request.write(body.slice(0, 1));
  request.end(chunked ? body.slice(1) : body);
  const [response] = await once(request, "response");
  const { statusCode: status, headers: got } = response as http.IncomingMessage;
  return { status, headers: got, body: await buffer(response) };
}

/** Sends the same call to all servers, in parallel. */
async function sendAll(call: Call) {
  return await Promise.all(servers.map(async (server) => ({
    name: server.name,
    ...await send(server, call),
  })));
}

test("all servers return the same picture by all routes", async () => {
  const want = await sharp(image).greyscale().resize(128).jpeg().toBuffer();
  const plain = base64(image);
  const calls: Call[] = [
    fromUrl("/picture"),
    fromUrl("/to-picture"),
    fromUrl("/to-allowed"),
    plain,
    { ...plain, headers: { "content-type": "application/json;charset=UTF-8" } },
    form(file),
    form(part(image, "other", "name")),
  ];
  for (const call of calls) {
    for (const { name, status, headers, body } of await sendAll(call)) {
      const why = `${name} ${call.path}: ${body.subarray(0, 200)}`;
      assert.equal(status, 200, why);
      assert.equal(headers["content-type"], "image/jpeg", why);
      assert.match(String(headers["server-timing"]), /^app;dur=\d+\.\d{3}$/);
      assert.ok(want.equals(body), why);
    }
  }
});

test("PNG, WebP and GIF are pictures too", async () => {
  const small = sharp(image).resize(200);
  for (const format of ["png", "webp", "gif"] as const) {
    const bytes = await small.toFormat(format).toBuffer();
    for (const { name, status, body } of await sendAll(base64(bytes))) {
      assert.equal(status, 200, `${name} ${format}: ${body}`);
      const { width, format: got } = await sharp(body).metadata();
      assert.deepEqual([width, got], [128, "jpeg"], name);
    }
  }
});

/** The test picture, but its header claims to be 65,000 pixels wide and high. */
function bomb(): Buffer {
  const bytes = Buffer.from(image);
  const size = bytes.indexOf(Buffer.from([0xff, 0xc0])) + 5;
  bytes.writeUInt16BE(65_000, size);
  bytes.writeUInt16BE(65_000, size + 2);
  return bytes;
}

const blank = { channels: 3, background: "red" } as const;
const thin = await sharp({ create: { ...blank, width: 1, height: 2000 } })
  .png().toBuffer();
const tiff = await sharp(image).resize(8).tiff().toBuffer();
const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>';

const refusals: [what: string, status: number, call: Call, says?: RegExp][] = [
  ["another path", 404, { path: "/magic", method: "GET" }],
  ["a path that is not encoded", 404, { path: "/%", method: "GET" }],
  ["a path of Object", 404, { path: "/constructor", method: "GET" }],
  ["another method", 405, { path: "/magic/base64", method: "GET" }],
  ["a body for /health", 405, { ...base64(image), path: "/health" }],
  ["no body", 400, { path: "/magic/base64", headers: JSON_TYPE }],
  ["no type", 415, { ...base64(image), headers: {} }],
  ["a form as JSON", 415, { ...form(file), path: "/magic/base64" }],
  ["JSON as a form", 415, { ...base64(image), path: "/magic/multipart" }],
  ["a form without a boundary", 415, {
    ...form(file),
    headers: { "content-type": "multipart/form-data" },
  }],
  ["a compressed body", 415, {
    ...base64(image),
    headers: { ...JSON_TYPE, "content-encoding": "gzip" },
  }],
  ["no JSON", 400, { ...base64(image), body: "{image" }],
  ["JSON null", 400, json("/magic/base64", null)],
  ["a JSON list", 400, json("/magic/base64", [1])],
  ["JSON without a length", 411, { ...base64(image), chunked: true }],
  ["a form without a length", 411, { ...form(file), chunked: true }],
  ["no image", 400, json("/magic/base64", {})],
  ["an image that is no text", 400, json("/magic/base64", { image: 5 })],
  ["no url", 400, json("/magic/imageurl", { uri: sourceUrl })],
  ["no base64", 400, json("/magic/base64", { image: "no base64!" })],
  ["base64 cut off", 400, json("/magic/base64", { image: "/9j/4" })],
  ["an empty image", 400, json("/magic/base64", { image: "" })],
  ["base64 of text", 422, base64(Buffer.from("text"))],
  ["half a picture", 422, base64(image.subarray(0, 5000))],
  ["a picture bomb", 422, base64(bomb()), /pixel limit/],
  ["a picture too thin", 422, base64(thin)],
  ["a TIFF", 422, base64(tiff)],
  ["an SVG", 422, base64(Buffer.from(svg))],
  ["too much JSON", 413, { ...base64(image), body: tooMuch }],
  ["too much JSON without a length", 411, {
    ...base64(image),
    body: tooMuch,
    chunked: true,
  }],
  ["too large a file", 413, form(part(tooMuch, "image", "image.jpg"))],
  ["too large a form without a length", 411, {
    ...form(tooMuch, file),
    chunked: true,
  }],
  ["an empty form", 400, form()],
  ["a form without a file", 400, form(part("text", "image"))],
  ["two files", 400, form(file, file)],
  ["two files of two fields", 400, form(file, part(image, "b", "b.jpg"))],
  ["a file and a text", 400, form(file, part("text", "other"))],
  ["a text and a file", 400, form(part("text", "other"), file)],
  ["a form cut off", 400, { ...form(file), body: file.subarray(0, 5000) }],
  ["no form", 400, { ...form(file), body: "no form" }],
  ["a file of text", 422, form(part("text", "image", "image.jpg"))],
  ["no URL", 400, json("/magic/imageurl", { url: "picture" })],
  ["a file URL", 400, json("/magic/imageurl", { url: "file:///etc/hosts" })],
  ["a data URL", 400, json("/magic/imageurl", { url: "data:,picture" })],
  ["another host", 403, json("/magic/imageurl", { url: "http://10.0.0.1/" })],
  ["another name", 403, json("/magic/imageurl", { url: "http://localhost.a" })],
  [
    "a user",
    400,
    json("/magic/imageurl", { url: sourceUrl.replace("//", "//user@") }),
    /no user or password/,
  ],
  ["a password", 400, fromUrl("/to-password"), /no user or password/],
  [
    "a closed port",
    422,
    json("/magic/imageurl", { url: "http://127.0.0.1:1" }),
    /ECONNREFUSED/,
  ],
  [
    "a closed port of several addresses",
    422,
    json("/magic/imageurl", { url: "http://localhost:1" }),
    /ECONNREFUSED/,
  ],
  ["a URL that is missing", 422, fromUrl("/missing")],
  ["a URL of nothing", 422, fromUrl("/nothing")],
  ["a URL of text", 422, fromUrl("/text")],
  ["a URL that is cut off", 422, fromUrl("/cut")],
  ["a URL of too much", 413, fromUrl("/large")],
  ["a URL of too much, chunked", 413, fromUrl("/large-chunked")],
  ["a URL that leads elsewhere", 403, fromUrl("/elsewhere")],
  ["a URL that leads to a file", 400, fromUrl("/to-file")],
  ["a URL that leads to itself", 422, fromUrl("/loop")],
];

for (const [what, wanted, call, says = /./] of refusals) {
  test(`all servers refuse ${what}: ${wanted}`, async () => {
    for (const { name, status, headers, body } of await sendAll(call)) {
      const why = `${name}: ${status} ${body.subarray(0, 200)}`;
      assert.equal(status, wanted, why);
      assert.match(String(headers["content-type"]), /^application\/json/, why);
      const { error, ...rest } = JSON.parse(String(body));
      assert.match(error, says, why);
      assert.deepEqual(rest, {}, why);
      assert.equal(headers.allow !== undefined, wanted === 405, why);
    }
  });
}

/** Sends raw bytes; resolves to what the server answers until it closes. */
async function sendRaw(
  { name, url }: { name: string; url: string },
  bytes: string,
  ends = false,
) {
  const socket = net.connect(Number(new URL(url).port), "127.0.0.1");
  // A connection that is reset is closed as well.
  socket.on("error", () => {});
  let answer = "";
  socket.setEncoding("utf8").on("data", (text) => {
    answer += text;
    // Deno.serve and Bun.serve wait for the rest of a body that is refused.
    if (name === "hono" && answer.includes("}")) socket.destroy();
  });
  if (ends) socket.end(bytes);
  else socket.write(bytes);
  await once(socket, "close");
  return answer;
}

function head(path: string, headers: Record<string, string>): string {
  const lines = Object.entries({ host: "a", ...headers })
    .map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST ${path} HTTP/1.1\r\n${lines.join("")}\r\n`;
}

const chunked = { "transfer-encoding": "chunked" };
const sized = { "content-length": "1000" };
const halves: [what: string, status: number, bytes: string][] = [
  ["JSON", 408, `${head("/magic/base64", { ...JSON_TYPE, ...sized })}{"image"`],
  [
    "a form",
    408,
    head("/magic/multipart", { ...FORM_TYPE, ...sized }) +
    part("text", "image", "image.jpg").subarray(0, -2),
  ],
  ["a text", 415, `${head("/magic/base64", sized)}text`],
  [
    "chunks",
    411,
    `${head("/magic/base64", { ...JSON_TYPE, ...chunked })}4\r\n{"im`,
  ],
];

test("all servers time out slow bodies and URLs", async () => {
  const agent = new http.Agent();
  await Promise.all(servers.flatMap((server) => [
    ...halves.map(async ([what, status, bytes]) => {
      const [answer, broken] = await Promise.all([
        sendRaw(server, bytes),
        sendRaw(server, bytes, true),
      ]);
      const why = `${server.name}, ${what}: ${answer}`;
      assert.match(answer, RegExp(`^HTTP/1.1 ${status} `), why);
      if (status === 408) {
        assert.match(answer, /^connection: close\r$/im, why);
        assert.match(
          answer,
          /\{"error":"the body takes more than 1 s"\}/,
          why,
        );
      }
      // The client may be gone before the answer.
      assert.match(broken, RegExp(`^(HTTP/1.1 (400|${status}) |$)`), why);
    }),
    ...["/silent", "/endless"].map(async (path) => {
      const { status, body } = await send({ ...server, agent }, fromUrl(path));
      assert.equal(status, 422, server.name);
      assert.equal(String(body), '{"error":"the url takes more than 1 s"}');
    }),
  ]));
});

test("all servers require a Content-Length: 411", async () => {
  for (const server of servers) {
    const bytes = head("/magic/base64", { ...JSON_TYPE, connection: "close" });
    const answer = await sendRaw(server, bytes);
    assert.match(answer, /^HTTP\/1.1 411 /, server.name);
  }
});

test("all servers still work after all that", async () => {
  const health: Call = { path: "/health?after", method: "GET" };
  for (const { name, status, body } of await sendAll(health)) {
    assert.equal(status, 200, name);
    assert.deepEqual(JSON.parse(String(body)), { ready: true }, name);
  }
  for (const { name, status } of await sendAll(base64(image))) {
    assert.equal(status, 200, name);
  }
});

test("/stats says what a server costs", async () => {
  await Promise.all(servers.map(async (server) => {
    const ask = async () => {
      const { body } = await send(server, { path: "/stats", method: "GET" });
      return JSON.parse(String(body)) as Stats;
    };
    const { cpu, memory } = await ask();
    assert.ok(cpu > 0.05 && cpu < 600, `${server.name}: ${cpu} s`);
    assert.ok(memory > 2e7 && memory < 4e9, `${server.name}: ${memory} bytes`);
    const { lag } = await eventually("lag", async () => {
      const stats = await ask();
      return stats.lag && stats;
    });
    const order = [lag!.min, lag!.p50, lag!.p99, lag!.max];
    assert.deepEqual(order, order.toSorted((a, b) => a - b), server.name);
    for (let count = 0; count < 5; count++) await send(server, base64(image));
    const later = await ask();
    assert.ok(later.cpu > cpu && later.memory >= memory, server.name);
  }));
});

test("a port in use is wrong usage, without a stack trace", async () => {
  const { port } = source.address() as AddressInfo;
  const said =
    `--port ${port} is in use; try another one, or --port 0 for any free port\n`;
  await Promise.all(servers.map(async ({ name }) => {
    const script = `servers/${name}.ts`;
    const { code, stderr } = await runScript(script, "--port", String(port));
    assert.deepEqual({ code, stderr }, { code: 2, stderr: said }, name);
  }));
});
