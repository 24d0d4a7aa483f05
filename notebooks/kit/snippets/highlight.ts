/** Highlights code while the page is built. */
import hljs from "highlight.js/lib/core";
import bash from "highlight.js/lib/languages/bash";
import typescript from "highlight.js/lib/languages/typescript";
import type { Html } from "../html.ts";

/** The language for highlighting, and for a fence in Markdown. */
export type Language = "ts" | "sh";

const highlighter = hljs.newInstance();
highlighter.registerLanguage("ts", typescript);
highlighter.registerLanguage("sh", bash);
highlighter.configure({ classPrefix: "" });

/** The few parts that code.css has colours for, and their classes. */
const classes = new Map([
  ["keyword", "k"],
  ["literal", "n"],
  ["number", "n"],
  ["string", "s"],
  ["regexp", "s"],
  ["subst", "x"],
  ["comment", "c"],
]);

/** The lines, each as valid HTML. */
export function highlight(text: string, language: Language): Html[] {
  const { value } = highlighter.highlight(text, {
    language,
    ignoreIllegals: true,
  });
  const open: string[] = [];
  return asyncAsKeyword(value).split("\n").map((line) => {
    const before = open.join("");
    const within = line.replace(tag, (_, scope?: string) => {
      if (scope === undefined) return open.pop() ? end : "";
      const kind = classes.get(scope);
      open.push(kind ? `<span class="${kind}">` : "");
      return open.at(-1)!;
    });
    const after = open.map((start) => start && end).join("");
    return { html: before + within + after };
  });
}

const tag = /<span class="([^"]*)">|<\/span>/g;
const end = "</span>";

/** The library takes an async arrow function for the call of a function. */
function asyncAsKeyword(value: string): string {
  return value.replaceAll('"title function_">async<', '"keyword">async<');
}
