/** Files that a chapter writes beside the rows. */
import path from "node:path";
import { Failure, messageOf } from "../../lib/exit.ts";
import { makeFolder, replaceFile } from "../../lib/files.ts";

/** Writes a file to the folder of `--out`, and returns its path. */
export function writeOut(folder: string, name: string, text: string): string {
  const file = path.join(folder, name);
  try {
    makeFolder(folder);
    replaceFile(file, text);
    return file;
  } catch (error) {
    throw new Failure(
      `--out ${folder} can't be written (${messageOf(error)}); ` +
        "name a folder that can",
    );
  }
}

export function writeJson(folder: string, name: string, content: unknown) {
  writeOut(folder, name, JSON.stringify(content, null, 2) + "\n");
}
