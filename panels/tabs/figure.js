// The figure of a page: its fields, a row for each panel, and the sheet as it is on paper.

const NAMES = {
  journal: "Journal", width_mm: "Width (mm)", font: "Font", label_pt: "Names (pt)",
  tick_pt: "Numbers (pt)", letters: "Letters", width: "Width", height_mm: "Height (mm)",
  from_ms: "From (ms)", to_ms: "To (ms)", zero_ms: "t = 0 at (ms)", bin_ms: "Bins (ms)",
  axis: "Axes", spikes: "Spikes",
};
const ICONS = { up: "↑", down: "↓", same: "same time for all", remove: "✕" };
const HINTS = { from_ms: "start", to_ms: "end", zero_ms: "0" };
const ZOOMS = { "true size": 1, "1.5 ×": 1.5, "2 ×": 2, "3 ×": 3 };

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes))
    if (value !== null && value !== false) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

export function render({ model, el }) {
  let zoom = 1;
  const top = element("div", { class: "fields" });
  const list = element("ol", { class: "panels" });
  const wrong = element("p", { class: "wrong", role: "alert" });
  const notes = element("ul", { class: "notes" });
  const paper = element("div", { class: "paper" });
  const said = element("div", { class: "said" });
  const empty = element("p", { class: "empty" });
  const side = element("div", { class: "side" }, top, list, wrong, notes);
  const sheet = element("div", { class: "sheet" }, said, paper, empty);
  const root = element("div", { class: "figure" }, sheet, side);

  const shown = (v) => (typeof v === "number" ? String(Number(v.toPrecision(8))) : String(v));

  function labelled(name, control, where) {
    control.setAttribute("aria-label", where ? `${NAMES[name]} of panel ${where}` : NAMES[name]);
    control.dataset.field = name;
    return element("label", { class: `field ${name}` }, element("span", {}, NAMES[name]), control);
  }
  function select(options, value, named, change) {
    const control = element("select");
    for (const option of options)
      control.append(element("option", { value: shown(option) }, named?.[option] ?? shown(option)));
    if (!options.map(shown).includes(shown(value)))
      control.append(element("option", { value: shown(value) }, shown(value)));
    control.value = shown(value);
    control.addEventListener("change", () => change(control.value));
    return control;
  }
  function typed(value, change, hint = "") {
    const control = element("input", {
      type: "text", inputmode: "decimal", autocomplete: "off", placeholder: hint,
    });
    control.value = shown(value);
    control.addEventListener("change", () => change(control.value));
    return control;
  }
  const of_page = (name) => (value) => model.send_msg({ type: "page", name, value });

  // A field that is being edited stays: only what is not in focus is drawn anew.
  function keeping_focus(draw) {
    const here = el.getRootNode().activeElement;
    const field = here?.dataset?.field;
    const place = field ? [here.closest("li")?.dataset.k ?? "", field] : null;
    draw();
    if (!place) return;
    const within = place[0] === "" ? top : list.querySelector(`li[data-k="${place[0]}"]`);
    within?.querySelector(`[data-field="${place[1]}"]`)?.focus();
  }

  function draw_page() {
    const { page, choices } = model;
    if (!page.journal) return;
    const widths = choices.width_mm[page.journal];
    top.replaceChildren(
      labelled("journal", select(choices.journal, page.journal, null, of_page("journal"))),
      labelled("width_mm", select(widths, page.width_mm, null, of_page("width_mm"))),
      labelled("font", select(choices.font, page.font, null, of_page("font"))),
      labelled("label_pt", typed(page.label_pt, of_page("label_pt"))),
      labelled("tick_pt", typed(page.tick_pt, of_page("tick_pt"))),
      labelled("letters", select(choices.letters, page.letters, choices.named, of_page("letters"))),
    );
  }

  function button(what, label, k, message, disabled = false) {
    const node = element("button", {
      type: "button", class: what, title: label, "aria-label": `${label}: panel ${k + 1}`,
    }, ICONS[what]);
    node.disabled = disabled;
    node.addEventListener("click", () => model.send_msg({ panel: k, ...message }));
    return node;
  }

  function row({ letter, title, fields, has }, k, all) {
    const change = (name) => (value) =>
      model.send_msg({ type: "panel", panel: k, name, value });
    const where = letter || String(k + 1);
    const controls = has.map((name) => {
      const control = name in model.choices
        ? select(model.choices[name], fields[name], null, change(name))
        : typed(fields[name], change(name), HINTS[name] ?? "auto");
      return labelled(name, control, where);
    });
    const timed = has.includes("from_ms") && all.length > 1;
    return element("li", { "data-k": k },
      element("div", { class: "head" },
        element("b", {}, letter), element("span", { class: "title" }, title),
        ...(timed ? [button("same", "All panels show this time", k, { type: "same" })] : []),
        button("up", "Earlier", k, { type: "move", by: -1 }, k === 0),
        button("down", "Later", k, { type: "move", by: 1 }, k === all.length - 1),
        button("remove", "Remove", k, { type: "remove" })),
      element("div", { class: "fields" }, ...controls));
  }

  function draw_panels() {
    list.replaceChildren(...model.panels.map(row));
    list.hidden = !model.panels.length;
    empty.textContent = model.panels.length ? "" : model.empty;
    sheet.classList.toggle("none", !model.panels.length);
  }

  function draw_image() {
    const [width, height] = model.size_mm;
    paper.replaceChildren();
    if (model.image) {
      const image = element("img", { src: model.image, alt: "The figure as it is on paper" });
      image.style.width = `${zoom * width}mm`;
      image.style.height = `${zoom * height}mm`;
      paper.append(image);
    }
    said.replaceChildren();
    if (!model.image) {
      said.append(model.panels.length ? "Drawing the figure …" : "");
      return;
    }
    const zooms = select(Object.keys(ZOOMS), Object.keys(ZOOMS).find((z) => ZOOMS[z] === zoom), null,
      (value) => { zoom = ZOOMS[value]; draw_image(); });
    zooms.setAttribute("aria-label", "Shown at");
    said.append(`${shown(width)} × ${shown(Math.round(height * 10) / 10)} mm, shown at `, zooms);
  }

  function draw_words() {
    wrong.textContent = model.wrong;
    notes.replaceChildren(...model.notes.map((note) => element("li", {}, note)));
  }
  const draw_busy = () => {
    root.setAttribute("aria-busy", String(model.busy));
    paper.classList.toggle("busy", model.busy);
  };

  draw_page(); draw_panels(); draw_image(); draw_words(); draw_busy();
  model.on("page", () => keeping_focus(draw_page));
  model.on("panels", () => { keeping_focus(draw_panels); if (!model.image) draw_image(); });
  model.on("image", draw_image);
  model.on("size_mm", draw_image);
  model.on("wrong", draw_words);
  model.on("notes", draw_words);
  model.on("busy", draw_busy);
  el.append(root);
}
