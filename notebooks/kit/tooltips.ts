/** Tooltips: what a mark of a chart says when you point at it. */
import type { Mark, RenderFunction } from "@observablehq/plot";
import { group } from "d3-array";
import { visible } from "../../lib/text.ts";

/**
 * The tips of one series: its name, a text with gaps, as in `call {}: {} ms`, and
 * for each gap the value of every element, or the one value that all have.
 */
type Tips = [
  series: string,
  text: string,
  columns: (Value | Value[])[],
];

type Value = string | number;
type Datum = Record<string, unknown>;

const tips = new WeakMap<Element, Tips>();

/**
 * The options of a mark with tips. A reader can hide each series. The text has
 * fields of an element's datum in braces, as in `call {id}: {time} ms`; a bin has
 * `count`, its middle `x`, and `x1`, `x2`, `y1`, `y2`. A line or an area is of one
 * series.
 */
export function tip<Data>(
  series: string | ((datum: Data) => string),
  text = "",
): { render: RenderFunction } {
  const names = [...text.matchAll(gap)].map(([, name]) => name!);
  const render: RenderFunction = function (this: Mark, index, ...rest) {
    const [scales, values, dimensions, context, next] = rest;
    const node = next!(index, scales, values, dimensions, context)!;
    const state = (context as unknown as Marked).getMarkState(this);
    const data = Array.from(index, (at) => datumOf(state, at));
    const seriesOf = (at: number) => {
      const [datum] = [state.data[index[at]!]].flat();
      return typeof series === "string" ? series : series(datum as Data);
    };
    const parts = group(data.keys(), seriesOf);
    const whole = innermost(node);
    const elements = [...whole.children];
    for (const [name, own] of parts) {
      const g = parts.size === 1
        ? whole
        : grouped(own.map((at) => elements[at]!));
      tips.set(g, [
        visible(name),
        text.replace(gap, "{}"),
        names.map((name) => column(own.map((at) => shown(data[at]![name])))),
      ]);
    }
    return node;
  };
  return { render };
}

/** Moves some of a group's elements into a new group. */
function grouped(elements: Element[]): Element {
  const [first] = elements;
  const g = first!.ownerDocument.createElementNS(first!.namespaceURI, "g");
  first!.parentNode!.append(g);
  g.append(...elements);
  return g;
}

const gap = /\{(\w+)\}/g;

/** What Plot's own tips use, and its types leave out. */
interface Marked {
  getMarkState(mark: Mark): State;
}

interface State {
  data: Datum[] | Datum[][];
  channels: Record<string, { value: ArrayLike<unknown> }>;
}

/** The tips of a chart; the `data-told` of a group is its place among them. */
export function tipsOf(chart: Element): Tips[] {
  const texts: string[] = [];
  for (const g of chart.querySelectorAll("g")) {
    const found = tips.get(g);
    if (!found) continue;
    hoist(g);
    const text = JSON.stringify(found);
    // The line and the dot of a call have one tip.
    if (!texts.includes(text)) texts.push(text);
    g.setAttribute("data-told", String(texts.indexOf(text)));
  }
  return texts.map((text) => JSON.parse(text));
}

/** Plot wraps what it clips. */
function innermost(node: Element): Element {
  const first = node.firstElementChild;
  return first?.localName === "g" ? innermost(first) : node;
}

/** Moves colours that all elements share to their group. */
function hoist(g: Element) {
  const elements = [...g.children];
  for (const name of ["fill", "stroke"]) {
    const [value, ...others] = elements.map((one) => one.getAttribute(name));
    if (!value || others.some((other) => other !== value)) continue;
    g.setAttribute(name, value);
    elements.forEach((one) => one.removeAttribute(name));
  }
}

/** Plot's bins are lists of what is in them. */
function datumOf({ data, channels }: State, at: number): Datum {
  const datum = data[at]!;
  if (!Array.isArray(datum)) return datum;
  const sides = ["x", "x1", "x2", "y1", "y2"]
    .map((name) => [name, channels[name]?.value[at]]);
  return { count: datum.length, ...Object.fromEntries(sides) };
}

function column(values: Value[]): Value | Value[] {
  const [first = ""] = values;
  return values.every((value) => value === first) ? first : values;
}

const LONGEST = 120;

/** Four digits, and no more of a text than can be read at a glance. */
function shown(value: unknown): Value {
  if (typeof value === "number" && Number.isFinite(value)) {
    return Math.abs(value) < 1000
      ? Number(value.toPrecision(4))
      : Math.round(value);
  }
  const text = visible(String(value ?? "-"));
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}\u2026` : text;
}
