/** What the marks of a chart say of themselves when somebody looks closer. */
import type { Mark, RenderFunction } from "@observablehq/plot";
import { group } from "d3-array";
import { visible } from "../../lib/text.ts";

/**
 * The elements of one series: its name, a text with gaps, as in `call {}: {} ms`,
 * and for each gap the value of every element, or the one that all have.
 */
export type Told = [
  series: string,
  text: string,
  columns: (Value | Value[])[],
];

type Value = string | number;
type Datum = Record<string, unknown>;

const told = new WeakMap<Element, Told>();

/**
 * Options of a mark: which series its elements are of, which a reader can hide,
 * and what each says, as in `call {id}: {time} ms`, where names are those of what
 * is in its datum. A bin has `count`, its middle `x`, `x1` and `x2`, `y1` and `y2`.
 * A line or an area is of one series.
 */
export function says<Data>(
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
      told.set(g, [
        visible(name),
        text.replace(gap, "{}"),
        names.map((name) => column(own.map((at) => shown(data[at]![name])))),
      ]);
    }
    return node;
  };
  return { render };
}

/** A group of its own for some of a group's elements. */
function grouped(elements: Element[]): Element {
  const [first] = elements;
  const g = first!.ownerDocument.createElementNS(first!.namespaceURI, "g");
  first!.parentNode!.append(g);
  g.append(...elements);
  return g;
}

const gap = /\{(\w+)\}/g;

/** What Plot's own tips are made from, and its types leave out. */
interface Marked {
  getMarkState(mark: Mark): State;
}

interface State {
  data: Datum[] | Datum[][];
  channels: Record<string, { value: ArrayLike<unknown> }>;
}

/**
 * What the elements of a chart say, in the order of the numbers that they get:
 * each group of them in its `data-told`.
 */
export function toldIn(chart: Element): Told[] {
  const texts: string[] = [];
  for (const g of chart.querySelectorAll("g")) {
    const found = told.get(g);
    if (!found) continue;
    hoist(g);
    const text = JSON.stringify(found);
    // All that is drawn of a call says the same.
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

/** What all elements of a group have, the group has once. */
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
