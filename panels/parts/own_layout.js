// The cards of a page: which are shown, in which order, how high, which take the whole width. It is
// kept in this browser, for each model, and told to Python when the page opens and when it changes.

const NARROW = "(max-width: 999px)"; // below it the parameters lie over the page
const SHOWN = "shown", WIDE = "wide", HEIGHT = "height", UP = "up", DOWN = "down";
// From one height to the next; cards in neither list are one row high.
const HEIGHTS = [
  { list: null, text: "1", label: "one row" },
  { list: "high", text: "2", label: "two rows" },
  { list: "low", text: "½", label: "half a row" },
];

const at_first = () => ({ order: [], hidden: [], wide: [], high: [], low: [] });

function read(place) {
  try {
    return { ...at_first(), ...JSON.parse(localStorage.getItem(place) ?? "{}") };
  } catch {
    return at_first(); // nothing is kept, or nothing that can be read
  }
}

function keep(place, layout) {
  try {
    if (Object.values(layout).some((keys) => keys.length)) localStorage.setItem(place, JSON.stringify(layout));
    else localStorage.removeItem(place);
  } catch {
    // It lasts as long as the page.
  }
}

// A card that fills the window leaves the bar and the parameters free: where they end is told to
// its style sheet. In a notebook the app is a part of the page, and such a card covers all of it.
function watch_edges(el) {
  let main = el;
  while (main && !main.matches?.(".main"))
    main = main.parentElement ?? main.getRootNode().host ?? null;
  const bar = main?.parentElement?.querySelector(".MuiAppBar-root");
  if (!bar || getComputedStyle(bar).position !== "fixed") return () => {};
  const measure = () => {
    const { style } = document.documentElement;
    style.setProperty("--wb-bar", `${bar.getBoundingClientRect().bottom}px`);
    style.setProperty("--wb-side", `${Math.max(0, main.getBoundingClientRect().left)}px`);
  };
  const eye = new ResizeObserver(measure);
  eye.observe(bar);
  eye.observe(main);
  main.addEventListener("transitionend", measure);
  measure();
  return () => eye.disconnect();
}

export function render({ model, el }) {
  const place = `wb-cards-${model.of}`;
  let layout = read(place);
  let unwatch = () => {};

  const ordered = () => {
    const at = ({ key }) => layout.order.indexOf(key);
    const known = model.cards.filter((card) => at(card) >= 0).sort((a, b) => at(a) - at(b));
    return [...known, ...model.cards.filter((card) => at(card) < 0)];
  };

  function tell() {
    keep(place, layout);
    model.send_msg({ layout });
    draw();
  }

  function turn(list, key) {
    layout[list] = layout[list].includes(key)
      ? layout[list].filter((k) => k !== key) : [...layout[list], key];
    tell();
  }

  const height_of = (key) => HEIGHTS.findIndex(({ list }) => list && layout[list].includes(key));

  function resize(key) {
    const next = HEIGHTS[(Math.max(0, height_of(key)) + 1) % HEIGHTS.length];
    for (const { list } of HEIGHTS) if (list) layout[list] = layout[list].filter((k) => k !== key);
    if (next.list) layout[next.list] = [...layout[next.list], key];
    tell();
  }

  function move(key, by) {
    const keys = ordered().map((card) => card.key), from = keys.indexOf(key);
    const to = Math.min(keys.length - 1, Math.max(0, from + by));
    keys.splice(to, 0, ...keys.splice(from, 1));
    layout.order = keys;
    tell();
  }

  function button(text, label, name, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    made.title = label;
    made.setAttribute("aria-label", label);
    made.dataset.name = name;
    made.addEventListener("click", act);
    return made;
  }

  function row({ key, title, sized }, k, all) {
    const item = document.createElement("li"), label = document.createElement("label");
    const box = document.createElement("input");
    box.type = "checkbox";
    box.checked = !layout.hidden.includes(key);
    box.dataset.name = `${key} ${SHOWN}`;
    box.addEventListener("change", () => turn("hidden", key));
    label.append(box, title);
    const wide = button("↔", `${title}: whole width`, `${key} ${WIDE}`, () => turn("wide", key));
    wide.setAttribute("aria-pressed", layout.wide.includes(key));
    const { text, label: rows } = HEIGHTS[Math.max(0, height_of(key))];
    const high = button(text, `${title}: height, ${rows}`, `${key} ${HEIGHT}`, () => resize(key));
    high.disabled = !sized;
    const up = button("↑", `${title}: earlier`, `${key} ${UP}`, () => move(key, -1));
    const down = button("↓", `${title}: later`, `${key} ${DOWN}`, () => move(key, 1));
    up.disabled = k === 0;
    down.disabled = k === all.length - 1;
    item.append(label, high, wide, up, down);
    return item;
  }

  function draw() {
    const at = el.querySelector(":focus")?.dataset.name;
    el.hidden = !model.open;
    if (!model.open) {
      el.replaceChildren();
      return;
    }
    const list = document.createElement("ul"), end = document.createElement("div");
    list.append(...ordered().map(row));
    const first = button("As at first", "All cards, as the model has them", "first", () => {
      layout = at_first();
      tell();
    });
    const close = button("Close", "Close the list of cards", "close", () => model.send_msg({ close: true }));
    end.className = "end";
    end.append(first, close);
    el.replaceChildren(list, end);
    if (at) el.querySelector(`[data-name="${CSS.escape(at)}"]`)?.focus();
  }

  el.className = "cards";
  model.on("open", draw);
  model.on("cards", draw);
  model.on("after_layout", () => {
    unwatch();
    unwatch = watch_edges(el);
  });
  const narrow = window.matchMedia(NARROW);
  const say_width = () => model.send_msg({ narrow: narrow.matches });
  narrow.addEventListener("change", say_width);
  model.on("remove", () => {
    unwatch();
    narrow.removeEventListener("change", say_width);
  });
  draw();
  if (Object.values(layout).some((keys) => keys.length)) model.send_msg({ layout });
}
