import assert from "node:assert/strict";
import test from "node:test";
import {
  interval,
  nextRate,
  type SearchOptions,
  type Tried,
} from "./highest_rate.ts";
import { randomNumbers } from "../dev/testing/processes.ts";

const random = randomNumbers();

/** A number whose digits are as likely in each power of ten. */
const scaled = (least: number, most: number) =>
  least * (most / least) ** random();

/** What is tried until the search ends, and that it does. */
function search(
  holds: (rate: number) => boolean,
  options: SearchOptions,
): Tried[] {
  const tried: Tried[] = [];
  while (tried.length < 100) {
    const rate = nextRate(tried, options);
    if (rate === undefined) return tried;
    tried.push({ rate, held: holds(rate) });
  }
  assert.fail("the search doesn't end");
}

test("the interval has the true threshold in it, and is narrow enough", () => {
  for (let trial = 0; trial < 5000; trial++) {
    const [least, most] = [scaled(0.1, 10), scaled(100, 1e5)];
    const threshold = scaled(least / 2, most * 2);
    const precision = scaled(0.001, 1);
    const options = {
      start: scaled(least / 2, most * 2),
      precision,
      least,
      most,
    };
    const tried = search((rate) => rate <= threshold, options);
    const { held, broken } = interval(tried);
    if (threshold < least) assert.deepEqual([held, broken], [undefined, least]);
    else if (threshold >= most) {
      assert.deepEqual([held, broken], [most, undefined]);
    } else {
      assert.ok(held! <= threshold && threshold < broken!);
      assert.ok(broken! / held! - 1 <= precision, `${held} to ${broken}`);
    }
  }
});

test("the search takes at most 25 tries, and few from near the threshold", () => {
  for (let trial = 0; trial < 5000; trial++) {
    const threshold = scaled(0.5, 2e5);
    const holds = (rate: number) => rate <= threshold;
    const far = search(holds, { start: scaled(1, 1e5) });
    assert.ok(far.length <= 25, `${far.length} tries`);
    const start = Math.min(threshold * scaled(0.5, 2), 1e5);
    const near = search(holds, { start });
    assert.ok(near.length <= 9, `${near.length} tries from near`);
  }
});

test("the search ends whatever the results are, and never tries a rate again", () => {
  for (let trial = 0; trial < 5000; trial++) {
    const luck = random();
    const tried = search(() => random() < luck, { start: scaled(1, 1e5) });
    assert.ok(tried.length <= 25, `${tried.length} tries`);
    assert.equal(new Set(tried.map(({ rate }) => rate)).size, tried.length);
    for (const { rate } of tried) assert.ok(rate >= 1 && rate <= 1e5);
  }
});

test("whatever was tried before, all rates up to the held one held", () => {
  for (let trial = 0; trial < 2000; trial++) {
    const tried = Array.from({ length: 20 * random() }, () => ({
      rate: 1 + Math.floor(20 * random()),
      held: random() < 0.7,
    }));
    const { held = 0, broken = Infinity } = interval(tried);
    assert.ok(held < broken);
    for (const one of tried) {
      const outside = one.rate <= held || one.rate >= broken;
      assert.ok(one.held ? outside : one.rate >= broken);
    }
    const next = nextRate(tried, { start: 8 });
    assert.ok(next === undefined || next < broken && next > held);
  }
});

test("the rates are easy to read", () => {
  for (let trial = 0; trial < 2000; trial++) {
    const threshold = scaled(0.5, 2e5);
    const [, ...rest] = search((rate) => rate <= threshold, {
      start: scaled(1, 1e5),
    });
    for (const { rate } of rest) {
      assert.equal(rate, Number(rate.toPrecision(3)));
    }
  }
  const rates = search((rate) => rate <= 329, { start: 50 });
  assert.deepEqual(
    rates.map(({ rate }) => rate),
    [50, 100, 200, 400, 300, 350, 320, 335],
  );
});

test("a rate that broke below one that held bounds the answer", () => {
  const tried = [
    { rate: 400, held: true },
    { rate: 300, held: false },
    { rate: 200, held: true },
    { rate: 200, held: false },
    { rate: 100, held: true },
  ];
  assert.deepEqual(interval(tried), { held: 100, broken: 200 });
  assert.equal(nextRate(tried, { start: 50 }), 140);
});
