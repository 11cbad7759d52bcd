// Keys for the whole page, and a beat: Python counts up with every drawing, the browser tells which
// one is on the screen, and how many refreshes showed something new. So Python knows what was drawn,
// and draws less to a slow browser.

const KEYS = { " ": "run", s: "step", r: "reset", "?": "keys", Escape: "escape" };
const TELL_EVERY_MS = 70; // an answer costs both sides about as much as a small plot
const NARROW_PX = 1000; // below it the parameter column lies over the page, and starts folded
const TYPING = new Set(["INPUT", "TEXTAREA", "SELECT"]);
const TEXT = new Set(["text", "number", "search", "email", "url", "password"]);
// Where a key already means something, it keeps that meaning.
const PRESSING = new Set(["BUTTON", "SUMMARY", "A"]);

function taken(event) {
  const target = event.composedPath()[0];
  if (target.isContentEditable || TYPING.has(target.tagName)) return event.key !== "Escape";
  return event.key === " " && (PRESSING.has(target.tagName) || target.getAttribute?.("role") === "tab");
}

// Ctrl-Z or Cmd-Z takes the last parameter change back, with Shift it is done again. Where text is
// being typed it means the text; a slider, or a number that was taken over, has none.
function undoing(event) {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.key.toLowerCase() !== "z") return null;
  const target = event.composedPath()[0];
  const typing = target.isContentEditable || target.tagName === "TEXTAREA" ||
    (target.tagName === "INPUT" && TEXT.has(target.type) && target.dataset.typed !== "no");
  return typing ? null : event.shiftKey ? "redo" : "undo";
}

// In a notebook, keys belong to the notebook unless the focus is inside the app.
function scope(el, wide) {
  if (wide) return document;
  let node = el;
  while (node.getRootNode() instanceof ShadowRoot) node = node.getRootNode().host;
  return node.closest(".jp-OutputArea-output") ?? node.parentElement ?? node;
}

export function render({ model, el }) {
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
    where.addEventListener("keydown", on_key);
    watch.saw("built");
    const narrow = model.wide && window.innerWidth < NARROW_PX;
    model.send_msg({ here: true, narrow });
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
  model.on("go", () => window.location.assign(model.go));
  model.on("remove", () => {
    clearInterval(knocking);
    clearTimeout(telling);
    watch.end();
  });
  model.on("remove", () => where?.removeEventListener("keydown", on_key));
  el.style.display = "none";
}
