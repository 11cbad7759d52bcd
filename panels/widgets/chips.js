// A line of small buttons behind a label.

export function render({ model, el }) {
  const root = document.createElement("div");
  root.className = "chips";
  root.setAttribute("role", "group");
  function draw() {
    root.setAttribute("aria-label", model.label);
    const label = document.createElement("span");
    label.textContent = model.label;
    root.replaceChildren(
      label,
      ...model.chips.map(({ key, label, help }) => {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = label;
        button.title = help;
        button.setAttribute("aria-label", `${label}. ${help}`);
        button.dataset.key = key;
        button.addEventListener("click", () => model.send_msg({ pressed: key }));
        return button;
      }),
    );
  }
  model.on("label", draw);
  model.on("chips", draw);
  draw();
  el.append(root);
}
