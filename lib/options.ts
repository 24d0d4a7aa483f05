/** The options: declared once, checked before any work, shown by `--help`. */
import { readFileSync } from "node:fs";
import process from "node:process";
import { parseArgs } from "node:util";
import { closest } from "fastest-levenshtein";
import { say } from "./exit.ts";
import { sizes } from "./format.ts";

/** One option: how its text is read, and what stands in when it isn't given. */
export interface Option<T> {
  /** What the value looks like in `--help`; without it the option is a flag. */
  hint?: string;
  help: string;
  fallback: T;
  /** The fallback as a person would type it. */
  shown?: string;
  /** Throws a {@link RangeError} that says the rule. */
  parse(texts: string[]): T;
}

type Options = Record<string, Option<unknown>>;
export type Values<O extends Options> = {
  [K in keyof O]: O[K] extends Option<infer T> ? T : never;
};

const last = (texts: string[]) => texts.at(-1)!;

/** A whole number from `least` to `most`. */
export function count<T extends number | undefined>(
  fallback: T,
  help: string,
  least = 1,
  most = Number.MAX_SAFE_INTEGER,
): Option<number | T> {
  return {
    hint: "N",
    help,
    fallback,
    shown: fallback?.toString(),
    parse(texts) {
      const value = /^\d+$/.test(last(texts)) ? Number(last(texts)) : NaN;
      if (value >= least && value <= most) return value;
      const rest = most < Number.MAX_SAFE_INTEGER ? `to ${most}` : "or more";
      throw new RangeError(`takes a whole number, ${least} ${rest}`);
    },
  };
}

/** Whole numbers from 1 on, with commas between them. */
export function counts(fallback: number[], help: string): Option<number[]> {
  const { parse } = count(1, "");
  return {
    hint: "N,N",
    help,
    fallback,
    shown: fallback.join(","),
    parse: (texts) => last(texts).split(",").map((text) => parse([text])),
  };
}

/** A number above zero. */
export function positive(fallback: number, help: string): Option<number> {
  return {
    hint: "X",
    help,
    fallback,
    shown: String(fallback),
    parse(texts) {
      const value = Number(last(texts));
      if (value > 0 && value < Infinity) return value;
      throw new RangeError("takes a number above 0");
    },
  };
}

/** What a timer can wait. */
const MAXIMUM_SECONDS = 2 ** 31 / 1000;

/** How many there are in an hour. */
const units = { ms: 3_600_000, s: 3600, m: 60, h: 1 };

/** A time such as `250ms`, `5s` or `2m`; its value is in seconds. */
export function duration(
  fallback: string,
  help: string,
  { aboveZero = false } = {},
): Option<number> {
  function parse(texts: string[]) {
    const [, digits, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(last(texts)) ??
      [];
    // Divided, so that 51ms is 0.051 and not a bit more.
    const value = Number(digits) * 3600 / units[unit as keyof typeof units];
    const fits = value < MAXIMUM_SECONDS && (value > 0 || !aboveZero);
    if (fits) return value;
    const least = aboveZero ? "above 0 and " : "";
    const rule = `takes a time ${least}below 24 days, such as 250ms, 5s or 2m`;
    throw new RangeError(rule);
  }
  return {
    hint: "TIME",
    help,
    fallback: parse([fallback]),
    shown: fallback,
    parse,
  };
}

/** A size such as `500KB`, `10MB` or `1GB`; its value is in bytes. */
export function size(help: string): Option<number | undefined> {
  return {
    hint: "SIZE",
    help,
    fallback: undefined,
    parse(texts) {
      const [, digits, unit = ""] =
        /^(\d+(?:\.\d+)?)([KMG]B)?$/.exec(last(texts).toUpperCase()) ?? [];
      const value = Math.round(
        Number(digits) * (sizes[unit as keyof typeof sizes] ?? 1),
      );
      if (value > 0 && Number.isSafeInteger(value)) return value;
      throw new RangeError(
        "takes a size above 0 such as 500KB, 10MB or 1GB, or a number of bytes",
      );
    },
  };
}

/** Any text that is not empty and that `rule`, if given, matches. */
export function text<T extends string | undefined>(
  hint: string,
  fallback: T,
  help: string,
  rule: { pattern: RegExp; says: string } = {
    pattern: /./,
    says: "must not be empty",
  },
): Option<string | T> {
  return {
    hint,
    help,
    fallback,
    shown: fallback,
    parse(texts) {
      if (rule.pattern.test(last(texts))) return last(texts);
      throw new RangeError(rule.says);
    },
  };
}

/** Some of `parts`, with commas between them; all of them by default. */
export function choice<Part extends string>(
  parts: readonly Part[],
): Option<readonly Part[]> {
  return {
    hint: "PARTS",
    help: `some of ${parts.join(",")}`,
    fallback: parts,
    shown: "all",
    parse(texts) {
      const given = texts.at(-1)!.split(",") as Part[];
      if (given.every((part) => parts.includes(part))) return given;
      throw new RangeError(`takes some of ${parts.join(",")}`);
    },
  };
}

/** An option without a value: given or not. */
export function flag(help: string): Option<boolean> {
  return { help, fallback: false, parse: () => true };
}

/** Whether a text is a URL that can be called. */
export function isHttpUrl(text: unknown): text is string {
  return typeof text === "string" && URL.canParse(text) &&
    /^https?:$/.test(new URL(text).protocol);
}

/** A URL that can be called. */
export function httpUrl(help: string): Option<string | undefined> {
  return {
    hint: "URL",
    help,
    fallback: undefined,
    parse(texts) {
      const url = last(texts);
      if (!isHttpUrl(url)) {
        throw new RangeError("takes an http:// or https:// URL");
      }
      const { username, password } = new URL(url);
      if (username || password) {
        throw new RangeError("takes no user or password");
      }
      return url;
    },
  };
}

/**
 * An option that may be given several times; `parse` reads one of its texts, which
 * is the cause of the {@link RangeError} if it can't.
 */
export function many<T>(
  hint: string,
  help: string,
  parse: (text: string) => T,
): Option<T[]> {
  function parseOne(text: string) {
    try {
      return parse(text);
    } catch (error) {
      if (error instanceof RangeError) error.cause ??= text;
      throw error;
    }
  }
  return { hint, help, fallback: [], parse: (texts) => texts.map(parseOne) };
}

/**
 * Reads the command line. On `--help` it prints the script's own header comment
 * and the options, and exits; on a mistake it says which option, the rule and
 * what was given, and exits with code 2.
 */
export function readOptions<O extends Options>(
  options: O,
  maximumPositionals = 0,
): Values<O> & { positionals: string[] } {
  const flags = Object.fromEntries(
    Object.entries(options).map(([name, { hint }]) => [
      kebab(name),
      { type: hint ? "string" : "boolean", multiple: true } as const,
    ]),
  );
  const { values, positionals, tokens } = parseArgs({
    options: { ...flags, help: { type: "boolean", short: "h" } },
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  if (values.help) {
    console.log(help(options));
    process.exit(0);
  }
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    if (flags[token.name]?.type === "boolean" && token.value !== undefined) {
      wrong(`${token.rawName} takes no value, not "${token.value}"`);
    }
    if (token.name in flags) {
      // The value that is missing isn't the option after it.
      const next = !token.inlineValue && /^--([a-z-]+)/.exec(token.value ?? "");
      if (next && next[1]! in flags) {
        wrong(`${token.rawName} needs a value; ${next[0]} is another option`);
      }
      continue;
    }
    const nearest = closest(token.name, [...Object.keys(flags), "help"]);
    wrong(`${token.rawName} is not an option; did you mean --${nearest}?`);
  }
  if (positionals.length > maximumPositionals) {
    wrong(`${positionals[maximumPositionals]} is not an option; see --help`);
  }
  const read = Object.entries(options).map(([name, option]) => {
    const given = values[kebab(name)] as unknown[] | undefined;
    if (!given) return [name, option.fallback];
    const missing = option.hint !== undefined && given.includes(true);
    if (missing) wrong(`--${kebab(name)} needs a value: ${option.help}`);
    const texts = given.map(String);
    try {
      return [name, option.parse(texts)];
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      const given = error.cause ?? last(texts);
      wrong(`--${kebab(name)} ${error.message}, not "${given}"`);
    }
  });
  return { ...Object.fromEntries(read), positionals };
}

/** Ends the script because of a mistake on the command line. */
export function wrong(message: string): never {
  say(message);
  process.exit(2);
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function help(options: Options): string {
  const source = readFileSync(process.argv[1]!, "utf8");
  const header = /\/\*\*\n(.*?)\n \*\//s.exec(source)?.[1] ?? "";
  const all = { ...options, help: flag("print this") };
  const lines = Object.entries(all).map(([name, option]) => {
    const usage = `--${kebab(name)} ${option.hint ?? ""}`.padEnd(22);
    const shown = option.shown ? ` (default: ${option.shown})` : "";
    // At a space or after a comma; a longer word stays whole.
    const wrapped = `${option.help}${shown}`
      .match(/.{1,56}(?:(?<=,)| |$)|\S+ ?/g)!.map((line) => line.trim());
    return `  ${usage}${wrapped.join("\n" + " ".repeat(24))}`;
  });
  return `${header.replace(/^ \* ?/gm, "")}\n\nOptions:\n${lines.join("\n")}`;
}
