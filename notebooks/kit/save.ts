/** Writes what a report comes to, and says where it is. */
import path from "node:path";
import { Failure, messageOf } from "../../lib/exit.ts";
import { makeFolder, replaceFile } from "../../lib/files.ts";

export interface Output {
  /** Its name in the folder. */
  file: string;
  text: string;
  /** Whether another file shows it, so that nobody has to open it. */
  isPart?: boolean;
}

/** Prints the path of each file that is to be opened. */
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
