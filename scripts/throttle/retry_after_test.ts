import assert from "node:assert/strict";
import test from "node:test";
import { policies, retryAfter } from "./retry_after.ts";

const now = Date.parse("2024-05-06T07:08:09Z");
const after = (value?: string, date?: string) =>
  retryAfter({ "retry-after": value, date }, now);

test("Retry-After is seconds or a date", () => {
  assert.equal(after("0"), 0);
  assert.equal(after(" 120 "), 120);
  assert.equal(after("Mon, 06 May 2024 07:08:19 GMT"), 10);
});

test("a date is read against the server's own clock", () => {
  const server = "Mon, 06 May 2024 09:00:00 GMT";
  assert.equal(after("Mon, 06 May 2024 09:00:05 GMT", server), 5);
  assert.equal(after("Mon, 06 May 2024 09:00:05 GMT", "garbage"), 6716);
});

test("what can't be used is undefined", () => {
  const unusable = [
    undefined,
    "",
    "-5",
    "1.5",
    "soon",
    "1e3",
    "Infinity",
  ]
    .concat(["Mon, 06 May 2024 07:08:00 GMT", "Mon, 99 Foo 2024 07:08:00 GMT"]);
  for (const value of unusable) assert.equal(after(value), undefined, value);
});

test("policies are the limits that a server tells", () => {
  const told = (value?: string) => policies({ "ratelimit-policy": value });
  assert.deepEqual(told('"default";q=100;w=1'), [{ limit: 100, per: 1 }]);
  assert.deepEqual(told('"a";q=20;w=1, "b";w=120;q=100'), [
    { limit: 20, per: 1 },
    { limit: 100, per: 120 },
  ]);
  assert.deepEqual(told('"a";q=0;w=1, "b";q=5'), []);
  assert.deepEqual(told(), []);
});
