/** Chapters as posts in Markdown, which a blog engine takes as they are. */
import { gfmToMarkdown } from "mdast-util-gfm";
import { toMarkdown as write } from "mdast-util-to-markdown";
import { visible } from "../../lib/text.ts";
import type { Written } from "./chapters.ts";
import { index } from "./index_page.ts";
import { type Post, postOf, PROGRAM, type Root } from "./post.ts";
import type { Output } from "./save.ts";

/** A post for each chapter, its charts beside it, and an index of all. */
export function markdown(chapters: Written[], isWhole: boolean): Output[] {
  const posts = chapters.flatMap(({ stem, title, body }) =>
    filesOf(stem, title, postOf(body.html, stem, ".md"))
  );
  if (!isWhole) return posts;
  const all = postOf(index(chapters), "index", ".md");
  return [...posts, ...filesOf("index", "Call Styles", all)];
}

function filesOf(stem: string, title: string, post: Post): Output[] {
  return [
    ...post.drawings.map(({ file, svg }) => ({
      file,
      text: svg,
      isPart: true,
    })),
    { file: `${stem}.md`, text: frontMatter(title) + toMarkdown(prose(post)) },
  ];
}

/** What blog engines make the heading of; a JSON text is a YAML one as well. */
function frontMatter(title: string): string {
  return `---\ntitle: ${JSON.stringify(visible(title))}\n---\n\n`;
}

/** Without the programs: those who read a post see the lines that matter. */
function prose({ root }: Post): Root {
  const children = root.children
    .filter((node) => !(node.type === "code" && node.lang === PROGRAM));
  return { ...root, children };
}

/** Text stays text, also where dollars make a formula of it. */
export function toMarkdown(root: Root): string {
  return write(root, {
    bullet: "-",
    emphasis: "_",
    rule: "-",
    extensions: [gfmToMarkdown()],
    unsafe: [{ character: "$", inConstruct: "phrasing" }],
  });
}
