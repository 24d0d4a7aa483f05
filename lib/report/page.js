// Buttons that copy and save. Without JavaScript the page has all the rest.

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

for (const figure of document.querySelectorAll("figure")) {
  const chart = figure.querySelector(".wide svg");
  buttonsAfter(
    figure.querySelector("figcaption"),
    button("Save as SVG", () => save(svgUrl(chart), `${figure.id}.svg`)),
    button("Save as PNG", async () => {
      save(await pngUrl(chart), `${figure.id}.png`);
    }),
  );
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

/** The chart with the page's colours written into it. */
function svgUrl(chart) {
  const page = getComputedStyle(document.documentElement);
  const copy = chart.cloneNode(true);
  copy.style.background = page.getPropertyValue("--paper");
  copy.style.color = page.getPropertyValue("--ink");
  const text = new XMLSerializer().serializeToString(copy)
    .replace(/var\((--\w+)\)/g, (_, name) => page.getPropertyValue(name));
  return `data:image/svg+xml,${encodeURIComponent(text)}`;
}

async function pngUrl(chart) {
  const image = new Image();
  image.src = svgUrl(chart);
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = 2 * chart.viewBox.baseVal.width;
  canvas.height = 2 * chart.viewBox.baseVal.height;
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL();
}

function save(url, name) {
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
}
