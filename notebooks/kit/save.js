// Saves a chart as others can use it: as an SVG that needs no page, or as a PNG.
// The buttons are page.js's.
(() => {
  const LARGEST = 16384; // pixels of a canvas, in browsers

  /** The chart with all that the page gives it written into it, as it is seen. */
  function standAlone(chart) {
    const copy = chart.cloneNode(true);
    const copies = copy.querySelectorAll("*");
    chart.querySelectorAll("*").forEach((original, index) => {
      writeColors(original, copies[index]);
    });
    writeColors(chart, copy);
    for (const hidden of copy.querySelectorAll("[display=none]")) {
      hidden.remove();
    }
    for (const g of copy.querySelectorAll("[data-told]")) {
      g.removeAttribute("data-told");
    }
    const { color, backgroundColor } = getComputedStyle(
      document.documentElement,
    );
    copy.removeAttribute("tabindex");
    copy.setAttribute(
      "style",
      `font-size: 13px; white-space: pre; color: ${color}`,
    );
    const title = svgElement("title");
    title.textContent = chart.getAttribute("aria-label");
    const paper = svgElement("rect");
    const all = { width: "100%", height: "100%", fill: backgroundColor };
    for (const entry of Object.entries(all)) paper.setAttribute(...entry);
    copy.prepend(title);
    copy.querySelector("desc").after(paper);
    // What HTML may have and XML not.
    return new XMLSerializer().serializeToString(copy)
      .replace(/[\uFFFE\uFFFF]/g, "\uFFFD");
  }

  function writeColors(original, copy) {
    for (const name of ["fill", "stroke"]) {
      if (!copy.hasAttribute(name)) continue;
      copy.setAttribute(name, getComputedStyle(original)[name]);
    }
  }

  function svgElement(name) {
    return document.createElementNS("http://www.w3.org/2000/svg", name);
  }

  function svgOf(chart) {
    return new Blob([standAlone(chart)], { type: "image/svg+xml" });
  }

  async function pngOf(chart) {
    const image = new Image();
    // The page's policy lets no other address through.
    image.src = `data:image/svg+xml,${encodeURIComponent(standAlone(chart))}`;
    await image.decode();
    const { width, height } = chart.viewBox.baseVal;
    const scale = Math.min(2, LARGEST / Math.max(width, height));
    const canvas = document.createElement("canvas");
    canvas.width = scale * width;
    canvas.height = scale * height;
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    return new Promise((resolve) => canvas.toBlob(resolve));
  }

  function download(blob, name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }

  for (const figure of document.querySelectorAll("figure[data-tips]")) {
    const chart = figure.querySelector(".wide svg");
    const saves = (kind, draw) =>
      button(`Save as ${kind.toUpperCase()}`, async () => {
        download(await draw(chart), `${figure.id}.${kind}`);
      });
    buttonsAfter(
      figure.querySelector("figcaption"),
      saves("svg", svgOf),
      saves("png", pngOf),
    );
  }
})();
