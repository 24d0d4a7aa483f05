import assert from "node:assert/strict";
import test from "node:test";
import { startInFlight } from "./in_flight.ts";
import { randomNumbers } from "../scripts/dev/testing/processes.ts";

const near = (one: number, other: number) => Math.abs(one - other) < 1e-6;

/** Calls as the milliseconds at which they begin and end. */
function callSeconds(calls: [number, number][]): number {
  const { began, ended, callSeconds } = startInFlight();
  calls.flatMap(([begin, end]) => [
    { at: begin, happen: began },
    { at: end, happen: ended },
  ]).sort((one, other) => one.at - other.at)
    .forEach(({ at, happen }) => happen(at));
  return callSeconds();
}

test("however calls overlap, their lengths add up", () => {
  const random = randomNumbers();
  for (let trial = 0; trial < 200; trial++) {
    const start = 1e6 * random();
    const calls = Array.from({ length: 50 * random() }, () => {
      const begin = start + 1000 * random();
      return [begin, begin + 300 * random()] as [number, number];
    });
    const sum = calls.reduce((sum, [begin, end]) => sum + end - begin, 0);
    const counted = callSeconds(calls);
    assert.ok(near(counted, sum / 1000), `${counted} and not ${sum / 1000}`);
  }
});

test("while nothing is in flight nothing is counted", () => {
  assert.equal(startInFlight().callSeconds(), 0);
  const calls: [number, number][] = [[1000, 1500], [9000, 9250]];
  assert.equal(callSeconds(calls), 0.75);
});

test("calls at once count as often as they are", () => {
  assert.equal(callSeconds(Array(8).fill([0, 250])), 2);
});

test("a call that is postponed counts from then on", () => {
  const { began, postponed, ended, callSeconds } = startInFlight();
  began(0);
  began(100);
  postponed(100, 130);
  ended(200);
  ended(250);
  assert.equal(callSeconds(), 0.25 + 0.07);
});
