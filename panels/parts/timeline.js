// The run from its beginning to now: a curve of its rate, a flag for what was done, and which part
// of it the cards show. Dragging that part moves it; dragging elsewhere chooses another stretch.

const NEAR_PX = 5; // a drag shorter than this is a click
const EDGE_PX = 8; // so near to the part that is shown, it is that which is dragged
const SEND_EVERY_MS = 90;

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function clock(ms) {
  if (ms < 1000) return `${Number(ms.toPrecision(4))} ms`;
  const digits = { minimumFractionDigits: 2, maximumFractionDigits: 2, useGrouping: ms >= 1e7 };
  return `${(ms / 1000).toLocaleString("en", digits)} s`;
}

export function render({ model, el }) {
  const SVG = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", "0 0 1000 100");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  svg.append(path);
  const shown = element("div", { class: "shown" });
  const brush = element("div", { class: "brush" });
  const track = element("div", {
    class: "track", role: "slider", tabindex: "0", "aria-label": "Moment of the run that is shown",
    "aria-valuemin": "0",
  }, svg, shown, brush);
  const flags = element("div", { class: "flags" });
  const end = element("span", { class: "end" });
  const back = element("button", { type: "button", class: "back" }, "Back to now");
  const hint = element("span", { class: "hint" });
  const card = element("div", { class: "about", role: "dialog", "aria-label": "What was done" });
  const root = element("div", { class: "timeline" }, flags, track, hint, end, back, card);
  let timer = null;
  let sentAt = 0;
  brush.hidden = card.hidden = true;

  const share = (ms) => Math.min(1, Math.max(0, ms / Math.max(model.end_ms, 1e-9)));
  const percent = (ms) => `${(100 * share(ms)).toFixed(3)}%`;
  function place(node, a, b) {
    node.style.left = percent(a);
    node.style.width = `${(100 * (share(b) - share(a))).toFixed(3)}%`;
  }

  function draw() {
    const n = model.curve.length;
    const whole = Math.max(model.end_ms, 1e-9);
    let d = "M0,100";
    for (let k = 0; k < n; k++) {
      const [a, b] = [k, k + 1].map((i) => Math.min(1000, (1000 * i * model.width_ms) / whole).toFixed(1));
      if (model.curve[k] < 0) { // not all spikes are known there
        d += `L${a},100ZM${b},100`;
        continue;
      }
      const y = (100 - model.curve[k]).toFixed(0);
      d += `L${a},${y}L${b},${y}`;
    }
    path.setAttribute("d", n ? `${d}L1000,100Z` : "");
    end.textContent = model.end_ms > 0 ? clock(model.end_ms) : "";
    hint.textContent = model.end_ms > 0 ? "" : model.empty;
    track.setAttribute("aria-valuemax", String(Math.round(model.end_ms)));
    draw_shown();
    draw_flags();
  }
  function draw_shown() {
    const [a, b] = model.span;
    place(shown, a, Math.min(b, model.end_ms));
    shown.hidden = !(model.end_ms > 0);
    track.setAttribute("aria-valuenow", String(Math.round(b)));
    track.setAttribute("aria-valuetext", `${clock(a)} to ${clock(Math.min(b, model.end_ms))}`);
    root.classList.toggle("away", model.away);
    back.hidden = !model.away;
  }
  function draw_flags() {
    const old = [...flags.children];
    model.flags.forEach(({ t_ms, text }, k) => {
      const node = old[k] ?? element("button", { type: "button" });
      const said = `${clock(t_ms)}: ${text}`;
      if (!old[k]) {
        node.addEventListener("click", () => open(k));
        flags.append(node);
      }
      if (node.title !== said) {
        node.title = said;
        node.setAttribute("aria-label", said);
      }
      node.style.left = percent(t_ms);
    });
    old.slice(model.flags.length).forEach((node) => node.remove());
  }

  function open(k) {
    const flag = model.flags[k];
    if (!flag) return;
    const act = (type) => {
      card.hidden = true;
      model.send_msg({ type, key: flag.key });
    };
    const button = (label, help, type) => {
      const node = element("button", { type: "button", title: help, class: type }, label);
      node.addEventListener("click", () => act(type));
      return node;
    };
    card.replaceChildren(
      element("p", {}, `${clock(flag.t_ms)}: ${flag.text}`),
      button("Show this moment", "All plots of time show it", "show"),
      button("Branch here", "Begin again from just before it; the present run stays as a chip", "branch"),
      button("Compare with and without", "Both, side by side, in the tab Compare", "compare"),
    );
    card.hidden = false;
    const room = root.clientWidth - card.offsetWidth - 4;
    card.style.left = `${Math.max(0, Math.min(room, share(flag.t_ms) * root.clientWidth - 20))}px`;
    card.querySelector("button").focus();
  }
  root.addEventListener("keydown", (e) => {
    if (e.key !== "Escape") return;
    if (!card.hidden) {
      card.hidden = true;
      e.stopPropagation();
    } else if (model.away) {
      model.send_msg({ type: "present" });
      e.stopPropagation();
    }
  });
  root.addEventListener("focusout", (e) => {
    if (!card.hidden && !root.contains(e.relatedTarget)) card.hidden = true;
  });
  track.addEventListener("pointerdown", () => { card.hidden = true; });

  // Latest wins; the last one always goes out.
  function send(message, now) {
    clearTimeout(timer);
    const wait = sentAt + SEND_EVERY_MS - Date.now();
    if (now || wait <= 0) {
      sentAt = Date.now();
      model.send_msg(message);
    } else timer = setTimeout(() => send(message, true), wait);
  }
  const moved = (a, b) => ({ type: "stretch", from_ms: a, to_ms: b });

  let drag = null;
  const at = (e) => {
    const box = track.getBoundingClientRect();
    const x = Math.min(box.width, Math.max(0, e.clientX - box.left));
    return { x, ms: (x / Math.max(box.width, 1)) * model.end_ms, box };
  };
  track.addEventListener("pointerdown", (e) => {
    if (e.button !== 0 || !(model.end_ms > 0)) return;
    const { x, ms, box } = at(e);
    const [a, b] = model.span;
    const [left, right] = [share(a) * box.width, share(b) * box.width];
    const inside = x >= left - EDGE_PX && x <= right + EDGE_PX && right - left < 0.98 * box.width;
    drag = { x, ms, moves: inside, span: [a, Math.min(b, model.end_ms)], went: false };
    track.setPointerCapture(e.pointerId);
  });
  track.addEventListener("pointermove", (e) => {
    if (!drag) return;
    const { x, ms } = at(e);
    if (Math.abs(x - drag.x) >= NEAR_PX) drag.went = true;
    if (!drag.went) return;
    if (drag.moves) {
      const wide = drag.span[1] - drag.span[0];
      const b = Math.min(model.end_ms, Math.max(wide, drag.span[1] + ms - drag.ms));
      place(shown, b - wide, b);
      send(moved(b - wide, b), false);
    } else {
      brush.hidden = false;
      place(brush, Math.min(drag.ms, ms), Math.max(drag.ms, ms));
    }
  });
  track.addEventListener("pointerup", (e) => {
    if (!drag) return;
    const { ms } = at(e);
    const [a, b] = drag.span;
    if (!drag.went) {
      const wide = b - a;
      const to = Math.min(model.end_ms, Math.max(wide, ms + wide / 2));
      send(moved(to - wide, to), true);
    } else if (drag.moves) {
      const wide = b - a;
      const to = Math.min(model.end_ms, Math.max(wide, b + ms - drag.ms));
      send(moved(to - wide, to), true);
    } else send(moved(Math.min(drag.ms, ms), Math.max(drag.ms, ms)), true);
    brush.hidden = true;
    drag = null;
    soon();
  });
  track.addEventListener("pointercancel", () => {
    drag = null;
    brush.hidden = true;
    draw_shown();
  });
  track.addEventListener("keydown", (e) => {
    const [a, b] = model.span;
    const wide = Math.min(b, model.end_ms) - a;
    const by = { ArrowLeft: -0.1, ArrowRight: 0.1, PageDown: -1, PageUp: 1 }[e.key];
    let to = by === undefined ? null : Math.min(b, model.end_ms) + by * wide;
    if (e.key === "Home") to = wide;
    if (e.key === "End") to = model.end_ms;
    if (to === null || !(model.end_ms > 0)) return;
    e.preventDefault();
    to = Math.min(model.end_ms, Math.max(wide, to));
    send(moved(to - wide, to), false);
  });
  back.addEventListener("click", () => model.send_msg({ type: "present" }));

  draw();
  // What Python sets together arrives one after the other: it is drawn once all of it is there.
  let due = false;
  function soon() {
    if (due) return;
    due = true;
    queueMicrotask(() => {
      due = false;
      if (drag) return;
      draw();
    });
  }
  for (const name of ["curve", "width_ms", "end_ms", "flags", "span", "away"]) model.on(name, soon);
  model.on("remove", () => clearTimeout(timer));
  el.append(root);
}
