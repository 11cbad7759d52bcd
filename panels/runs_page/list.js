// List of saved runs. A click chooses one run; its checkbox adds it to the chosen one, to overlay
// the two. Texts come from untrusted files and are therefore inserted as text only.

export function render({ model, el }) {
  const root = document.createElement("div");
  root.className = "runs";
  root.setAttribute("role", "list");
  function part(kind, name, text) {
    const node = document.createElement(kind);
    node.className = name;
    if (text !== undefined) node.textContent = text;
    return node;
  }
  function draw() {
    root.replaceChildren();
    for (const row of model.rows) root.append(one(row));
    show();
  }
  function one(row) {
    const item = part("div", "run");
    item.setAttribute("role", "listitem");
    item.dataset.run = row.id;
    const box = part("input", "box");
    box.type = "checkbox";
    box.setAttribute("aria-label", `Lay ${row.id} over another`);
    box.addEventListener("click", event => { event.stopPropagation(); toggle(row.id); });
    const plot = row.plot ? part("img", "thumb") : part("div", "thumb none", "no plot");
    if (row.plot) { plot.src = row.plot; plot.alt = ""; }
    const facts = part("div", "facts");
    const name = part("button", "name", row.id);
    name.type = "button";
    facts.append(name, part("div", "line", row.model), part("div", "line", row.started));
    const line = part("div", "line", `${row.length} · ${row.spikes} · `);
    line.append(part("span", row.bad ? "bad" : "", row.outcome));
    facts.append(line);
    const tags = part("div", "tags");
    for (const tag of row.tags) tags.append(part("span", "tag", tag));
    if (row.tags.length) facts.append(tags);
    item.append(box, plot, facts);
    item.addEventListener("click", () => { model.chosen = [row.id]; model.done += 1; show(); });
    return item;
  }
  function toggle(id) {
    const others = model.chosen.filter(k => k !== id);
    model.chosen = others.length < model.chosen.length ? others : [...others, id].slice(-2);
    if (model.chosen.length === 2) model.done += 1;
    show();
  }
  function show() {
    for (const item of root.children) {
      const place = model.chosen.indexOf(item.dataset.run);
      item.classList.toggle("chosen", place >= 0);
      item.querySelector(".box").checked = place >= 0;
      item.dataset.letter = model.chosen.length > 1 && place >= 0 ? "AB"[place] : "";
    }
  }
  model.on("rows", draw);
  model.on("chosen", show);
  draw();
  el.append(root);
}
