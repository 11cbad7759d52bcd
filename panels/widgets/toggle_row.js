// Row of small numbered toggle buttons, of which one or any number are pressed.

export function render({ model, el }) {
  const root = document.createElement("div");
  root.className = "bits";
  root.setAttribute("role", "group");
  function draw() {
    root.setAttribute("aria-label", model.label);
    root.replaceChildren();
    for (let k = 0; k < model.n; k++) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = k;
      button.dataset.bit = k;
      button.setAttribute("aria-label", `${model.label} ${k}`);
      button.addEventListener("click", () => press(k));
      root.append(button);
    }
    show();
  }
  function show() {
    const chosen = new Set(model.value);
    for (const button of root.children)
      button.setAttribute("aria-pressed", chosen.has(Number(button.dataset.bit)));
  }
  function press(k) {
    const chosen = new Set(model.value);
    if (!model.multiple) model.value = [k];
    else {
      if (!chosen.delete(k)) chosen.add(k);
      model.value = [...chosen].sort((a, b) => a - b);
    }
    show();
  }
  model.on("n", draw);
  model.on("value", show);
  draw();
  el.append(root);
}
