/** Rows kept in columns: in a tenth of the memory that objects take. */
import { Buffer } from "node:buffer";
import type { Row, Rows } from "./rows.ts";

export type Columns = ReturnType<typeof startColumns>;

/** Columns grow by parts of so many rows, of which the first grows itself. */
const PART = 2 ** 14;
const FIRST = 2 ** 7;

/** Numbers from 0 to `most` units; the last one takes any, by its value. */
const kinds = [
  { List: Uint8Array, most: 2 ** 8 - 2, missing: 2 ** 8 - 1 },
  { List: Uint32Array, most: 2 ** 32 - 2, missing: 2 ** 32 - 1 },
  { List: Float64Array, most: Infinity, missing: NaN },
];

interface Part {
  kind: number;
  most: number;
  missing: number;
  values: Uint8Array | Uint32Array | Float64Array;
}

const ANY = kinds.length - 1;

/** Numbers, of which so many units are 1: the fewer, the less room they take. */
function numbers(unit: number) {
  const parts: Part[] = [];

  /** The part of the row, if it has room for it, and for so many units. */
  function partFor(index: number, units: number): Part {
    const number = index / PART | 0;
    const part = parts[number];
    if (part && units <= part.most && index % PART < part.values.length) {
      return part;
    }
    // What one part took the next one takes too.
    const before = part ?? parts[number - 1];
    const kind = kinds.findIndex(({ most }) => units <= most);
    return parts[number] = makePart(
      Math.max(kind, before?.kind ?? 0),
      index,
      part,
    );
  }

  /** A part for the row, and for those of an old one before it. */
  function makePart(kind: number, index: number, old?: Part): Part {
    const { List, most, missing } = kinds[kind]!;
    const length = index < PART ? Math.max(FIRST, 2 * index) : PART;
    const values = new List(Math.min(PART, length));
    const filled = index % PART;
    if (old?.kind === kind) values.set(old.values.subarray(0, filled));
    else if (old) {
      for (let place = 0; place < filled; place++) {
        const units = old.values[place]!;
        const value = kind === ANY ? units / unit : units;
        values[place] = units === old.missing ? missing : value;
      }
    }
    return { kind, most, missing, values };
  }

  return {
    /** Sets how many units there are, which is a whole number, and not below 0. */
    setUnits(index: number, units: number) {
      const { kind, values } = partFor(index, units);
      values[index % PART] = kind === ANY ? units / unit : units;
    },
    set(index: number, value: number | undefined) {
      const units = value === undefined ? 0 : Math.round(value * unit);
      const isUnits = value === undefined ||
        Object.is(units / unit, value) && units >= 0;
      const part = partFor(index, isUnits ? units : Infinity);
      part.values[index % PART] = value === undefined
        ? part.missing
        : part.kind === ANY
        ? value
        : units;
    },
    get(index: number): number | undefined {
      const { kind, missing, values } = parts[index / PART | 0]!;
      const value = values[index % PART]!;
      if (kind === ANY) return Number.isNaN(value) ? undefined : value;
      return value === missing ? undefined : value / unit;
    },
  };
}

/** Above so many, texts are no longer compared with those there are. */
const MOST_SHARED = 1000;
const MOST_RECENT = 8;

/** A text but for a number, which stands between its parts. */
interface Template {
  index: number;
  /** In UTF-8. */
  parts: Uint8Array[];
}

/**
 * Texts, of which those that only differ in the row's number are kept once: of a
 * million URLs with `?id=17` and the like there is one.
 */
function texts(number?: ReturnType<typeof numbers>) {
  const templates: string[][] = [];
  const known = new Map<string, number>();
  const indexes = numbers(1);
  /** The latest first. */
  const recent: Template[] = [];

  function indexOf(parts: string[]): number {
    const key = parts.length === 1 ? parts[0]! : JSON.stringify(parts);
    const found = known.get(`${parts.length} ${key}`);
    if (found !== undefined) return found;
    const index = templates.push(parts) - 1;
    if (known.size < MOST_SHARED) known.set(`${parts.length} ${key}`, index);
    // What a cell has to escape is written in more ways than one.
    if (parts.every((part) => /^[ !#-&(-+\--~]*$/.test(part))) {
      const bytes = parts.map((part) => Buffer.from(part));
      recent.unshift({ index, parts: bytes });
      recent.length = Math.min(recent.length, MOST_RECENT);
    }
    return index;
  }

  return {
    /** What may be in a row without more ado. */
    recent,
    setIndex: indexes.setUnits,
    /** Remembers the text, which may have the row's number in it. */
    set(row: number, text: string, number?: number) {
      const parts = number === undefined ? [text] : cut(text, number);
      indexes.setUnits(row, indexOf(parts));
    },
    start: (row: number) => templates[indexes.get(row)!]![0]!,
    get(row: number): string {
      const parts = templates[indexes.get(row)!]!;
      if (parts.length === 1) return parts[0]!;
      const own = number!.get(row)!;
      return parts.length === 2
        ? parts[0]! + own + parts[1]!
        : parts.join(String(own));
    },
  };
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
  readonly index: number;
  constructor(columns: Columns, index: number) {
    this.columns = columns;
    this.index = index;
  }
  get timestamp() {
    return new Date(this.columns.time.get(this.index)!);
  }
  get url() {
    return this.columns.url.get(this.index);
  }
  /** The URL up to the row's number, if that is in it. */
  get urlStart() {
    return this.columns.url.start(this.index);
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

  map<T>(of: (row: Row, index: number) => T): T[] {
    return Array.from(this, of);
  }

  flatMap<T>(of: (row: Row, index: number) => T | readonly T[]): T[] {
    const all: T[] = [];
    let index = 0;
    for (const row of this) {
      const found = of(row, index++);
      if (Array.isArray(found)) all.push(...found);
      else all.push(found as T);
    }
    return all;
  }

  filter(is: (row: Row, index: number) => boolean): Row[] {
    const found: Row[] = [];
    let index = 0;
    for (const row of this) if (is(row, index++)) found.push(row);
    return found;
  }
}
