// Buttons that copy. Without JavaScript the page has all the rest.

function button(label, act) {
  const element = document.createElement("button");
  element.type = "button";
  element.textContent = label;
  element.addEventListener("click", async () => {
    await act();
    element.textContent = "Done";
    setTimeout(() => element.textContent = label, 1500);
  });
  return element;
}

function buttonsAfter(element, ...buttons) {
  const box = document.createElement("p");
  box.className = "buttons";
  box.append(...buttons);
  element.after(box);
}

for (const block of document.querySelectorAll("pre")) {
  const copy = () => navigator.clipboard.writeText(block.textContent);
  buttonsAfter(block, button("Copy", copy));
}

for (const table of document.querySelectorAll("table")) {
  const copy = () => navigator.clipboard.writeText(markdown(table));
  buttonsAfter(table.parentElement, button("Copy as Markdown", copy));
}

function markdown(table) {
  const lines = [...table.rows].map(({ cells }) => {
    const texts = [...cells].map(({ textContent }) =>
      textContent.trim().replace(/\s+/g, " ").replaceAll("|", "\\|")
    );
    return `| ${texts.join(" | ")} |\n`;
  });
  const rule = [...table.rows[0].cells].map((_, i) => i > 0 ? "--:" : "---");
  return [lines[0], `| ${rule.join(" | ")} |\n`, ...lines.slice(1)].join("");
}
