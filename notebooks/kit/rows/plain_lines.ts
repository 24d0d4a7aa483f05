/** Reads lines in which nothing is escaped, without making a text of any. */
import { Buffer } from "node:buffer";
import type { Columns } from "./columns.ts";

const [NEWLINE, BLANK, COMMA, POINT, Z] = [10, 32, 44, 46, 90];
const [ZERO, NINE] = [48, 57];

/** The lengths of `2024-05-06T07:08:`, and of all until the Z. */
const MINUTE = 17;
const TIME = 24;

/** What {@link plainLines} finds no number with, and what it leaves to others. */
const NONE = -1;
const UNUSUAL = -2;

type Numbers = Columns["elapsed"];
type Texts = Columns["error"];

/**
 * Reads lines of a file that has our columns in our order. `read` puts the line
 * that starts at `from` into the next row of the columns, and returns where the
 * line after it starts; -1 if it has something that is written in another way
 * than nearly all are, or may be wrong, so that it takes more to read it.
 */
export function plainLines(columns: Columns) {
  const { time, url, status, elapsed, error, name, run, id, number } = columns;
  const { wait, ttfb, server, bytes_out, bytes_in } = columns;
  /** The minute of the line before, as it is written, and when it began. */
  let minute: Uint8Array = new Uint8Array(MINUTE);
  let minuteTime = NaN;
  let bytes: Uint8Array = minute;
  let at = 0;

  function read(source: Uint8Array, from: number): number {
    bytes = source;
    at = from;
    const row = columns.length;
    if (!readTime(row)) return -1;
    const urlFrom = at;
    let urlTo = at;
    while (source[urlTo]! >= BLANK && source[urlTo] !== COMMA) urlTo++;
    at = urlTo + 1;
    const isRead = readNumber(status, row, 0) &&
      readNumber(elapsed, row, 6) &&
      readText(error, row) &&
      readText(name, row) &&
      readText(run, row) &&
      readId(row, urlFrom, urlTo) &&
      readNumber(wait, row, 6) &&
      readNumber(ttfb, row, 6) &&
      readNumber(server, row, 6) &&
      readNumber(bytes_out, row, 0) &&
      readNumber(bytes_in, row, 0, NEWLINE);
    return isRead ? at : -1;
  }

  function readTime(row: number): boolean {
    if (!stands(minute, at) && !learnMinute()) return false;
    at += MINUTE;
    const second = digits(2);
    const isPoint = bytes[at++] === POINT;
    const millisecond = digits(3);
    const isEnd = bytes[at++] === Z && bytes[at++] === COMMA;
    if (!(second < 60 && isPoint && millisecond >= 0 && isEnd)) return false;
    time.setUnits(row, minuteTime + second * 1000 + millisecond);
    return true;
  }

  function learnMinute(): boolean {
    const text = Buffer.from(bytes.subarray(at, at + TIME)).toString("latin1");
    const time = new Date(text);
    if (Number.isNaN(time.getTime()) || time.toISOString() !== text) {
      return false;
    }
    minute = bytes.slice(at, at + MINUTE);
    minuteTime = Math.floor(time.getTime() / 60_000) * 60_000;
    return true;
  }

  function readNumber(
    column: Numbers,
    row: number,
    decimals: number,
    end = COMMA,
  ): boolean {
    const units = readUnits(decimals, end);
    if (units === UNUSUAL) return false;
    if (units === NONE) column.set(row, undefined);
    else column.setUnits(row, units);
    return true;
  }

  function readUnits(decimals: number, end: number): number {
    // A variable of one's own is much faster than one that functions share.
    const source = bytes;
    let place = at;
    let byte = source[place++]!;
    at = place;
    if (byte === end) return NONE;
    let units = 0;
    for (; byte >= ZERO && byte <= NINE; byte = source[place++]!) {
      units = units * 10 + byte - ZERO;
    }
    if (decimals > 0) {
      if (byte !== POINT) return UNUSUAL;
      const last = place + decimals;
      byte = source[place++]!;
      for (; byte >= ZERO && byte <= NINE; byte = source[place++]!) {
        units = units * 10 + byte - ZERO;
      }
      if (place !== last + 1) return UNUSUAL;
    }
    if (byte !== end || units > Number.MAX_SAFE_INTEGER) return UNUSUAL;
    at = place;
    return units;
  }

  /** A number of this many digits; NaN if there are fewer. */
  function digits(count: number): number {
    let value = 0;
    for (const end = at + count; at < end; at++) {
      const byte = bytes[at]!;
      if (!(byte >= ZERO && byte <= NINE)) return NaN;
      value = value * 10 + byte - ZERO;
    }
    return value;
  }

  function readText(column: Texts, row: number): boolean {
    for (const { index, bytes: parts } of column.recent) {
      const text = parts![0]!;
      const end = at + text.length;
      if (bytes[end] !== COMMA || !stands(text, at)) continue;
      column.setIndex(row, index);
      at = end + 1;
      return true;
    }
    return false;
  }

  /** The id, and the URL before it, which may have the same number. */
  function readId(row: number, urlFrom: number, urlTo: number): boolean {
    const idFrom = at;
    for (const { index, bytes: parts } of id.recent) {
      const [prefix, rest] = parts!;
      if (parts!.length !== 2 || rest!.length > 0) continue;
      if (!stands(prefix!, idFrom)) continue;
      const from = at = idFrom + prefix!.length;
      const value = readUnits(0, COMMA);
      const to = at - 1;
      // Any other number has more than one way to be written.
      const isOneWay = to - from === 1 || bytes[from] !== ZERO && value < 1e9;
      if (value < 0 || !isOneWay) continue;
      id.setIndex(row, index);
      number.setUnits(row, value);
      return findUrl(row, urlFrom, urlTo, from, to);
    }
    return false;
  }

  function findUrl(
    row: number,
    urlFrom: number,
    urlTo: number,
    from: number,
    to: number,
  ): boolean {
    for (const { index, bytes: parts } of url.recent) {
      if (!isOf(parts!, urlFrom, urlTo, from, to)) continue;
      url.setIndex(row, index);
      return true;
    }
    return false;
  }

  /** Whether a text is these parts with the number between each two. */
  function isOf(
    parts: Uint8Array[],
    textFrom: number,
    textTo: number,
    from: number,
    to: number,
  ): boolean {
    const source = bytes;
    let place = textFrom;
    for (let part = 0; part < parts.length; part++) {
      if (part > 0) {
        for (let digit = from; digit < to; digit++) {
          if (source[place++] !== source[digit]) return false;
        }
      }
      if (!stands(parts[part]!, place)) return false;
      place += parts[part]!.length;
    }
    return place === textTo;
  }

  function stands(text: Uint8Array, from: number): boolean {
    const source = bytes;
    for (let index = 0; index < text.length; index++) {
      if (source[from + index] !== text[index]) return false;
    }
    return true;
  }

  return read;
}
