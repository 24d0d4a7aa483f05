// A legend for each chart of several series, which hides and shows them.
(() => {
  const seriesOf = (g) =>
    JSON.parse(g.closest("[data-tips]").dataset.tips)[g.dataset.told][0];

  /** The first colour that is drawn. */
  function colorOf(g) {
    return [g, ...g.children].flatMap((one) =>
      ["fill", "stroke"].map((name) => one.getAttribute(name))
    ).find((color) => color && color !== "none") ?? "currentColor";
  }

  function legendButton(series, groups) {
    const button = document.createElement("button");
    const swatch = document.createElement("span");
    swatch.style.background = colorOf(groups[0]);
    button.type = "button";
    button.append(swatch, series);
    button.setAttribute("aria-pressed", "true");
    button.addEventListener("click", () => {
      const isShown = button.getAttribute("aria-pressed") === "true";
      button.setAttribute("aria-pressed", String(!isShown));
      for (const g of groups) {
        if (isShown) g.setAttribute("display", "none");
        else g.removeAttribute("display");
      }
    });
    return button;
  }

  for (const figure of document.querySelectorAll("figure[data-tips]")) {
    const groups = [...figure.querySelectorAll("[data-told]")];
    const series = Map.groupBy(groups, seriesOf);
    if (series.size < 2) continue;
    const legend = document.createElement("div");
    legend.className = "legend";
    legend.role = "group";
    legend.ariaLabel = "Series of this chart";
    legend.append(...[...series].map((entry) => legendButton(...entry)));
    figure.querySelector(".wide").before(legend);
  }
})();
