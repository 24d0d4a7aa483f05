/** Text that is safe to write down or to show: no passwords, no control characters. */
import path from "node:path";
import process from "node:process";

/**
 * Control characters, which a terminal would obey; signs that turn the direction
 * of writing; and halves of characters.
 */
const unseen = /[\p{Cc}\p{Bidi_Control}\p{Cs}]/gu;

/**
 * The text as one line: a control character becomes its picture, as ESC becomes
 * ␛, and what has no picture becomes U+FFFD.
 */
export function visible(text: string): string {
  return text.replace(unseen, (sign) => {
    const code = sign.charCodeAt(0);
    if (code === 0x7f) return "\u2421";
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : "\ufffd";
  });
}

/** The same for a text of several lines. */
export function visibleLines(text: string): string {
  return text.split("\n").map(visible).join("\n");
}

/** A bound on a password's length, and so on the time that a hostile text can cost. */
const REST = "{0,1000}@";

/**
 * Users and passwords as people type them, often without encoding the signs that
 * mean something in a URL: what follows a colon is a password unless it is a port.
 */
const secrets = new RegExp(
  [
    `(?<=\\w:\\/\\/)[^\\s/?#\\\\]${REST}(?:[^\\s"']${REST})?`,
    `(?<=\\w:\\/\\/)[^\\s:/?#\\\\@[]{0,1000}:(?!\\d*\\n)[^/?#\\\\]${REST}(?:[^\\s"']${REST})?`,
    `(?<=\\w:\\/\\/)[^\\s:/?#\\\\@[]{0,1000}:(?!\\d+(?:[/?#\\\\\\s"']|$))[^]${REST}`,
    // Without a scheme, or with one that has fewer slashes.
    `(?<=^|[\\s"'=])[^\\s:/@"'=]{1,1000}:(?!\\/\\/)[^\\s"']${REST}`,
  ].join("|"),
  "g",
);

/** The text without the user and the password of each URL in it. */
export function withoutSecret(text: string): string {
  return text.includes("@") ? text.replace(secrets, "") : text;
}

/** Headers whose values are no secrets. */
const harmless = /^(accept|content|user-agent|host|connection|cache)/i;

/** The command that started this script, as a shell takes it, without secrets. */
export function commandLine(): string {
  const script = path.basename(process.argv[1]!);
  const words = process.argv.slice(2).map((word, index, words) => {
    const header = /^--header=/.test(word) || words[index - 1] === "--header";
    return quoted(header ? withoutValue(word) : withoutSecret(word));
  });
  return [`scripts/${script}`, ...words].join(" ");
}

function withoutValue(header: string): string {
  const [, option = "", name = "", rest = ""] =
    /^(--header=)?([^:]*)(:.*)?$/s.exec(header) ?? [];
  return option + name + (harmless.test(name) ? rest : rest && ": ...");
}

function quoted(word: string): string {
  const plain = /^[\w./:=,-]+$/.test(word);
  return plain ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
