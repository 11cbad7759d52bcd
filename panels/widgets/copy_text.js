// A text in a box that can only be read, and a button that copies it. Where the browser does not
// let pages copy, the text is marked, so that the keys do it.

const SHOWN_MS = 1500; // how long the button says that it was done

export function render({ model, el }) {
  const box = document.createElement("textarea");
  const button = document.createElement("button");
  box.readOnly = true;
  button.type = "button";
  const text = () => (model.address && model.text ? new URL(model.text, window.location.href).href : model.text);
  const show = () => {
    box.value = text();
    box.rows = model.address ? 2 : Math.min(8, Math.max(model.rows, box.value.split("\n").length));
    box.setAttribute("aria-label", model.label);
    box.className = model.prose ? "prose" : "";
    button.textContent = `Copy ${model.label}`;
  };
  let waiting = null;
  button.addEventListener("click", async () => {
    box.focus();
    box.select();
    try {
      await navigator.clipboard.writeText(text());
      button.textContent = "Copied";
    } catch {
      button.textContent = "Press Ctrl + C";
    }
    clearTimeout(waiting);
    waiting = setTimeout(show, SHOWN_MS);
  });
  for (const name of ["text", "label", "address"]) model.on(name, show);
  model.on("remove", () => clearTimeout(waiting));
  show();
  const row = document.createElement("div");
  row.className = "copy";
  row.append(box, button);
  el.append(row);
}
