import assert from "node:assert/strict";
import test from "node:test";
import { trial } from "../../../scripts/dev/testing/example_runs.ts";
import { p50 } from "./figures.ts";
import { comparePairs, finding, ranking } from "./pairs.ts";

/** A server whose trials have these medians, in seconds. */
function side(label: string, ...medians: number[]) {
  const [server = "", route = ""] = label.split("/");
  const trials = medians.map((median) => trial([median]));
  return { server, route, label, color: "red", trials };
}

/** Six trials around a mean, all the same but for so much. */
function around(mean: number, noise = 0.01): number[] {
  return [-1, 1, -1, 1, -1, 1].map((sign) => mean * (1 + sign * noise));
}

const found = (...sides: ReturnType<typeof side>[]) =>
  finding(comparePairs(sides, p50), p50, sides);

test("only servers of the same route are compared", () => {
  const pairs = comparePairs([
    side("bare/base64", 1),
    side("hono/base64", 3),
    side("hono/multipart", 2),
    side("bare/multipart", 4),
  ], p50);
  assert.deepEqual(
    pairs.map(({ low, high }) => [low.label, high.label]),
    [["bare/base64", "hono/base64"], ["hono/multipart", "bare/multipart"]],
  );
});

test("what one pair shows is too little among many", () => {
  const two = [
    side("bare/base64", ...around(1)),
    side("hono/base64", ...around(1.018)),
  ];
  assert.match(
    found(...two),
    /^On base64, the median request takes 1\.80 % longer with hono than with /,
  );
  const others = ["a", "b", "c", "d"]
    .map((name) => side(`${name}/multipart`, ...around(1)));
  assert.doesNotMatch(found(...two, ...others), /longer/);
});

const titles: [string, string, ReturnType<typeof side>[]][] = [
  [
    "one side",
    "Nothing to compare the servers with in the median response time",
    [side("bare/base64", 1, 2)],
  ],
  [
    "two that are alike",
    "No difference shown between a and b in the median response time on " +
    "base64: 1.41 % at most (95 %)",
    [side("a/base64", ...around(1)), side("b/base64", ...around(1))],
  ],
  [
    "three that are alike",
    "No difference shown between any two servers in the median response " +
    "time: 1.41 % at most (95 %)",
    ["a", "b", "c"].map((name) => side(`${name}/base64`, ...around(1))),
  ],
  [
    "one that is too noisy",
    "No difference shown in the median response time; 2 of 3 pairs need " +
    "more trials",
    [
      side("a/base64", ...around(1)),
      side("b/base64", ...around(1)),
      side("c/base64", ...around(1, 0.5)),
    ],
  ],
  [
    "too few trials",
    "Not enough data to compare the servers in the median response time: 4 " +
    "more trials of each",
    ["a", "b", "c"].map((name) => side(`${name}/base64`, 1)),
  ],
];

test("a title says what all pairs show together", () => {
  for (const [what, title, sides] of titles) {
    assert.equal(found(...sides), title, what);
  }
});

test("a ranking says what is known of each pair", () => {
  const sides = [
    side("a/base64", ...around(1)),
    side("b/base64", ...around(1.001)),
    side("c/base64", ...around(2)),
    side("d/base64", ...around(1.02, 0.5)),
  ];
  const { order, verdicts } = ranking(
    "base64",
    sides,
    comparePairs(sides, p50),
    p50,
  );
  assert.match(order, /to the most: a 1\.00 ± 0\.01 s, b .*, d .*, c 2\.00 ±/);
  const [differ, alike, open, ...others] = verdicts;
  assert.match(differ!, /^Larger than the noise: .* with c than with [ab] /);
  assert.match(
    alike!,
    /^Shown to be alike, within 5 %: a and b \(1\.\d+ % at /,
  );
  assert.match(open!, /^Not decided: a and d \(\d+ more trials of each\); b /);
  assert.deepEqual(others, []);
});
