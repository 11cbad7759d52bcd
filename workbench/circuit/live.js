// Shows a circuit's SVG and moves it: the drawing is sent once, then only numbers from 0 to 1.

const LARGEST = 1.9; // screen pixels per point of the drawing: beyond, small circuits look coarse

function parse(text) {
  const holder = document.createElement("div");
  holder.innerHTML = text;
  const svg = holder.querySelector("svg");
  const box = svg.viewBox.baseVal;
  const text_size = Number(svg.dataset.text);
  const found = { svg, width: box.width, height: box.height, text: text_size, halo: new Map(), flow: new Map() };
  found.node = new Map();
  found.edges = [...svg.querySelectorAll(".edge")];
  for (const kind of ["halo", "flow", "node"])
    for (const g of svg.querySelectorAll(`g.${kind}`)) found[kind].set(g.dataset.name, g);
  for (const g of found.node.values()) {
    g.setAttribute("tabindex", "0");
    g.setAttribute("aria-label", g.querySelector("title")?.textContent ?? g.dataset.name);
  }
  svg.removeAttribute("width");
  svg.removeAttribute("height");
  return found;
}

export function render({ model, el }) {
  const frame = document.createElement("div");
  frame.className = "frame";
  let drawings = [];
  let shown = null;
  let waiting = false;
  let size = [0, 0];
  const last = { halo: new Map(), flow: new Map() };

  function apply() {
    waiting = false;
    if (!shown) return;
    for (const [kind, values] of [["halo", model.activity], ["flow", model.flow]])
      for (const [name, group] of shown[kind]) {
        const value = values?.[name] ?? 0;
        if (last[kind].get(name) === value) continue;
        last[kind].set(name, value);
        group.setAttribute("opacity", value);
      }
  }

  function later() {
    if (waiting) return; // a frame that has not been drawn yet shows the newest values
    waiting = true;
    requestAnimationFrame(apply);
  }

  function mark() {
    if (!shown) return;
    for (const [name, g] of shown.node) {
      g.classList.toggle("selected", name === model.selected);
      g.classList.toggle("marked", name === model.highlight);
      g.setAttribute("aria-pressed", name === model.selected);
    }
    const focus = shown.node.has(model.selected) ? model.selected : null;
    shown.svg.classList.toggle("focused", focus !== null);
    for (const e of shown.edges)
      e.classList.toggle("touching", e.dataset.source === focus || e.dataset.target === focus);
  }

  // Of the arrangements the one in which text comes out largest.
  function choose() {
    const [w, h] = size;
    if (!w || !h || !drawings.length) return;
    const scale = (d) => Math.min(w / d.width, h / d.height, LARGEST);
    const text = (d) => scale(d) * d.text;
    const best = drawings.reduce((a, b) => (text(b) > text(a) * 1.08 ? b : a));
    best.svg.style.width = `${best.width * scale(best)}px`;
    best.svg.style.height = `${best.height * scale(best)}px`;
    if (best === shown) return;
    shown = best;
    last.halo.clear();
    last.flow.clear();
    frame.replaceChildren(best.svg);
    mark();
    apply();
  }

  function build() {
    shown = null;
    drawings = model.drawings.map(parse);
    choose();
  }

  function pick(event) {
    const name = event.target.closest?.(".node")?.dataset.name ?? "";
    model.selected = name === model.selected ? "" : name;
  }

  frame.addEventListener("click", pick);
  frame.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.closest?.(".node")) return;
    event.preventDefault();
    pick(event);
  });
  const observer = new ResizeObserver(([entry]) => {
    size = [entry.contentRect.width, entry.contentRect.height];
    choose();
  });
  observer.observe(frame);
  model.on(["activity", "flow"], later);
  model.on(["selected", "highlight"], mark);
  model.on("drawings", build);
  model.on("remove", () => observer.disconnect());
  build();
  return frame;
}
