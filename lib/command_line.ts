/** The command that made a run, as a shell takes it, without anybody's secrets. */
import path from "node:path";
import process from "node:process";
import { withoutSecret } from "./secret.ts";

/** Headers whose values let nobody in. */
const harmless = /^(accept|content|user-agent|host|connection|cache)/i;

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
