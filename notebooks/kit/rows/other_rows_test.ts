import assert from "node:assert/strict";
import test from "node:test";
import { parseEach, type Problem } from "./parse_rows.ts";
import type { Row } from "../../../lib/row.ts";

function read(csv: string, file = "results/metrics_async.csv") {
  const rows: Row[] = [];
  const parsing = parseEach((row) => rows.push(row), file);
  parsing.add(csv);
  const problems: Problem[] = parsing.end();
  return { rows, problems };
}

const nothing = {
  ...{ wait: undefined, ttfb: undefined, server: undefined },
  ...{ bytes_out: undefined, bytes_in: undefined },
};

// As Python's csv.DictWriter ends its lines.
const five = (...lines: string[]) =>
  ["timestamp,url,status,elapsed,error", ...lines, ""].join("\r\n");

test("a file of five columns is rows that were sent before their time was taken", () => {
  const { rows, problems } = read(five(
    "2025-04-01T12:34:56.789012,https://example.com,200,0.57,",
    "2025-04-01T12:34:58,https://example.com,,1.0,Connection refused",
  ));
  assert.deepEqual(problems, []);
  assert.deepEqual(rows, [
    {
      timestamp: new Date("2025-04-01T12:34:56.219Z"),
      url: "https://example.com",
      ...{ status: 200, elapsed: 0.57, error: "" },
      ...{ name: "async", run: "2025-04-01T12:34:56.789012", id: "1" },
      ...nothing,
    },
    {
      timestamp: new Date("2025-04-01T12:34:57.000Z"),
      url: "https://example.com",
      ...{ status: undefined, elapsed: 1 },
      error: "refused: Connection refused",
      ...{ name: "async", run: "2025-04-01T12:34:56.789012", id: "2" },
      ...nothing,
    },
  ]);
});

test("times of every form that Python writes are read, and no other", () => {
  const times = (...texts: string[]) => {
    const { rows, problems } = read(
      five(...texts.map((text) => `${text},http://a/,200,0,`)),
    );
    const sent = rows.map(({ timestamp }) => timestamp.toISOString());
    return { sent, lines: problems.map(({ line }) => line) };
  };
  assert.deepEqual(
    times(
      "2025-04-01T12:34:56",
      "2025-04-01 12:34:56.5",
      "2025-04-01T12:34:56.000001Z",
      "2025-04-01T12:34:56.123456+02:00",
    ).sent,
    [
      "2025-04-01T12:34:56.000Z",
      "2025-04-01T12:34:56.500Z",
      "2025-04-01T12:34:56.000Z",
      "2025-04-01T10:34:56.123Z",
    ],
  );
  const bad = times("1743510896.1", "", "2025-04-01", "04/01/2025 12:34:56");
  assert.deepEqual(bad, { sent: [], lines: [2, 3, 4, 5] });
});

test("the five columns are found by name, and unknown ones are ignored", () => {
  const { rows: [row], problems } = read(
    "error,more,elapsed,status,url,timestamp\n" +
      ",x,0.25,404,http://a/,2025-04-01T00:00:01\n",
    "b.csv",
  );
  assert.deepEqual(problems, []);
  assert.deepEqual([row!.status, row!.elapsed, row!.name], [404, 0.25, "b"]);
});

test("of five columns, what is no number is named with its line", () => {
  const { rows, problems } = read(five(
    "2025-04-01T12:34:56,http://a/,OK,0.1,",
    "2025-04-01T12:34:56,http://a/,200,fast,",
    "2025-04-01T12:34:56,http://a/,200",
  ));
  assert.deepEqual(rows, []);
  assert.deepEqual(problems.map(({ line, message }) => `${line}: ${message}`), [
    `2: status can't be "OK"; the line is skipped`,
    `3: elapsed can't be "fast"; the line is skipped`,
    "4: has 3 cells where the header has 5; the line is skipped",
  ]);
});

const answer =
  '1743510896123456789,200,1234567,5,17,"",aGVsbG8=,big bang,7,POST,' +
  "http://127.0.0.1:8080/a?b=c,SG9zdDogYQ==";

test("a file of vegeta is rows from its first line on, and has no other times", () => {
  const { rows, problems } = read(`${answer}\n`);
  assert.deepEqual(problems, []);
  assert.deepEqual(rows, [{
    timestamp: new Date("2025-04-01T12:34:56.123Z"),
    url: "http://127.0.0.1:8080/a?b=c",
    ...{ status: 200, elapsed: 0.001235, error: "" },
    ...{ name: "big bang", run: "1743510896123456789", id: "7" },
    ...{ wait: undefined, ttfb: undefined, server: undefined },
    ...{ bytes_out: 5, bytes_in: 17 },
  }]);
});

test("older versions of vegeta write fewer columns", () => {
  const cells = answer.split(",");
  const { rows: [nine] } = read(`${cells.slice(0, 9)}\n`);
  assert.deepEqual([nine!.id, nine!.url, nine!.name], ["7", "", "big bang"]);
  const { rows, problems } = read(
    `${cells.slice(0, 6)}\n${cells.slice(0, 6)}\n`,
  );
  assert.deepEqual(problems, []);
  assert.deepEqual(rows.map(({ id, name }) => [id, name]), [
    ["1", "async"],
    ["2", "async"],
  ]);
});

test("a call of vegeta without a name, an answer or with an error status is read", () => {
  const said = 'Get "http://a/timeout": dial tcp: connection refused';
  const { rows } = read(
    [
      answer.replace("big bang", ""),
      answer.replace(",200,", ",0,")
        .replace('""', `"${said.replaceAll('"', '""')}"`),
      answer.replace(",200,", ",503,").replace('""', "503 Unavailable"),
      "",
    ].join("\n"),
    "/a/load.csv",
  );
  assert.deepEqual(
    rows.map(({ name, status, bytes_in, elapsed, error }) => [
      ...[name, status, bytes_in, elapsed, error],
    ]),
    [
      ["load", 200, 17, 0.001235, ""],
      ["big bang", undefined, undefined, 0.001235, `refused: ${said}`],
      ["big bang", 503, 17, 0.001235, ""],
    ],
  );
});

test("of vegeta's, what is no number is named with its line", () => {
  const { rows, problems } = read(
    [
      answer,
      answer.replace("200", "x"),
      answer.replace(",1234567,", ",1 ms,"),
      answer.replace("1743510896123456789", "now"),
      "torn,",
      answer,
      "",
    ].map((line, call) => line.replace(",7,", `,${call},`)).join("\n"),
  );
  assert.equal(rows.length, 2);
  assert.deepEqual(problems.map(({ line, message }) => `${line}: ${message}`), [
    `2: status can't be "x"; the line is skipped`,
    `3: elapsed can't be "1 ms"; the line is skipped`,
    `4: timestamp can't be "now"; the line is skipped`,
    "5: has 2 cells where the header has 12; the line is skipped",
  ]);
});

// What Go's and Python's clients said to servers that did so.
const errors = [
  "refused: dial tcp 127.0.0.1:9: connect: connection refused",
  "refused: HTTPConnectionPool(host='127.0.0.1', port=9): Max retries exceeded " +
  "with url: / (Caused by NewConnectionError(\"HTTPConnection(host='127.0.0.1', " +
  'port=9): Failed to establish a new connection: [Errno 111] Connection refused"))',
  "dns: dial tcp: lookup nohost.invalid on 10.0.0.1:53: no such host",
  "dns: HTTPConnectionPool(host='nohost.invalid', port=80): Max retries exceeded " +
  'with url: /timeout (Caused by NameResolutionError("Failed to resolve ' +
  "'nohost.invalid' ([Errno -2] Name or service not known)\"))",
  "reset: read tcp 127.0.0.1:48192->127.0.0.1:38701: read: connection reset by peer",
  'reset: Get "http://127.0.0.1:38909/": EOF',
  "reset: ('Connection aborted.', RemoteDisconnected('Remote end closed " +
  "connection without response'))",
  "timeout: context deadline exceeded (Client.Timeout exceeded while awaiting headers)",
  "timeout: net/http: timeout awaiting response headers",
  "timeout: HTTPConnectionPool(host='a', port=80): Read timed out. (read timeout=5)",
  "protocol: unexpected EOF",
  'protocol: net/http: HTTP/1.x transport connection broken: malformed HTTP response "nonsense"',
  "protocol: invalid byte in chunk length",
  'protocol: Get "/": stopped after 10 redirects',
  "tls: x509: certificate signed by unknown authority",
  "tls: http: server gave HTTP response to HTTPS client",
  "tls: HTTPSConnectionPool(host='a', port=1): Max retries exceeded with url: / " +
  "(Caused by SSLError(SSLError(1, '[SSL: WRONG_VERSION_NUMBER] wrong version " +
  "number (_ssl.c:1006)')))",
  "aborted: context canceled",
  "other: All connection attempts failed",
  "other: no status, and no reason",
];

test("errors of other clients get the classes of ours where these are clear", () => {
  for (const error of errors) {
    const text = error.endsWith("no reason")
      ? ""
      : error.slice(error.indexOf(": ") + 2).replaceAll('"', '""');
    const { rows: [row] } = read(
      five(`2025-04-01T12:34:56,http://a/,,0.1,"${text}"`),
    );
    assert.equal(row!.error, error);
  }
});
