/** Rows kept in columns: in a tenth of the memory that objects take. */
import { Buffer } from "node:buffer";
import type { Row } from "../../../lib/row.ts";
import type { Rows } from "./parse_rows.ts";

export type Columns = ReturnType<typeof startColumns>;

/** Columns grow by parts of this many rows; the first part grows itself. */
const BITS = 14;
const PART = 2 ** BITS;
const FIRST = 2 ** 7;

/** Numbers from 0 to `most` units; the last one takes any, by its value. */
const kinds = [
  { List: Uint8Array, most: 2 ** 8 - 2, missing: 2 ** 8 - 1 },
  { List: Uint32Array, most: 2 ** 32 - 2, missing: 2 ** 32 - 1 },
  { List: Float64Array, most: Infinity, missing: NaN },
];
const ANY = kinds.length - 1;

interface Part {
  kind: number;
  missing: number;
  values: Uint8Array | Uint32Array | Float64Array;
}

type Numbers = ReturnType<typeof numbers>;

/** A column of numbers, kept as whole units of 1/unit where they are exact. */
function numbers(unit: number) {
  const parts: Part[] = [];
  // Of the part that was written to last.
  let first = 0;
  let kind = 0;
  let most = -1;
  let values: Part["values"] = new Uint8Array(0);

  /** Returns a row's place in the part, after making room for its value. */
  function placeFor(index: number, units: number): number {
    const place = index - first;
    const hasRoom = place >= 0 && place < values.length && units <= most;
    return hasRoom ? place : makeRoom(index, units);
  }

  function makeRoom(index: number, units: number): number {
    const number = index >> BITS;
    const old = parts[number];
    const needed = kinds.findIndex(({ most }) => units <= most);
    // What one part took the next one takes too.
    kind = Math.max(needed, (old ?? parts[number - 1])?.kind ?? 0);
    const { missing } = kinds[kind]!;
    const place = index % PART;
    const length = number > 0 ? PART : Math.max(FIRST, 2 * place);
    values = new kinds[kind]!.List(Math.min(PART, length));
    if (old) copy(old, place);
    parts[number] = { kind, missing, values };
    first = number * PART;
    most = kinds[kind]!.most;
    return place;
  }

  /** Takes the rows before a place from a part that was too small for more. */
  function copy(old: Part, end: number) {
    if (old.kind === kind) return values.set(old.values.subarray(0, end));
    const { missing } = kinds[kind]!;
    for (let place = 0; place < end; place++) {
      const units = old.values[place]!;
      const value = kind === ANY ? units / unit : units;
      values[place] = units === old.missing ? missing : value;
    }
  }

  return {
    /** Sets how many units there are: a whole number, and not below 0. */
    setUnits(index: number, units: number) {
      const place = placeFor(index, units);
      values[place] = kind === ANY ? units / unit : units;
    },
    set(index: number, value: number | undefined) {
      if (value === undefined) {
        const place = placeFor(index, 0);
        values[place] = kinds[kind]!.missing;
        return;
      }
      const units = Math.abs(Math.round(value * unit));
      const isExact = Object.is(units / unit, value);
      const place = placeFor(index, isExact ? units : Infinity);
      values[place] = kind === ANY ? value : units;
    },
    get(index: number): number | undefined {
      const { kind, missing, values } = parts[index >> BITS]!;
      const value = values[index & PART - 1]!;
      if (kind === ANY) return Number.isNaN(value) ? undefined : value;
      return value === missing ? undefined : value / unit;
    },
  };
}

/** The most texts that new ones are compared with. */
const MOST_SHARED = 1000;
const MOST_RECENT = 8;

/** A text but for a number, which stands between its parts. */
interface Template {
  index: number;
  /** In ASCII, if nothing in it is ever escaped. */
  bytes?: Uint8Array[];
}

/**
 * Texts, of which those that only differ in the row's number are kept once: of a
 * million URLs with `?id=17` and the like there is one.
 */
function texts(number?: Numbers) {
  const templates: string[][] = [];
  const known = new Map<string, Template>();
  const indexes = numbers(1);
  /** The latest first. */
  const recent: Template[] = [];
  /** The one of the text that was set last. */
  let latest: Template | undefined;

  function templateOf(parts: string[]): Template {
    const key = JSON.stringify(parts);
    const found = known.get(key);
    if (found) return found;
    const template: Template = { index: templates.push(parts) - 1 };
    if (parts.every((part) => /^[ !#-&(-+\--~]*$/.test(part))) {
      template.bytes = parts.map((part) => Buffer.from(part));
    }
    if (known.size < MOST_SHARED) known.set(key, template);
    return template;
  }

  function remember(template: Template) {
    if (!template.bytes) return;
    const at = recent.indexOf(template);
    recent.splice(at < 0 ? MOST_RECENT - 1 : at, 1);
    recent.unshift(template);
  }

  return {
    /** The templates that were used last. */
    recent,
    setIndex: indexes.setUnits,
    /** Sets a text, which may have the row's number in it. */
    set(row: number, text: string, number?: number) {
      if (!isOf(latest, text, number)) {
        const parts = number === undefined ? [text] : cut(text, number);
        latest = templateOf(parts);
        remember(latest);
      }
      indexes.setUnits(row, latest!.index);
    },
    parts: (row: number) => templates[indexes.get(row)!]!,
    get(row: number): string {
      const parts = templates[indexes.get(row)!]!;
      return parts.length === 1
        ? parts[0]!
        : parts.join(String(number!.get(row)));
    },
  };

  /** Nearly all texts are of the same template as the one before. */
  function isOf(template: Template | undefined, text: string, number?: number) {
    const parts = template && templates[template.index]!;
    return parts?.length === 1 || number !== undefined
      ? parts?.join(String(number)) === text
      : false;
  }
}

/** The parts of a text before, between and behind the number, if it is there. */
function cut(text: string, number: number): string[] {
  return text.split(new RegExp(`(?<!\\d)${number}(?!\\d)`));
}

/** The number that an id ends with; so small that it is written in one way. */
const ENDING = /(?<!\d)(?:0|[1-9]\d{0,8})$/;

/** Columns for any number of rows. */
export function startColumns() {
  const time = numbers(1);
  const whole = () => numbers(1);
  const seconds = () => numbers(1e6);
  const number = whole();
  const columns = {
    time,
    url: texts(number),
    status: whole(),
    elapsed: seconds(),
    error: texts(),
    name: texts(),
    run: texts(),
    id: texts(number),
    /** What the id ends with. */
    number,
    wait: seconds(),
    ttfb: seconds(),
    server: seconds(),
    bytes_out: whole(),
    bytes_in: whole(),
  };
  return {
    ...columns,
    /** How many rows are kept. The next one to be set is behind them. */
    length: 0,
    set(index: number, row: Row) {
      const [ending] = ENDING.exec(row.id) ?? [];
      const number = ending === undefined ? undefined : Number(ending);
      time.set(index, row.timestamp.getTime());
      columns.number.set(index, number);
      columns.url.set(index, row.url, number);
      columns.id.set(index, row.id, number);
      columns.error.set(index, row.error);
      columns.name.set(index, row.name);
      columns.run.set(index, row.run);
      columns.status.set(index, row.status);
      columns.elapsed.set(index, row.elapsed);
      columns.wait.set(index, row.wait);
      columns.ttfb.set(index, row.ttfb);
      columns.server.set(index, row.server);
      columns.bytes_out.set(index, row.bytes_out);
      columns.bytes_in.set(index, row.bytes_in);
    },
  };
}

/** A row that stands in columns: each cell is read when it is asked for. */
export class ColumnsRow implements Row {
  readonly columns: Columns;
  index: number;
  constructor(columns: Columns, index: number) {
    this.columns = columns;
    this.index = index;
  }
  get timestamp() {
    return new Date(this.time);
  }
  /** The timestamp in milliseconds since 1970, which takes no object. */
  get time() {
    return this.columns.time.get(this.index)!;
  }
  get url() {
    return this.columns.url.get(this.index);
  }
  /** The URL up to the row's number, if that is in it. */
  get urlStart() {
    return this.columns.url.parts(this.index)[0]!;
  }
  get status() {
    return this.columns.status.get(this.index);
  }
  get elapsed() {
    return this.columns.elapsed.get(this.index);
  }
  get error() {
    return this.columns.error.get(this.index);
  }
  get name() {
    return this.columns.name.get(this.index);
  }
  get run() {
    return this.columns.run.get(this.index);
  }
  get id() {
    return this.columns.id.get(this.index);
  }
  /** What the id begins with; not there if it isn't just that and the number. */
  get idStart() {
    const parts = this.columns.id.parts(this.index);
    return parts.length === 2 && parts[1] === "" ? parts[0] : undefined;
  }
  get number() {
    return this.columns.number.get(this.index);
  }
  get wait() {
    return this.columns.wait.get(this.index);
  }
  get ttfb() {
    return this.columns.ttfb.get(this.index);
  }
  get server() {
    return this.columns.server.get(this.index);
  }
  get bytes_out() {
    return this.columns.bytes_out.get(this.index);
  }
  get bytes_in() {
    return this.columns.bytes_in.get(this.index);
  }
}

/** Some rows of the same columns, as a list that can be added to. */
export class ColumnsRows implements Rows {
  length = 0;
  #columns?: Columns;
  /** Rows that follow each other: from where, and how many before. */
  readonly #stretches: { from: number; before: number }[] = [];

  /** Keeps the row that was read last. */
  push({ columns, index }: ColumnsRow) {
    this.#columns = columns;
    const last = this.#stretches.at(-1);
    if (!last || index !== last.from + this.length - last.before) {
      this.#stretches.push({ from: index, before: this.length });
    }
    this.length++;
    columns.length = index + 1;
  }

  at(index: number): Row | undefined {
    const place = index < 0 ? index + this.length : index;
    if (!(place >= 0 && place < this.length)) return undefined;
    const { from, before } = this.#stretches
      .findLast(({ before }) => before <= place)!;
    return new ColumnsRow(this.#columns!, from + place - before);
  }

  *[Symbol.iterator](): Iterator<Row> {
    for (const [at, { from, before }] of this.#stretches.entries()) {
      const end = this.#stretches[at + 1]?.before ?? this.length;
      for (let place = before; place < end; place++) {
        yield new ColumnsRow(this.#columns!, from + place - before);
      }
    }
  }

  forEach(take: (row: Row, index: number) => void) {
    let index = 0;
    for (const row of this) take(row, index++);
  }

  map<T>(of: (row: Row, index: number) => T): T[] {
    const all: T[] = [];
    this.forEach((row, index) => all.push(of(row, index)));
    return all;
  }

  flatMap<T>(of: (row: Row, index: number) => T | readonly T[]): T[] {
    return this.map(of).flat() as T[];
  }

  filter(is: (row: Row, index: number) => boolean): Row[] {
    const found: Row[] = [];
    this.forEach((row, index) => is(row, index) && found.push(row));
    return found;
  }
}

/** When a call was sent, in milliseconds since 1970. */
export function timeOf(row: Row): number {
  return row instanceof ColumnsRow ? row.time : row.timestamp.getTime();
}
