// A lesson above the cards: what is said, what is asked, what is to be reached. All texts come as
// texts. How far somebody has come is kept in this browser, and told to Python when the page opens.

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes))
    if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value);
  node.append(...children.filter((child) => child !== null));
  return node;
}

const texts = (parts) => parts.map((text) => element("p", {}, text));

function read(place) {
  try {
    return JSON.parse(localStorage.getItem(place) ?? "null");
  } catch {
    return null; // nothing is kept, or nothing that can be read
  }
}

function keep(place, progress) {
  try {
    localStorage.setItem(place, JSON.stringify(progress));
  } catch {
    // It lasts as long as the page.
  }
}

export function render({ model, el }) {
  const place = `wb-lesson-${model.of}`;
  let shown_at = null; // the step that is on the screen

  function button(text, name, message, kind = "") {
    const made = element("button", { type: "button", class: kind, "data-name": name }, text);
    made.addEventListener("click", () => model.send_msg(message));
    return made;
  }

  function marks({ marks: all, at }) {
    const said = { right: "done", wrong: "not right", "": "open" };
    return element("ol", { class: "marks", "aria-label": "Steps" }, ...all.map((mark, k) =>
      element("li", {
        class: mark, "aria-current": k === at ? "step" : null, title: `Step ${k + 1}: ${said[mark]}`,
        "aria-label": `Step ${k + 1}: ${said[mark]}`,
      })));
  }

  function choice(asked) {
    const box = element("fieldset", { disabled: asked.revealed ? "" : null },
      element("legend", {}, ...texts(asked.ask)));
    asked.answers.forEach((text, k) => {
      const input = element("input", {
        type: "radio", name: "answer", value: k + 1, "data-name": `answer ${k + 1}`,
        checked: asked.given === k + 1 ? "" : null,
      });
      input.addEventListener("change", () => model.send_msg({ answer: k + 1 }));
      const state = !asked.revealed ? "" : k + 1 === asked.truth ? "right"
        : k + 1 === asked.given ? "wrong" : "";
      box.append(element("label", { class: state }, input, element("span", {}, text)));
    });
    return box;
  }

  function figure(asked) {
    const input = element("input", {
      type: "text", inputmode: "decimal", autocomplete: "off", "data-name": "number",
      disabled: asked.revealed ? "" : null, value: asked.typed || (asked.given ?? ""), maxlength: 60,
      "aria-invalid": asked.note ? "true" : null, "aria-describedby": asked.note ? "lesson-note" : null,
    });
    input.addEventListener("change", () => input.value.trim() && model.send_msg({ answer: input.value }));
    const label = element("label", { class: "figure" }, element("span", {}, ...texts(asked.ask)), input);
    if (asked.unit) label.append(element("span", { class: "unit" }, asked.unit));
    return label;
  }

  function predict(asked) {
    const box = element("section", { class: "asked", "aria-label": "Predict" },
      element("h4", {}, "Predict"), asked.answers.length ? choice(asked) : figure(asked));
    if (asked.note) box.append(element("p", { class: "note", role: "alert", id: "lesson-note" }, asked.note));
    if (!asked.revealed) {
      const reveal = button("See what happens", "reveal", { reveal: true }, "main");
      reveal.disabled = asked.given === null || asked.given === undefined;
      if (reveal.disabled) reveal.title = "Answer first";
      box.append(reveal);
      return box;
    }
    box.append(element("div", { class: "said", role: "status" },
      element("p", { class: asked.right ? "verdict right" : "verdict wrong" }, asked.verdict),
      ...texts(asked.explain), element("p", { class: "live", "data-live": "predict" })));
    return box;
  }

  function target(wanted) {
    const box = element("section", { class: "asked", "aria-label": "Target" },
      element("h4", {}, "Target"), ...texts(wanted.ask),
      element("p", { class: "live", "data-live": "target" }));
    if (wanted.low !== null && wanted.high !== null) {
      // The range is the middle half of the bar.
      box.append(element("div", { class: "scale", "aria-hidden": "true" },
        element("div", { class: "range" }), element("div", { class: "now", hidden: "" })));
    }
    box.append(element("p", { class: wanted.reached ? "verdict right" : "verdict", role: "status" },
      wanted.reached ? `Reached: ${wanted.range}.` : `To be reached: ${wanted.range}.`));
    return box;
  }

  function draw_live() {
    for (const node of el.querySelectorAll("[data-live]"))
      node.textContent = model.live[node.dataset.live] ?? "";
    const now = el.querySelector(".now"), wanted = model.shown.target, value = model.live.value;
    if (!now || !wanted) return;
    now.hidden = typeof value !== "number";
    const share = 0.25 + 0.5 * (value - wanted.low) / (wanted.high - wanted.low || 1);
    if (!now.hidden) now.style.left = `${100 * Math.min(1, Math.max(0, share))}%`;
  }

  function draw() {
    const shown = model.shown, at = el.querySelector(":focus")?.dataset.name;
    const typed = el.querySelector("[data-name=number]:focus")?.value;
    const heading = element("h3", { tabindex: "-1" }, shown.heading || `Step ${shown.at + 1}`);
    const told = element("div", { class: "told" }, heading,
      ...(shown.about ? [element("p", { class: "about" }, shown.about)] : []),
      ...texts(shown.paragraphs));
    if (shown.lines?.length) told.append(element("ul", {}, ...shown.lines.map((text) => element("li", {}, text))));
    const asked = element("div", { class: "right-side" });
    if (shown.predict) asked.append(predict(shown.predict));
    if (shown.target) asked.append(target(shown.target));
    const back = button("Back", "back", { step: -1 });
    back.disabled = shown.at === 0;
    const end = element("div", { class: "end" }, back,
      shown.over ? button("Begin again", "again", { again: true }, "main")
        : button(shown.last ? "Finish" : "Next", "next", { step: 1 }, shown.predict && !shown.predict.revealed ? "" : "main"),
      element("span", { class: "score" }, shown.over ? "" : shown.score),
      button("Leave the lesson", "leave", { leave: true }));
    el.replaceChildren(
      element("div", { class: "top" }, element("span", { class: "name" }, `Lesson: ${shown.lesson}`), marks(shown)),
      element("div", { class: asked.childElementCount ? "columns" : "columns one" }, told,
        ...(asked.childElementCount ? [asked] : [])),
      end,
    );
    draw_live();
    const next = at && el.querySelector(`[data-name="${CSS.escape(at)}"]:not(:disabled)`);
    if (shown_at !== null && shown_at !== shown.at) heading.focus();
    else if (next) next.focus();
    else if (at) (el.querySelector("button.main:not(:disabled)") ?? heading).focus();
    if (typed !== undefined && next) next.value = typed;
    shown_at = shown.at;
  }

  el.className = "lesson";
  el.setAttribute("role", "region");
  el.setAttribute("aria-label", "Lesson");
  model.on("shown", draw);
  model.on("live", draw_live);
  model.on("kept", () => keep(place, model.kept));
  draw();
  if (!window.wb_lesson_told) {
    window.wb_lesson_told = true; // drawn anew, as in another theme, it is where it was
    model.send_msg({ kept: read(place) });
  }
}
