import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import test from "node:test";
import { Refusal } from "../http/answer.ts";
import { examplePayload, parse, PAYLOAD_BYTES, serialize } from "./payload.ts";

const example = examplePayload();

test("the example is valid, and 5,686 bytes long", () => {
  assert.equal(Buffer.byteLength(example), 5686);
  assert.equal(PAYLOAD_BYTES, 5686);
  assert.deepEqual(parse(example), JSON.parse(example));
});

test("serialize() writes what parse() read", () => {
  assert.equal(serialize(parse(example)), example);
});

/** The example with another value at a path, or without it. */
function changed(path: string, value?: unknown): string {
  const event = JSON.parse(example);
  const names = path.split(".");
  const last = names.pop()!;
  names.reduce((inside, name) => inside[name], event)[last] = value;
  return JSON.stringify(event);
}

for (
  const [what, text, message] of [
    ["no JSON", example.slice(0, 2843), /^the body is not JSON: /],
    ["nothing", "", /^the body is not JSON: /],
    ["null", "null", /^not an event: the body: /],
    ["a list", "[]", /^not an event: the body: /],
    [
      "no invoice",
      changed("invoice"),
      /^not an event: invoice: /,
    ],
    [
      "another type",
      changed("type", "invoice.paid"),
      /^not an event: type: /,
    ],
    [
      "no lines",
      changed("invoice.lines", []),
      /^not an event: invoice\.lines: /,
    ],
    [
      "a quantity of nothing",
      changed("invoice.lines.7.quantity", 0),
      /^not an event: invoice\.lines\.7\.quantity: /,
    ],
    [
      "many mistakes",
      example.replaceAll('"price"', '"cost"'),
      /invoice\.lines\.2\.price: [^;]+; 37 more$/,
    ],
  ] as const
) {
  test(`${what} is refused with the mistake`, () => {
    assert.throws(() => parse(text), (error) => {
      assert.ok(error instanceof Refusal);
      assert.equal(error.status, 400);
      assert.match(error.message, message);
      return true;
    });
  });
}

test("serialize() refuses an invalid event", () => {
  const event = parse(example);
  event.invoice.currency = "dollars";
  assert.throws(() => serialize(event), /invoice\.currency/);
});
