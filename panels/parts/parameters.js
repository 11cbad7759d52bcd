// The parameter column: one row a parameter, drawn from the declaration that Python sends.
// One component instead of four widgets a row keeps the page light; native inputs keep it usable
// with the keyboard and with a screen reader.

const SEND_EVERY_MS = 50; // while a slider is dragged; the last value always goes out

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") for (const [event, f] of Object.entries(value)) node.addEventListener(event, f);
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value);
  }
  node.append(...children.filter((c) => c !== null));
  return node;
}

// "τ_m,fast" is written with a subscript, as the paper does.
function symbol(text) {
  const [base, ...rest] = text.split("_");
  const node = element("span", { class: "symbol" }, base);
  if (rest.length) node.append(element("sub", {}, rest.join(" ").replaceAll(",", ", ")));
  return node;
}

function pretty(value) {
  return String(Number(Number(value).toPrecision(6)));
}

function makeRow(spec, send) {
  let value = spec.value;
  let sentAt = 0;
  let timer = null;
  const fixed = !spec.live;
  // A slider over given values stands at their places in the list.
  const stops = spec.stops;
  const placeOf = (v) => stops.reduce((at, s, k) => Math.abs(s - v) < Math.abs(stops[at] - v) ? k : at, 0);
  const range = element("input", {
    type: "range", min: stops.length ? 0 : spec.low, max: stops.length ? stops.length - 1 : spec.high,
    step: stops.length ? 1 : spec.step,
    "aria-label": `${spec.name}${spec.unit ? " in " + spec.unit : ""}`, "data-name": spec.name,
  });
  const number = element("input", {
    // Text, which Python reads: a field for numbers drops the comma of 1,62 without a word.
    type: "text", inputmode: "decimal", autocomplete: "off", spellcheck: "false", class: "number",
    "aria-label": `${spec.name}, exact value`, "data-number": spec.name, "data-typed": "no",
  });
  // Values that have names are picked from a list instead.
  const pick = spec.choices.length ? element("select", {
    class: "pick", "aria-label": spec.name, "data-pick": spec.name,
  }, ...spec.choices.map((name, k) => element("option", { value: k }, name))) : null;
  const back = element("button", {
    type: "button", class: "back", title: `Put back ${spec.default_text}`,
    "aria-label": `Put ${spec.name} back to its default`,
  }, "↺");
  const lock = element("span", {
    class: "rebuild", hidden: "", title: "The lesson keeps it as it is",
  }, "locked");
  const note = element("div", { class: "note", role: "alert" });
  const tip = element("div", { class: "tip", role: "tooltip", id: `tip-${spec.name}` });
  tip.append(
    element("div", { class: "doc" }, spec.doc),
    element("dl", {},
      element("dt", {}, "in code"), element("dd", {}, spec.name),
      element("dt", {}, "allowed"), element("dd", {}, spec.allowed),
      element("dt", {}, "default"), element("dd", {}, spec.default_text),
      element("dt", {}, "source"), element("dd", {}, spec.source || "none given"),
      element("dt", {}, "changes"), element("dd", {}, spec.live
        ? "at once, while the simulation runs"
        : "by building the network anew, from t = 0"),
    ),
  );
  const head = element("div", { class: "head", tabindex: "0", "aria-describedby": tip.id },
    spec.symbol ? symbol(spec.symbol) : element("span", { class: "word" }, spec.name.replaceAll("_", " ")),
    fixed ? element("span", { class: "rebuild", title: "A change builds the network anew" }, "rebuilds") : null,
    lock,
  );
  const node = element("div", { class: fixed ? "row fixed" : "row", "data-row": spec.name },
    element("div", { class: "top" }, head, back, pick ? null : number, element("span", { class: "unit" }, spec.unit)),
    spec.doc ? element("div", { class: "what", "aria-hidden": "true" }, spec.doc) : null,
    pick ?? range, note, tip,
  );

  function fill() {
    const share = stops.length
      ? placeOf(value) / (stops.length - 1 || 1)
      : (Math.min(spec.high, Math.max(spec.low, value)) - spec.low) / (spec.high - spec.low || 1);
    range.style.setProperty("--filled", `${100 * share}%`);
    const changed = Math.abs(value - spec.default) > 1e-9 * Math.max(1, Math.abs(spec.default));
    node.classList.toggle("changed", changed);
  }
  function show(v, said = "") {
    value = v;
    // What is being typed stays; a number that was taken over follows an undo.
    if (node.getRootNode().activeElement !== number || number.dataset.typed === "no") number.value = pretty(v);
    range.value = stops.length ? placeOf(v) : v;
    if (stops.length) range.setAttribute("aria-valuetext", `${pretty(v)} ${spec.unit}`);
    if (pick) {
      if (v >= spec.choices.length && ![...pick.options].some((o) => Number(o.value) === v))
        pick.append(element("option", { value: v }, `number ${v}`));
      pick.value = v;
    }
    note.textContent = said;
    fill();
  }
  // Latest wins: at most one message in SEND_EVERY_MS, and always the last one.
  function post(final) {
    clearTimeout(timer);
    const wait = sentAt + SEND_EVERY_MS - Date.now();
    if (final || wait <= 0) {
      sentAt = Date.now();
      send({ type: "set", name: spec.name, value, final });
    } else {
      timer = setTimeout(() => post(false), wait);
    }
  }
  pick?.addEventListener("change", () => {
    value = Number(pick.value);
    fill();
    post(true);
  });
  range.addEventListener("input", () => {
    show(stops.length ? stops[Number(range.value)] : Number(range.value));
    if (!fixed) post(false);
  });
  range.addEventListener("change", () => post(true));
  number.addEventListener("input", () => { number.dataset.typed = "yes"; });
  number.addEventListener("change", () => {
    number.dataset.typed = "no";
    const typed = number.value.trim();
    if (typed === "" || typed === pretty(value)) return show(value);
    clearTimeout(timer);
    send({ type: "set", name: spec.name, value: typed.slice(0, 200), final: true });
  });
  number.addEventListener("blur", () => { number.value = pretty(value); });
  number.addEventListener("keydown", (e) => {
    if (e.key === "Escape") { number.blur(); show(value); }
    const way = { ArrowUp: 1, ArrowDown: -1 }[e.key];
    if (!way) return;
    e.preventDefault();
    const next = stops.length
      ? stops[Math.min(stops.length - 1, Math.max(0, placeOf(value) + way))]
      : Number((value + way * spec.step).toPrecision(12));
    number.dataset.typed = "no";
    show(Math.min(spec.max ?? Infinity, Math.max(spec.min ?? -Infinity, next)));
    post(true);
  });
  back.addEventListener("click", () => { show(spec.default); post(true); });
  // "locked" is shown and cannot be moved, "hidden" is not shown: a lesson asks for it.
  function fence(how) {
    node.hidden = how === "hidden";
    node.classList.toggle("locked", how === "locked");
    lock.hidden = how !== "locked";
    for (const input of [range, number, back, pick]) if (input) input.disabled = Boolean(how);
  }
  show(value);
  return { fence, node, show, changed: () => node.classList.contains("changed"), back: () => back.click(), live: !fixed };
}

export function render({ model, el }) {
  const rows = {};
  const root = element("div", { class: "parameters" });
  const all = element("button", { type: "button", class: "all" }, "Put all back");
  all.addEventListener("click", () => model.send_msg({ type: "defaults" }));
  root.append(element("div", { class: "title" }, element("span", {}, "Parameters"), all));

  const groups = [];
  function recount() {
    let total = 0;
    for (const { names, badge } of groups) {
      const n = names.filter((k) => rows[k].changed()).length;
      badge.textContent = n ? `${n} changed` : "";
      total += n;
    }
    all.style.visibility = total ? "visible" : "hidden";
  }
  const send = (message) => { model.send_msg(message); recount(); };
  for (const group of model.groups) {
    const badge = element("span", { class: "badge" });
    const details = element("details", { open: group.open ? "" : null, "data-group": group.title },
      element("summary", {}, element("span", {}, group.title), badge));
    for (const spec of group.rows) {
      rows[spec.name] = makeRow(spec, send);
      details.append(rows[spec.name].node);
    }
    groups.push({ names: group.rows.map((r) => r.name), badge, details });
    root.append(details);
  }
  // Also when drawn anew, as when a narrow window folds the column: the values are those of now.
  function update() {
    for (const [name, { value, note }] of Object.entries(model.state)) rows[name]?.show(value, note);
    recount();
  }
  // In a lesson the groups that have something to show are open, and the others are away.
  function fence() {
    const fences = model.fences;
    for (const [name, row] of Object.entries(rows)) row.fence(fences[name] ?? "");
    if (!Object.keys(fences).length) return groups.forEach(({ details }) => { details.hidden = false; });
    for (const { names, details } of groups) {
      details.hidden = names.every((name) => fences[name] === "hidden");
      details.open = !details.hidden;
    }
  }
  update();
  fence();
  model.on("fences", fence);
  model.on("state", update);
  // What a person has changed shows at once in the count of its group.
  root.addEventListener("input", recount);
  el.append(root);
}
