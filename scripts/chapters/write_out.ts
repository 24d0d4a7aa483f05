/** Files that a chapter writes beside the rows. */
import path from "node:path";
import { Failure, messageOf } from "../../lib/exit.ts";
import { makeFolder, replaceFile } from "../../lib/files.ts";

/** Writes a text, or JSON, to the folder of `--out`, and returns the file's path. */
export function writeOut(
  folder: string,
  name: string,
  content: string | object,
): string {
  const file = path.join(folder, name);
  const isText = typeof content === "string";
  try {
    makeFolder(folder);
    replaceFile(
      file,
      isText ? content : JSON.stringify(content, null, 2) + "\n",
    );
    return file;
  } catch (error) {
    throw new Failure(
      `--out ${folder} can't be written (${messageOf(error)}); ` +
        "name a folder that can",
    );
  }
}
