/** Writes a report's files, and prints their paths. */
import path from "node:path";
import { Failure, messageOf } from "../../lib/exit.ts";
import { makeFolder, replaceFile } from "../../lib/files.ts";

export interface Output {
  /** Its name in the folder. */
  file: string;
  text: string;
  /** Whether another file shows it. */
  isPart?: boolean;
}

/** Writes a file, and prints its path unless it is a part. */
export function save(out: string, { file, text, isPart }: Output) {
  try {
    makeFolder(out);
    replaceFile(path.join(out, file), text);
  } catch (error) {
    throw new Failure(
      `--out ${out} can't be written (${messageOf(error)}); ` +
        "name a folder that can",
    );
  }
  if (!isPart) console.log(path.join(out, file));
}
