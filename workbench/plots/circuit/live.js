// Shows a circuit's SVG and moves it: the drawing is sent once, then one byte a node and an edge.

const LARGEST = 1.9; // screen pixels per point of the drawing: beyond, small circuits look coarse
const READABLE = 9; // screen pixels: the height of text that is read without effort
const DRAG_PX = 4; // a pointer that moved less has clicked
const STILL = 128; // the byte of a weight that has not changed
const WIDEST = 7; // points: the band of the largest change of weights
const SVG = "http://www.w3.org/2000/svg";

function grouped(svg, kind) {
  const found = new Map();
  for (const g of svg.querySelectorAll(`g.${kind}[data-name]`)) {
    if (!found.has(g.dataset.name)) found.set(g.dataset.name, []);
    found.get(g.dataset.name).push(g);
  }
  return found;
}

// The band along a plastic edge that shows how its weights have changed: as the flow, but its own.
function bands(svg, flow) {
  const found = new Map();
  for (const edge of svg.querySelectorAll("g.edge.plastic")) {
    const source = flow.get(edge.dataset.name)?.[0]?.querySelector("path");
    if (!source) continue;
    const band = document.createElementNS(SVG, "path");
    band.setAttribute("d", source.getAttribute("d"));
    band.setAttribute("class", "change");
    band.setAttribute("stroke-width", 0);
    edge.parentNode.insertBefore(band, svg.querySelector("g.edge, g.node"));
    found.set(edge.dataset.name, [band]);
  }
  return found;
}

function centre(g) {
  if (g.dataset.x) return [Number(g.dataset.x), Number(g.dataset.y)];
  const box = (g.querySelector(".frame-line") ?? g).getBBox();
  return [box.x + box.width / 2, box.y + box.height / 2];
}

function parse(text, order) {
  const holder = document.createElement("div");
  holder.innerHTML = text;
  const svg = holder.querySelector("svg");
  const box = svg.viewBox.baseVal;
  const flow = grouped(svg, "flow");
  const found = {
    svg, width: box.width, height: box.height, text: Number(svg.dataset.text) || 8,
    edges: [...svg.querySelectorAll(".edge")], node: grouped(svg, "node"), halo: grouped(svg, "halo"),
    axes: svg.querySelectorAll("[data-axis]"),
  };
  const change = bands(svg, flow);
  const listed = (kind, elements) => (order[kind] ?? []).map((name) => elements.get(name) ?? []);
  const glow = (kind, elements) => listed(kind, elements).map((groups) => groups.map(glowing));
  found.moving = [...glow("halo", found.halo), ...glow("flow", flow), ...listed("change", change)];
  found.changing = found.moving.length - (order.change ?? []).length;
  for (const [name, groups] of found.node)
    for (const g of groups) {
      g.setAttribute("tabindex", "0");
      g.setAttribute("role", "button");
      g.setAttribute("aria-label", g.querySelector("title")?.textContent ?? name);
    }
  // What can be clicked inside must not be hidden by the role of an image.
  svg.setAttribute("role", "group");
  svg.removeAttribute("width");
  svg.removeAttribute("height");
  return found;
}

// The paths of a halo or a flow, each with its opacity at full activity. A group's own opacity would
// have the browser draw every group on a layer of its own.
function glowing(group) {
  group.removeAttribute("opacity");
  group.style.display = "none";
  const paths = [...group.querySelectorAll("path")].map((path) => {
    const attribute = path.getAttribute("fill") === "none" ? "stroke-opacity" : "fill-opacity";
    return { path, attribute, full: Number(path.getAttribute(attribute) ?? 1) };
  });
  return { group, paths };
}

function show_level(elements, value, signed) {
  for (const element of elements) {
    if (!signed) {
      element.group.style.display = value ? "" : "none";
      for (const { path, attribute, full } of element.paths)
        path.setAttribute(attribute, ((full * value) / 255).toFixed(3));
    } else {
      element.setAttribute("stroke-width", ((Math.abs(value - STILL) / 127) * WIDEST).toFixed(2));
      element.classList.toggle("less", value < STILL);
    }
  }
}

export function render({ model, el }) {
  const frame = document.createElement("div");
  frame.className = "frame";
  const stage = document.createElement("div");
  stage.className = "stage";
  const words = document.createElement("p");
  words.className = "in-words";
  const details = document.createElement("aside");
  details.className = "details";
  details.setAttribute("aria-live", "polite");
  const drawn = document.createElement("div");
  drawn.className = "drawn";
  const key = document.createElement("p");
  key.className = "key";
  key.innerHTML = "Mean weight since the run began: <span><i></i>larger</span> <span><i class='less'></i>smaller</span>";
  drawn.append(stage, key);
  frame.append(drawn, words, details);

  let drawings = [];
  let shown = null;
  let waiting = false;
  let size = [0, 0];
  let drag = null;
  let dragged = false;
  let last = new Uint8Array(0);

  function apply() {
    waiting = false;
    if (!shown || !model.levels) return;
    const levels = new Uint8Array(model.levels);
    const n = Math.min(levels.length, shown.moving.length);
    for (let k = 0; k < n; k++) {
      if (last[k] === levels[k]) continue;
      show_level(shown.moving[k], levels[k], k >= shown.changing);
    }
    last = levels.slice();
  }

  function later() {
    if (waiting) return; // a frame that has not been drawn yet shows the newest values
    waiting = true;
    requestAnimationFrame(apply);
  }

  function mark() {
    if (!shown) return;
    const [, kind, name] = /^(node|edge):(.*)$/s.exec(model.selected) ?? [];
    for (const [node, groups] of shown.node)
      for (const g of groups) {
        const chosen = kind === "node" && node === name;
        g.classList.toggle("selected", chosen);
        g.classList.toggle("marked", node === model.highlight);
        g.setAttribute("aria-pressed", chosen);
      }
    let any = false;
    for (const e of shown.edges) {
      const touching = kind === "node"
        ? e.dataset.source === name || e.dataset.target === name
        : kind === "edge" && e.dataset.name === name;
      e.classList.toggle("touching", touching);
      any ||= touching;
    }
    shown.svg.classList.toggle("focused", any);
  }

  // Of the arrangements that say most in text that can be read, the one in which it comes out
  // largest; where none can be read, the largest of all.
  function choose() {
    const [w, h] = size;
    if (!w || !h || !drawings.length || drag) return;
    const scale = (d) => Math.min(w / d.width, h / d.height, LARGEST);
    const text = (d) => scale(d) * d.text;
    const largest = (among) => among.reduce((a, b) => (text(b) > text(a) * 1.08 ? b : a));
    const readable = drawings.filter((d) => text(d) >= READABLE);
    const most = Math.min(...readable.map((d) => d.says));
    const best = largest(readable.length ? readable.filter((d) => d.says === most) : drawings);
    best.svg.style.width = `${best.width * scale(best)}px`;
    best.svg.style.height = `${best.height * scale(best)}px`;
    if (best === shown) return;
    shown = best;
    last = new Uint8Array(0);
    stage.replaceChildren(best.svg);
    key.hidden = !best.svg.querySelector(".change"); // where nothing learns there is nothing to say
    mark();
    apply();
  }

  function build() {
    shown = null;
    drawings = model.drawings.map((text, k) => ({ ...parse(text, model.order), says: model.says[k] ?? 0 }));
    frame.classList.toggle("movable", model.movable);
    choose();
  }

  function tell() {
    words.textContent = model.words;
  }

  function explain() {
    details.innerHTML = model.details;
    frame.classList.toggle("explaining", model.details !== "");
    read();
  }

  function read() {
    for (const e of details.querySelectorAll("[data-reading]"))
      e.textContent = model.readings[e.dataset.reading] ?? "";
  }

  // -- clicks and keys ---------------------------------------------------------------------------

  function select(what) {
    model.selected = what === model.selected ? "" : what;
  }

  function pick(event) {
    if (dragged) return void (dragged = false);
    const node = event.target.closest?.(".node")?.dataset.name;
    const edge = event.target.closest?.(".edge")?.dataset.name;
    if (node !== undefined) select(`node:${node}`);
    else if (edge !== undefined) select(`edge:${edge}`);
    else model.selected = "";
  }

  // Cards stand beside this component's own, each in a shadow root of its own.
  function card(key) {
    for (let root = el.getRootNode(); root; root = root.host?.getRootNode()) {
      const found = root.querySelector?.(`.wb-card-${key}`);
      if (found || root === document) return found;
    }
    return null;
  }

  function act(event) {
    const button = event.target.closest?.("[data-act]");
    if (!button) return;
    const { act } = button.dataset;
    if (act === "close") model.selected = "";
    else if (act.startsWith("select ")) model.selected = act.slice(7);
    else {
      model.send_msg({ act });
      const key = act.split(" ")[0];
      requestAnimationFrame(() => card(key)?.scrollIntoView({ behavior: "smooth", block: "nearest" }));
    }
  }

  function press(event) {
    const node = event.target.closest?.(".node");
    if (event.key === "Escape" && model.selected) {
      event.stopPropagation();
      model.selected = "";
    } else if (node && (event.key === "Enter" || event.key === " ")) {
      event.preventDefault();
      event.stopPropagation();
      select(`node:${node.dataset.name}`);
    }
  }

  // -- dragging ----------------------------------------------------------------------------------

  function where(event) {
    const at = new DOMPoint(event.clientX, event.clientY);
    const point = at.matrixTransform(shown.svg.getScreenCTM().inverse());
    return [point.x, point.y];
  }

  function grab(event) {
    const node = event.target.closest?.(".node");
    dragged = false;
    if (!node || !model.movable || event.button !== 0 || drag) return;
    drag = { node, from: where(event), at: [event.clientX, event.clientY], begun: false };
  }

  function lead(other, name) {
    const line = document.createElementNS(SVG, "line");
    const [x, y] = centre(shown.node.get(other)[0]);
    line.setAttribute("class", "lead");
    line.setAttribute("x1", x);
    line.setAttribute("y1", y);
    shown.svg.insertBefore(line, shown.node.get(name)[0].parentNode === shown.svg ? shown.svg.querySelector("g.node") : null);
    return line;
  }

  function begin(pointer) {
    stage.setPointerCapture(pointer); // not before: a click belongs to what is under it
    const name = drag.node.dataset.name;
    drag.begun = true;
    drag.centre = centre(drag.node);
    drag.edges = shown.edges.filter((e) => e.dataset.source === name || e.dataset.target === name);
    drag.leads = [];
    for (const e of drag.edges) {
      e.classList.add("moving");
      const other = e.dataset.source === name ? e.dataset.target : e.dataset.source;
      if (other !== name && shown.node.has(other)) drag.leads.push(lead(other, name));
    }
    frame.classList.add("dragging");
  }

  function pull(event) {
    if (!drag) return;
    const far = Math.hypot(event.clientX - drag.at[0], event.clientY - drag.at[1]) > DRAG_PX;
    if (!drag.begun && !far) return;
    if (!drag.begun) begin(event.pointerId);
    const [x, y] = where(event);
    drag.by = [x - drag.from[0], y - drag.from[1]];
    const name = drag.node.dataset.name;
    for (const g of [...shown.node.get(name), ...(shown.halo.get(name) ?? [])])
      g.setAttribute("transform", `translate(${drag.by[0]} ${drag.by[1]})`);
    for (const line of drag.leads) {
      line.setAttribute("x2", drag.centre[0] + drag.by[0]);
      line.setAttribute("y2", drag.centre[1] + drag.by[1]);
    }
  }

  function drop() {
    if (!drag) return;
    const { begun, node, by, leads, edges, centre: at } = drag;
    drag = null;
    if (!begun) return;
    dragged = true;
    frame.classList.remove("dragging");
    for (const line of leads) line.remove();
    for (const e of edges) e.classList.remove("moving");
    const places = {};
    for (const [name, [g]] of shown.node)
      places[name] = name === node.dataset.name ? [at[0] + by[0], at[1] + by[1]] : centre(g);
    model.send_msg({ places, drawing: drawings.indexOf(shown) });
  }

  // -- the same axis everywhere ------------------------------------------------------------------

  function light(event) {
    const axis = event.target.closest?.("[data-axis]")?.dataset.axis;
    if (!shown || shown.lit === axis) return;
    shown.lit = axis;
    shown.svg.classList.toggle("lighting", axis !== undefined);
    for (const e of shown.axes) e.classList.toggle("lit", e.dataset.axis === axis);
  }

  stage.addEventListener("click", pick);
  stage.addEventListener("pointerdown", grab);
  stage.addEventListener("pointermove", pull);
  stage.addEventListener("pointerup", drop);
  stage.addEventListener("pointercancel", drop);
  stage.addEventListener("pointerover", light);
  stage.addEventListener("pointerleave", light);
  frame.addEventListener("keydown", press);
  details.addEventListener("click", act);
  const observer = new ResizeObserver(([entry]) => {
    size = [entry.contentRect.width, entry.contentRect.height];
    choose();
  });
  observer.observe(stage);
  model.on("levels", later);
  model.on(["selected", "highlight"], mark);
  model.on("drawings", build);
  model.on("details", explain);
  model.on("readings", read);
  model.on("words", tell);
  model.on("remove", () => observer.disconnect());
  tell();
  explain();
  build();
  return frame;
}
