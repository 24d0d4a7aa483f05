/** Why nothing in a file can be read, by how it begins, and what could be. */
import { five, looksLikeVegeta, vegetaWidths } from "./other_rows.ts";

const formats = "read are the CSVs of these scripts, those with the columns " +
  `${five.join()}, and those of vegeta encode --to csv`;

/** What is no CSV at all. */
const others: [is: (text: string) => boolean, what: string][] = [
  // Bytes that are no text are U+FFFD by now.
  [(text) => text.startsWith("\x1f\ufffd"), "gzip; gunzip it first"],
  [isZip, "a zip, or a workbook; export the sheet as CSV"],
  [isVegetas, "another format of vegeta; vegeta encode --to csv makes a CSV"],
  [(text) => /^\s*[{[]/.test(text), "JSON"],
  [(text) => /^\s*</.test(text), "HTML or XML"],
  [(text) => /^\ufffd\ufffd/.test(text), "UTF-16; save it as UTF-8"],
  [(text) => text.includes("\0"), "no text"],
];

function isZip(text: string): boolean {
  return text.startsWith("PK\x03\x04");
}

/** Go's gob writes how long a name is before it. */
function isVegetas(text: string): boolean {
  return text.startsWith('{"attack":') ||
    text.slice(0, 16).includes("\x06Result");
}

/** What is wrong with a first line that is no header of `ours`, and no row. */
export function whyUnread(text: string, ours: string[], cells: string[]) {
  const no = "this is not the header of a metrics file";
  const [, what] = others.find(([is]) => is(text)) ?? [];
  if (what) return `${no}, but ${what}`;
  if (looksLikeVegeta(cells)) {
    return `${no}, but a row of vegeta with ${cells.length} cells; read are ` +
      `those with ${
        new Intl.ListFormat("en-GB").format(vegetaWidths.map(String))
      }`;
  }
  const known = cells.filter((name) => ours.includes(name));
  const wanted = known.every((name) => five.includes(name)) ? five : ours;
  const missing = wanted.filter((name) => !known.includes(name));
  const lacks = `has no column ${missing.join(", ")}; ${formats}`;
  if (known.length > 0) return `the header ${lacks}`;
  const shown = text.length > 80 ? `${text.slice(0, 80)}...` : text;
  const by = separator(text);
  return `${no}: ${shown}; it ${
    by ? `is separated by ${by}, not commas` : lacks
  }`;
}

function separator(text: string): string | undefined {
  const names = { semicolons: ";", tabs: "\t" };
  return Object.entries(names)
    .find(([_, mark]) => text.split(mark).length >= five.length)?.[0];
}
