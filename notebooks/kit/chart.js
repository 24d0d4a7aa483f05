// What the marks of a chart say when somebody looks closer: by mouse, touch or
// keyboard. Without JavaScript the chart is complete as it stands.
(() => {
  const NEAR = 24; // pixels
  const HINT = "The arrow keys go through what is drawn.";

  const parsed = new Map();
  /** The tips of a group of marks: lib/report/told.ts says what they are. */
  function toldBy(g) {
    const owner = g.closest("[data-tips]");
    if (!parsed.has(owner)) parsed.set(owner, JSON.parse(owner.dataset.tips));
    return parsed.get(owner)[g.dataset.told];
  }

  const [ring, tip] = ["ring", "tip"].map((name) => {
    const box = document.createElement("div");
    box.className = name;
    box.hidden = true;
    document.querySelector("main").append(box);
    return box;
  });
  tip.role = "status";
  const hide = () => tip.hidden = ring.hidden = true;
  document.addEventListener("pointerdown", hide, { capture: true });
  document.addEventListener("keydown", ({ key }) => {
    if (key === "Escape") hide();
  });

  function textOf([series, text, columns], index) {
    const values = columns.map((column) => [column].flat().at(index) ?? column);
    const said = text.split("{}").reduce((all, part, gap) => {
      const value = values[gap - 1];
      const isNumber = typeof value === "number";
      return all + (isNumber ? value.toLocaleString("en-US", digits) : value) +
        part;
    });
    return series ? `${series}, ${said}` : said;
  }
  const digits = { maximumSignificantDigits: 15 };

  /** What of a chart has a tip: where it is in the chart, and what it says. */
  function marksOf(svg) {
    const { left, top } = svg.getBoundingClientRect();
    const groups = svg.querySelectorAll("[data-told]:not([display])");
    return [...groups].flatMap((g) => {
      const told = toldBy(g);
      const lengths = told[2].map((column) => [column].flat().length);
      const count = Math.max(g.children.length, ...lengths);
      const boxes = count === g.children.length
        ? [...g.children].map((each) => each.getBoundingClientRect())
        : stepsOf(g.firstElementChild, count);
      return told[1] === "" ? [] : boxes.map((box, index) => ({
        group: g.dataset.told,
        box: new DOMRect(box.x - left, box.y - top, box.width, box.height),
        text: () => textOf(told, index),
      }));
    });
  }

  /** Where the data of a line or an area are: a step takes two corners for each. */
  function stepsOf(path, count) {
    const { a, d, e, f } = path.getScreenCTM();
    const shape = path.getAttribute("d");
    const corners = [...shape.matchAll(/([-\d.e]+),([-\d.e]+)/g)]
      .map(([, x, y]) => [a * x + e, d * y + f]);
    const isArea = shape.endsWith("Z");
    const last = corners.length / (isArea ? 2 : 1) - 1;
    const place = (index) => corners[Math.round(index / (count - 1) * last)];
    return Array.from({ length: count }, (_, index) => {
      const [x, y] = place(index);
      if (!isArea) return new DOMRect(x, y, 0, 0);
      const [end] = place(Math.min(index + 1, count - 1));
      return new DOMRect(x, y, end - x, corners.at(-1)[1] - y);
    });
  }

  /** Of several below the pointer it is the one whose middle is nearest. */
  function nearest(marks, x, y) {
    const away = ({ box: { left, right, top, bottom } }) =>
      Math.hypot(
        Math.max(left - x, x - right, 0),
        Math.max(top - y, y - bottom, 0),
      ) + Math.hypot(left + right - 2 * x, top + bottom - 2 * y) / 1000;
    return marks.reduce((best, mark) => {
      const distance = away(mark);
      return distance <= best.distance ? { distance, mark } : best;
    }, { distance: NEAR }).mark;
  }

  function show(svg, { box, text }) {
    const frame = svg.getBoundingClientRect();
    const [x, y] = [frame.left + box.left, frame.top + box.top];
    tip.hidden = ring.hidden = false;
    tip.textContent = text();
    place(ring, x - 3, y - 3);
    ring.style.width = `${box.width + 6}px`;
    ring.style.height = `${box.height + 6}px`;
    const room = document.documentElement.clientWidth - tip.offsetWidth - 8;
    const above = y - tip.offsetHeight - 8;
    place(
      tip,
      Math.max(8, Math.min(x + box.width / 2, room)),
      above > 8 ? above : Math.max(y, 0) + Math.min(box.height, 60) + 8,
    );
  }

  function place({ style }, x, y) {
    style.left = `${x + scrollX}px`;
    style.top = `${y + scrollY}px`;
  }

  function byPointer(svg) {
    let marks = [];
    const point = ({ clientX, clientY }) => {
      const { left, top } = svg.getBoundingClientRect();
      const found = nearest(marks, clientX - left, clientY - top);
      if (found) show(svg, found);
      else hide();
    };
    svg.addEventListener("pointerenter", () => marks = marksOf(svg));
    svg.addEventListener("pointermove", point);
    svg.addEventListener("pointerup", point);
    svg.addEventListener("pointerleave", ({ pointerType }) => {
      if (pointerType === "mouse") hide();
    });
  }

  /** Left and right go to the next mark, up and down to another group of them. */
  function byKeyboard(svg) {
    let at = -1;
    svg.tabIndex = 0;
    svg.addEventListener("blur", hide);
    svg.addEventListener("focus", () => {
      at = -1;
      if (!svg.matches(":focus-visible")) return;
      const box = new DOMRect(0, 0, svg.clientWidth, 0);
      show(svg, { box, text: () => HINT });
    });
    svg.addEventListener("keydown", (event) => {
      const { key } = event;
      if (!/^(Arrow.*|Home|End)$/.test(key)) return;
      event.preventDefault();
      const marks = marksOf(svg);
      const step = /Left|Up/.test(key) ? -1 : 1;
      const { group } = marks[at] ?? {};
      do at += step; while (
        /Up|Down/.test(key) && group && marks[at]?.group === group
      );
      if (key === "Home") at = 0;
      if (key === "End") at = marks.length - 1;
      at = Math.max(0, Math.min(at, marks.length - 1));
      if (marks[at]) show(svg, marks[at]);
    });
  }

  for (const chart of document.querySelectorAll("[data-tips] svg")) {
    byPointer(chart);
    byKeyboard(chart);
  }
})();
