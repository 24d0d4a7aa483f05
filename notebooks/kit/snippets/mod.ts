/** Shows code: regions of the scripts, as programs that run alone, and diffs. */
export { code } from "./code.ts";
export { codeDiff } from "./code_diff.ts";
export { listing, part } from "./listing.ts";
export { cut, snippet } from "./snippet.ts";
