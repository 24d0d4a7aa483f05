/** The options: declared once, checked before any work, shown by `--help`. */
import { readFileSync } from "node:fs";
import process from "node:process";
import { parseArgs } from "node:util";
import { closest } from "fastest-levenshtein";
import { say } from "./exit.ts";
import { sizes } from "./format.ts";

/** One option: how its text is read, and its value when it isn't given. */
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

/**
 * An option with one value, which `parse` reads from its text; the last one given
 * counts. The fallback is text too; without one the value is undefined.
 */
export function option<T, F extends string | undefined>(
  hint: string,
  help: string,
  shown: F,
  parse: (text: string) => T,
): Option<F extends undefined ? T | undefined : T> {
  return {
    hint,
    help,
    fallback: shown === undefined ? undefined : parse(shown),
    shown,
    parse: (texts: string[]) => parse(texts.at(-1)!),
  } as Option<never>;
}

/** A whole number from `least` to `most`. */
export function count<F extends number | undefined>(
  fallback: F,
  help: string,
  least = 1,
  most = Number.MAX_SAFE_INTEGER,
): Option<number | F> {
  const rest = most < Number.MAX_SAFE_INTEGER ? `to ${most}` : "or more";
  return option("N", help, fallback?.toString(), (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : NaN;
    if (value >= least && value <= most) return value;
    throw new RangeError(`takes a whole number, ${least} ${rest}`);
  }) as Option<number | F>;
}

/** The longest time that a timer can wait, in seconds. */
const LONGEST = 2 ** 31 / 1000;

/** How many there are in an hour. */
const units = { ms: 3_600_000, s: 3600, m: 60, h: 1 };

/** A time such as `250ms`, `5s` or `2m`; its value is in seconds. */
export function duration(
  fallback: string,
  help: string,
  { aboveZero = false } = {},
): Option<number> {
  const least = aboveZero ? "above 0 and " : "";
  return option("TIME", help, fallback, (text) => {
    const [, digits, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? [];
    // Divided, so that 51ms is 0.051 and not a bit more.
    const value = Number(digits) * 3600 / units[unit as keyof typeof units];
    if (value < LONGEST && (value > 0 || !aboveZero)) return value;
    throw new RangeError(
      `takes a time ${least}below 24 days, such as 250ms, 5s or 2m`,
    );
  });
}

/** A size such as `500KB`, `10MB` or `1GB`; its value is in bytes. */
export function size(help: string): Option<number | undefined> {
  return option("SIZE", help, undefined, (text) => {
    const [, digits, unit = ""] =
      /^(\d+(?:\.\d+)?)([KMG]B)?$/.exec(text.toUpperCase()) ?? [];
    const value = Math.round(
      Number(digits) * (sizes[unit as keyof typeof sizes] ?? 1),
    );
    if (value > 0 && Number.isSafeInteger(value)) return value;
    throw new RangeError(
      "takes a size above 0 such as 500KB, 10MB or 1GB, or a number of bytes",
    );
  });
}

/** Any text that is not empty and that `rule`, if given, matches. */
export function text<F extends string | undefined>(
  hint: string,
  fallback: F,
  help: string,
  rule = { pattern: /./, says: "must not be empty" },
): Option<string | F> {
  return option(hint, help, fallback, (text) => {
    if (rule.pattern.test(text)) return text;
    throw new RangeError(rule.says);
  }) as Option<string | F>;
}

/** Some of `parts`, with commas between them; all of them by default. */
export function choice<Part extends string>(
  parts: readonly Part[],
): Option<readonly Part[]> {
  const all = parts.join(",");
  return {
    ...option("PARTS", `some of ${all}`, all, (text) => {
      const given = text.split(",") as Part[];
      if (given.every((part) => parts.includes(part))) return given;
      throw new RangeError(`takes some of ${all}`);
    }),
    fallback: parts,
    shown: "all",
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
  return option("URL", help, undefined, (url) => {
    if (!isHttpUrl(url)) {
      throw new RangeError("takes an http:// or https:// URL");
    }
    const { username, password } = new URL(url);
    if (!username && !password) return url;
    throw new RangeError("takes no user or password");
  });
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
      const given = error.cause ?? texts.at(-1);
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
