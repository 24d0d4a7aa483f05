/** HTML that is safe by construction: text is escaped, markup is not. */
export interface Html {
  html: string;
}

type Part = Html | string | number | undefined | false | Part[];

/** A template whose values are escaped, unless they are HTML themselves. */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Html {
  return { html: String.raw({ raw: strings }, ...parts.map(render)) };
}

function render(part: Part): string {
  if (part === undefined || part === false) return "";
  if (Array.isArray(part)) return part.map(render).join("");
  return typeof part === "object" ? part.html : escape(String(part));
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** Keeps a number, its interval and its unit on one line. */
export function unbroken(text: string): string {
  return text.replace(/(?<=\d) (?=(?:±|%|m?s\b))|(?<=±) /g, "\u00a0");
}

/** A table that scrolls sideways; the first cell of a row is its header. */
export function table(heading: Part[], rows: Part[][]): Html {
  const cells = ([first, ...rest]: Part[]) =>
    html`<tr><th scope="row">${first}</th>${
      rest.map((cell) => html`<td>${cell}</td>`)
    }</tr>\n`;
  return html`
    <div class="scroll" tabindex="0" role="group" aria-label="Table">
      <table>
        <thead>
          <tr>${heading.map(head)}</tr>
        </thead>
        <tbody>
    ${rows.map(cells)}</tbody>
      </table>
    </div>
  `;
}

/** An empty corner is no header. */
function head(cell: Part): Html {
  return cell === "" ? html`<td></td>` : html`<th scope="col">${cell}</th>`;
}

/** A list of those that are not false. */
export function bullets(items: Part[]): Html {
  const shown = items.filter((item) => item !== false);
  return html`<ul>${shown.map((item) => html`<li>${item}</li>\n`)}</ul>`;
}
