// Buttons that copy. Without JavaScript the page has all the rest.

/** What `act` returns is said beside the button, and read out. */
function button(label, act) {
  const element = document.createElement("button");
  element.type = "button";
  element.textContent = label;
  element.addEventListener("click", async () => {
    const box = element.parentElement;
    const said = box.querySelector("[role=status]");
    said.textContent = await act(box) ?? "Done";
    setTimeout(() => said.textContent = "", 5000);
  });
  return element;
}

function buttonsAfter(element, ...buttons) {
  const box = document.createElement("div");
  box.className = "buttons";
  const said = document.createElement("span");
  said.role = "status";
  box.append(said, ...buttons);
  element.after(box);
}

/** A button that copies what `read` returns. */
function copyButton(label, read) {
  return button(label, async (box) => {
    try {
      await navigator.clipboard.writeText(read());
      return "Copied";
    } catch {
      select(read(), box);
      return "Not allowed to copy. It is selected: use your keyboard or menu";
    }
  });
}

/** For those whose browser gives no clipboard to files. */
function select(text, box) {
  const area = document.createElement("textarea");
  area.readOnly = true;
  area.ariaLabel = "What is to be copied";
  area.value = text;
  area.addEventListener("blur", () => area.remove());
  box.after(area);
  area.select();
  area.focus();
}

for (const block of document.querySelectorAll("pre")) {
  const program = block.parentElement.querySelector(":scope > .program pre");
  const textOf = (element) => () => element.textContent;
  const buttons = program
    ? [
      copyButton("Copy to run", textOf(program)),
      copyButton("Copy these lines", textOf(block)),
    ]
    : [copyButton("Copy", textOf(block))];
  buttonsAfter(block, ...buttons);
}

for (const table of document.querySelectorAll("table")) {
  buttonsAfter(
    table.parentElement,
    copyButton("Copy as Markdown", () => markdown(table)),
    copyButton("Copy as CSV", () => csv(table)),
  );
}

/** The texts of all rows. What is beside a figure stands behind it. */
function rowsOf(table) {
  return [...table.rows].map(({ cells }) => [...cells].map(cellText));
}

function cellText(cell) {
  const main = cell.cloneNode(true);
  const beside = [...main.querySelectorAll("small")].map((small) => {
    small.remove();
    return oneLine(small);
  }).filter(Boolean);
  return beside.reduce(
    (text, more) => text + (/^[±(]/.test(more) ? " " : "; ") + more,
    oneLine(main),
  );
}

function oneLine({ textContent }) {
  return textContent.trim().replace(/\s+/g, " ");
}

function markdown(table) {
  const [head, ...rows] = rowsOf(table).map((cells) =>
    cells.map((text) => text.replace(markdownSigns, "\\$&"))
  );
  const rule = head.map((_, index) => index > 0 ? "--:" : "---");
  return [head, rule, ...rows].map((cells) => `| ${cells.join(" | ")} |\n`)
    .join("");
}

/** Those that would be more than text; not the _ within a name. */
const markdownSigns = /[\\`*[\]<>|&~$]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu;

/** RFC 4180. No cell is a formula, whatever the spreadsheet. */
function csv(table) {
  const lines = rowsOf(table).map((cells) =>
    cells.map((text) => text.replace(/^(?=[=+@]|-[^\d.])/, "'"))
      .map((text) =>
        /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
      ).join()
  );
  return lines.join("\r\n") + "\r\n";
}
