// Keys for the whole page, and a beat: Python counts up with every drawing, the browser tells which
// one is on the screen, and how many refreshes showed something new. So Python knows what was drawn,
// and draws less to a slow browser.

const KEYS = { " ": "run", s: "step", r: "reset", "?": "keys", Escape: "escape" };
const TELL_EVERY_MS = 70; // an answer costs both sides about as much as a small plot
const NARROW_PX = 1000; // below it the parameter column lies over the page, and starts folded
const TEXT = new Set(["text", "number", "search", "email", "url", "password"]);
// Lists that are open, or opened by a key, where Space chooses.
const LISTS = new Set(["combobox", "option", "listbox", "menuitem"]);

function typed_in(target) {
  return target.isContentEditable || target.tagName === "TEXTAREA" || target.tagName === "SELECT" ||
    (target.tagName === "INPUT" && TEXT.has(target.type));
}

// Where a key already means something, it keeps that meaning. Space runs and pauses wherever no text
// is typed: a button that was pressed last would be pressed again, and Enter presses it as well. A
// switch that was reached by the keyboard is turned by it, as nothing else would turn it.
function taken(event) {
  const target = event.composedPath()[0];
  if (typed_in(target)) return event.key !== "Escape";
  if (target.tagName !== "INPUT") return event.key === " " && LISTS.has(target.getAttribute?.("role"));
  return event.key !== "Escape" && !(event.key === " " && !target.matches(":focus-visible"));
}

// A button is pressed when Space comes up again, which no longer means it.
function stop_press(event) {
  event.stopImmediatePropagation();
  document.addEventListener("keyup", (up) => {
    if (up.key !== " ") return;
    up.preventDefault();
    up.stopImmediatePropagation();
  }, { capture: true, once: true });
}

const THEME = "wb-theme"; // what was chosen last on any page: "dark" or "light"

function remembered() {
  try {
    return localStorage.getItem(THEME);
  } catch {
    return null; // a browser that keeps nothing
  }
}

function remember(dark) {
  try {
    localStorage.setItem(THEME, dark ? "dark" : "light");
  } catch {
    // The next page opens as the system is.
  }
}

// As it was chosen last, or else as the system is.
function wants_dark() {
  const last = remembered();
  return last ? last === "dark" : window.matchMedia("(prefers-color-scheme: dark)").matches;
}

// Ctrl-Z or Cmd-Z takes the last parameter change back, with Shift it is done again. Where text is
// being typed it means the text; a slider, or a number that was taken over, has none.
function undoing(event) {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.key.toLowerCase() !== "z") return null;
  const target = event.composedPath()[0];
  const typing = typed_in(target) && target.dataset.typed !== "no";
  return typing ? null : event.shiftKey ? "redo" : "undo";
}

const of_own_page = () => ({ dark: wants_dark(), anew: begins_anew() });

// In a notebook, keys belong to the notebook unless the focus is inside the app.
function scope(el, wide) {
  if (wide) return document;
  let node = el;
  while (node.getRootNode() instanceof ShadowRoot) node = node.getRootNode().host;
  return node.closest(".jp-OutputArea-output") ?? node.parentElement ?? node;
}

export function render({ model, el }) {
  if (model.wide) window.wb_page = model.page;
  const leave = () => navigator.sendBeacon(new URL(model.left, window.location), model.page);
  if (model.wide) window.addEventListener("pagehide", leave);
  model.on("remove", () => window.removeEventListener("pagehide", leave));
  const left_out = quicken(window.Bokeh, JSON.parse(model.patches));
  const on_key = (event) => {
    const back = undoing(event);
    if (back) {
      event.preventDefault();
      model.send_msg({ key: back });
      return;
    }
    const key = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!key || event.ctrlKey || event.metaKey || event.altKey || event.repeat || taken(event)) return;
    if (key !== "escape") event.preventDefault();
    if (key === "run") stop_press(event);
    model.send_msg({ key });
  };
  let where = null;
  let knocking = null;
  // A page of its own has been watched since its head was read.
  const watch = (model.wide && window.wb_watch) ||
    watch_page(() => where, model.versions, model.patience_ms);
  const heard = (step) => {
    clearInterval(knocking);
    watch.saw(step);
  };
  const alive = () => model.alive && heard("drawn");
  model.on("after_layout", () => {
    if (where) return;
    where = scope(el, model.wide);
    where.addEventListener("keydown", on_key, { capture: true });
    watch.saw("built");
    const narrow = model.wide && window.innerWidth < NARROW_PX;
    model.send_msg({ here: true, narrow, ...(model.wide ? of_own_page() : {}) });
    if (left_out) model.send_msg({ left_out });
    // A notebook may open its channel later than it shows the page: knock until Python answers.
    knocking = setInterval(() => model.send_msg({ here: true }), 400);
    alive();
  });
  let waiting = false; // for the refresh that shows what came
  let shown = 0; // refreshes that Python has not heard of
  let telling = null;
  let told_at = 0;
  const tell = () => {
    telling = null;
    told_at = performance.now();
    model.send_msg({ beat: drawn, shown });
    shown = 0;
  };
  let drawn = 0;
  model.on("beat", () => {
    heard("drawn");
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      drawn = model.beat;
      shown += 1;
      telling ??= setTimeout(tell, Math.max(0, TELL_EVERY_MS - (performance.now() - told_at)));
    });
  });
  model.on("msg:custom", () => heard("heard"));
  model.on("alive", alive);
  // In place of the address that is there: going back leaves the page.
  model.on("query", () => {
    if (model.wide) history.replaceState(history.state, "", window.location.pathname + model.query);
  });
  model.on("dark", () => {
    if (model.wide && model.dark !== wants_dark()) remember(model.dark);
  });
  model.on("go", () => window.location.assign(model.go));
  model.on("remove", () => {
    clearInterval(knocking);
    clearTimeout(telling);
    watch.end();
  });
  model.on("remove", () => where?.removeEventListener("keydown", on_key, { capture: true }));
  el.style.display = "none";
}
