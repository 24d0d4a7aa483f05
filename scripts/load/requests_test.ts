import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import type { Request } from "../../lib/client.ts";
import { parseTargets, readRequests } from "./requests.ts";
import { requestOptions, type RequestValues } from "./requests.ts";
import {
  randomNumbers,
  saysWrong,
  temporaryFolder,
} from "../dev/testing/processes.ts";

const embedded = "http://127.0.0.1:1/?id={id}";
const folder = temporaryFolder();

function writeFile(name: string, content: string | Uint8Array): string {
  const file = path.join(folder, name);
  fs.writeFileSync(file, content);
  return file;
}

/** The options' values, from what is typed for each. */
function values(
  typed: Partial<Record<keyof typeof requestOptions, string | string[]>>,
): RequestValues {
  const read = Object.entries(requestOptions).map(([name, option]) => {
    const texts = typed[name as keyof typeof requestOptions];
    return [
      name,
      texts === undefined ? option.fallback : option.parse([texts].flat()),
    ];
  });
  return Object.fromEntries(read);
}

async function firstRequest(typed: Parameters<typeof values>[0]) {
  return ((await readRequests(values(typed)))(embedded))(1);
}

const random = randomNumbers(7);
const below = (limit: number) => Math.floor(random() * limit);
const pick = <T>(from: ArrayLike<T>): T => from[below(from.length)]!;
const times = <T>(number: number, make: (index: number) => T) =>
  Array.from({ length: number }, (_, index) => make(index));
const word = (letters: string, least = 1) =>
  times(least + below(12), () => pick(letters)).join("");
const bytes = (length: number) =>
  Uint8Array.from(times(length, () => below(256)));

const letters = "abcdefghijklmnopqrstuvwxyz";
const printable = times(94, (i) => String.fromCharCode(33 + i)).join("");

test("without options it is a GET of the embedded target", async () => {
  const request = (await readRequests(values({})))(embedded);
  assert.deepEqual(request(7), {
    url: "http://127.0.0.1:1/?id=7",
    method: "GET",
    headers: {},
  });
});

test("every {id} of a URL becomes the call's number", async () => {
  const url = "http://a/{id}/b?c={id}";
  const request = (await readRequests({ ...values({}), url }))(embedded);
  for (const id of [1, 2, 50_000]) {
    assert.equal(request(id).url, `http://a/${id}/b?c=${id}`);
  }
});

test("without {id} it is one and the same object", async () => {
  const url = "http://a/";
  const request = (await readRequests({ ...values({}), url }))(embedded);
  assert.equal(request(1), request(50_000));
});

test("a body makes it a POST, and --method whatever it says", async () => {
  const typed = { body: "b" };
  assert.equal((await firstRequest(typed)).method, "POST");
  assert.equal((await firstRequest({ form: "a=b" })).method, "POST");
  assert.equal((await firstRequest({ body: "" })).method, "POST");
  for (const method of ["GET", "put", "pUrGe", "M-SEARCH"]) {
    const request = await firstRequest({ ...typed, method });
    assert.equal(request.method, method.toUpperCase());
    assert.deepEqual(request.body, new TextEncoder().encode("b"));
  }
});

test("a body is the text, or the bytes of a file", async () => {
  const text = '{"ü": 1}\n';
  const { body } = await firstRequest({ body: text });
  assert.deepEqual(body, new TextEncoder().encode(text));
  for (const length of [0, 1, 1000, 100_000]) {
    const content = bytes(length);
    const file = writeFile("body", content);
    const { body } = await firstRequest({ body: `@${file}` });
    assert.ok(body);
    assert.deepEqual([...body], [...content]);
  }
});

test("headers are in lower case, and those of one name are joined", async () => {
  const header = ["Accept: text/html", "X-A:1", "ACCEPT:  b:c ", "x-empty:"]
    .concat("Cookie: a=1", "cookie: b=2");
  assert.deepEqual((await firstRequest({ header })).headers, {
    "accept": "text/html, b:c",
    "x-a": "1",
    "x-empty": "",
    "cookie": "a=1; b=2",
  });
});

/** An option, what is typed, and the rule that is said. */
const mistakes: [keyof typeof requestOptions, string, RegExp][] = [
  ["method", "", /^takes a method/],
  ["method", "GE T", /^takes a method/],
  ["method", "GET:", /^takes a method/],
  ["method", "connect", /not CONNECT/],
  ["header", "", /NAME: VALUE/],
  ["header", "accept", /NAME: VALUE/],
  ["header", ": text/html", /NAME: VALUE/],
  ["header", "a b: c", /NAME: VALUE/],
  ["header", "ä: c", /NAME: VALUE/],
  ["header", "a: b\r\nc: d", /one line/],
  ["header", "a: 日本", /Latin-1/],
  ["header", "Content-Length: 3", /no content-length/],
  ["header", "Transfer-Encoding: chunked", /no transfer-encoding/],
  ["header", "connection: upgrade", /close/],
  ["body", "@", /file that can be read \(E/],
  ["body", "@missing.json", /file that can be read \(ENOENT/],
  ["body", `@${folder}`, /file that can be read \(E/],
  ["form", "", /NAME=VALUE/],
  ["form", "name", /NAME=VALUE/],
  ["form", "=value", /NAME=VALUE/],
  ["form", "photo=@missing.jpg", /file that can be read \(ENOENT/],
  ["targets", "missing.txt", /file that can be read \(ENOENT/],
];

for (const [name, typed, rule] of mistakes) {
  const shown = JSON.stringify(typed.replace(folder, "folder"));
  test(`--${name} ${shown} is wrong`, () => {
    assert.throws(() => requestOptions[name].parse([typed]), (error) => {
      assert.ok(error instanceof RangeError);
      assert.match(error.message, rule);
      return true;
    });
  });
}

test("a multipart form is read back as it was given, byte for byte", async () => {
  const extensions = [".jpg", ".PNG", ".json", ".txt", ".bin", ""];
  for (let round = 0; round < 20; round++) {
    const parts = times(1 + below(5), (index) => {
      const name = word(letters + "ü -[]");
      if (random() < 0.5) {
        const value = word(`${printable} ü日\t`, 0).replace(/^@/, "");
        return { name, value, typed: `${name}=${value}` };
      }
      const content = bytes(below(5000));
      const base = `${word(letters)}${index}${pick(extensions)}`;
      const file = writeFile(base, content);
      return { name, base, content, typed: `${name}=@${file}` };
    });
    const form = parts.map(({ typed }) => typed);
    const { body, headers, method } = await firstRequest({ form });
    assert.equal(method, "POST");

    const read = await new Response(body as BodyInit, { headers }).formData();
    const got = await Promise.all([...read].map(async ([name, value]) => {
      if (typeof value === "string") return { name, value };
      const content = new Uint8Array(await value.arrayBuffer());
      return { name, base: value.name, content: [...content] };
    }));
    const given = parts.map(({ name, value, base, content }) =>
      content ? { name, base, content: [...content] } : { name, value }
    );
    assert.deepEqual(got, given);
  }
});

test("a file's part has the type of its extension, or none in particular", async () => {
  const types = {
    "a.jpg": "image/jpeg",
    "a.JPEG": "image/jpeg",
    "a.png": "image/png",
    "a.json": "application/json",
    "a.txt": "text/plain",
    "a.js": "application/octet-stream",
    "json": "application/octet-stream",
  };
  for (const [name, type] of Object.entries(types)) {
    const form = `file=@${writeFile(name, "x")}`;
    const text = new TextDecoder().decode((await firstRequest({ form })).body);
    assert.match(text, RegExp(`filename="${name}"\r\nContent-Type: ${type}`));
  }
});

test("a form is encoded once", async () => {
  const request = (await readRequests(values({ form: "a=b" })))(embedded);
  assert.equal(request(1).body, request(2).body);
  assert.equal(request(1).headers, request(2).headers);
});

/** A request, and lines of a targets file that mean it. */
function someTarget(): { request: Request; lines: string[] } {
  const method = pick(["GET", "POST", "DELETE", "PURGE"]);
  const url = `${pick(["http", "https"])}://${word(letters)}:8080/` +
    pick(["", "{id}", "a?b=c&d={id}#e", "%20@:"]);
  const names = new Set(times(below(4), () => `x-${word(letters + "-")}`));
  const headers = Object.fromEntries(
    [...names].map((name) => [name, word(`${printable} :`).trim()]),
  );
  const lines = [`${method} ${url}`];
  for (const [name, value] of Object.entries(headers)) {
    const typed = random() < 0.5 ? name : name.toUpperCase();
    lines.push(`${typed}:${pick(["", " ", "\t "])}${value}`);
  }
  const request: Request = { method, url, headers };
  if (random() < 0.5) {
    request.body = bytes(below(100));
    lines.push(`@${writeFile(`body-${below(1e9)}`, request.body)}`);
  }
  return { request, lines };
}

test("targets mean the same however they are laid out", () => {
  for (let round = 0; round < 100; round++) {
    const targets = times(1 + below(6), someTarget);
    const end = pick(["\n", "\r\n"]);
    const lines = targets.flatMap(({ lines }) => [
      ...lines.flatMap((line) => [
        ...times(below(2), () => "# GET http://comment/"),
        pick(["", " ", "\t"]) + line + pick(["", "  "]),
      ]),
      ...times(below(3), () => pick(["", "   "])),
    ]);
    const text = pick(["", "\uFEFF"]) + pick(["", end]) + lines.join(end) +
      pick(["", end]);
    const read = parseTargets("targets.txt", text);
    assert.deepEqual(read, targets.map(({ request }) => request), text);
  }
});

test("targets take turns, and their own headers win", async () => {
  const targets = writeFile(
    "targets.txt",
    "get http://a/{id}\nAccept: a\nX-A: 1\nx-a: 2\n\nPUT http://b/",
  );
  const header = ["accept: b", "x-b: 3"];
  const request = (await readRequests(values({ targets, header })))(embedded);
  for (let id = 1; id < 10; id += 2) {
    assert.deepEqual(request(id), {
      method: "GET",
      url: `http://a/${id}`,
      headers: { "accept": "a", "x-a": "1, 2", "x-b": "3" },
    });
    assert.deepEqual(request(id + 1), {
      method: "PUT",
      url: "http://b/",
      headers: { "accept": "b", "x-b": "3" },
    });
    assert.equal(request(id + 1), request(2));
  }
});

test("a file that many targets send is one body", () => {
  const file = writeFile("shared", "x");
  const text = `PUT http://a/\n@${file}\n`.repeat(3);
  const bodies = parseTargets("t", text).map(({ body }) => body);
  assert.ok(bodies[0]);
  assert.ok(bodies.every((body) => body === bodies[0]));
});

const good = "# two\nGET http://a/\nAccept: b\n\n";

/** What follows four good lines, and what is said. */
const badLines: [string, ...RegExp[]][] = [
  ["GTE http//x", /^t:5: "GTE http\/\/x" is not a request; it takes METHOD/],
  ["http://x", /is not a request/, /as in GET http:\/\/127/],
  ["GET", /is not a request/],
  ["GET http://x HTTP/1.1", /is not a request/],
  ["GET ftp://x", /is not a request/],
  ["GET http://a:b@x/", /user or password/],
  ["CONNECT http://x/", /not CONNECT/],
  ["Accept: b", /^t:5: "Accept: b" is not a request/],
  ["@body", /^t:5: "@body" is not a request/],
  ["GET http://a/\nGET /b", /^t:6: "GET \/b" is not a request/],
  [
    "GET http://a/\nAccept b",
    /^t:6: "Accept b" is not a header; it takes NAME/,
  ],
  ["GET http://a/\n\n\n#\n@x", /^t:9: "@x" is not a request/],
  ["GET http://a/\n@missing", /^t:6: "@missing" is not a body; .*ENOENT/],
];

for (const [lines, ...says] of badLines) {
  test(`targets can't have ${JSON.stringify(lines)}`, () => {
    assert.throws(() => parseTargets("t", good + lines), (error) => {
      assert.ok(error instanceof RangeError);
      for (const pattern of says) assert.match(error.message, pattern);
      return true;
    });
  });
}

test("targets without a request are wrong, and it is said of which file", async () => {
  for (const text of ["", "\n\n", "# nothing\n", "\uFEFF"]) {
    const file = writeFile("empty.txt", text);
    const said = await saysWrong(() => requestOptions.targets.parse([file]));
    assert.match(said, /empty\.txt has no request; one begins with METHOD/);
  }
});

test("a bad line of --targets is said as it is", async () => {
  const file = writeFile("bad.txt", "\nGET x\n");
  const said = await saysWrong(() => requestOptions.targets.parse([file]));
  assert.ok(said.startsWith(`${file}:2: "GET x" is not a request; it takes`));
  assert.doesNotMatch(said, /\n/);
});

test("options that contradict each other are wrong", async () => {
  const targets = writeFile("good.txt", good);
  const contradictions: [Parameters<typeof values>[0], RegExp][] = [
    [{ targets, method: "GET" }, /--targets .*--method/],
    [{ targets, body: "" }, /--targets .*--body/],
    [{ targets, form: "a=b" }, /--targets .*--form/],
    [{ body: "a", form: "a=b" }, /--body or --form/],
    [{ body: "", form: "a=b" }, /--body or --form/],
    [{ form: "a=b", header: "Content-Type: a/b" }, /--form .*content-type/],
  ];
  for (const [typed, pattern] of contradictions) {
    const said = await saysWrong(() => firstRequest(typed));
    assert.match(said, pattern);
  }
  const withUrl = { ...values({ targets }), url: "http://a/" };
  const said = await saysWrong(() => readRequests(withUrl));
  assert.match(said, /--targets .*--url/);
});

test("the details of a run have no header's value and no file's bytes", () => {
  const file = writeFile("photo.jpg", bytes(1000));
  const targets = writeFile("good.txt", good);
  const header = ["Authorization: Bearer secret"];
  const typed = { header, body: `@${file}`, form: `a=@${file}`, targets };
  assert.deepEqual(JSON.parse(JSON.stringify(values(typed))), {
    header: ["authorization"],
    body: `@${file}`,
    form: [`a=@${file}`],
    targets,
  });
});
