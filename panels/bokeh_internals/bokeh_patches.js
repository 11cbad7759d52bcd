// What Bokeh 3.9 and 3.10 do at every drawing and need not: they ask the page for style sheets and
// variables, which makes the browser work out styles anew, and make legends anew. All that together
// costs as much as the drawing.

// Is one of its --bk- variables set by a style sheet? Not on a page of ours; in a notebook other
// plots may have them.
function quick_variables(style) {
  const ask = style.getPropertyValue;
  style.getPropertyValue = function (name) {
    return name.startsWith("--bk-") ? "" : ask.call(this, name);
  };
}

// A style sheet that is replaced by the same text need not be read again.
function quick_sheets(sheet) {
  const update = sheet._update;
  sheet._update = function (css) {
    if (css !== this.wb_css) update.call(this, css);
    this.wb_css = css;
  };
}

// Everything that decides how a legend's entries are laid out.
function arrangement({ labels, model }) {
  const { orientation, ncols, nrows, item_background_policy } = model;
  const entries = labels.map(({ item, label }) => [
    item.id, label, item.visible, item.renderers.map((line) => [line.visible, line.muted]),
  ]);
  return [orientation, ncols, nrows, item_background_policy, entries];
}

// How the lines of a legend look now, as far as their samples show it; nothing of those without
// data, which have no sample yet.
function looks({ entries, plot_view }) {
  const plain = (given) => given?.value ?? (given?.array ? Array.from(given.array) : null);
  const look = (line) => {
    const { glyph } = plot_view.views.find_one(line) ?? {};
    if (!glyph?.data_size) return 0;
    const { line: stroke = {}, fill = {} } = glyph.visuals;
    return [
      stroke.line_color, stroke.line_alpha, stroke.line_width, stroke.line_dash,
      fill.fill_color, fill.fill_alpha,
    ].map(plain);
  };
  return entries.map(({ item }) => item.renderers.map(look));
}

// Do this only when the answer to a question is another than the last time; `slot` remembers it.
function when_new(prototype, name, slot, asked) {
  const act = prototype[name];
  prototype[name] = function () {
    const now = JSON.stringify(asked(this));
    if (now === this[slot]) return;
    this[slot] = now;
    act.call(this);
  };
}

// A legend follows all data of its lines: at every drawing its entries are made anew, its samples
// are drawn again, and the page is asked for its place. None of it changes but with what it says.
function quick_legend(legend) {
  const { render, request_layout } = legend;
  legend.render = function () {
    this.wb_arranged = this.wb_looks = this.wb_place = null;
    render.call(this);
  };
  legend.request_layout = function () {
    this.wb_place = null;
    request_layout.call(this);
  };
  when_new(legend, "_render_items", "wb_arranged", arrangement);
  when_new(legend, "_paint_glyphs", "wb_looks", (of) => [of.wb_arranged, looks(of)]);
  when_new(legend, "update_position", "wb_place", (of) => [
    of.wb_arranged, of.is_visible && of.css_position, of.plot_view.bbox.width,
    of.plot_view.bbox.height,
  ]);
}

// Name of a patch -> what it does to the prototype that is its target. The targets stand in patches.py.
const PATCHES = {
  sheets: quick_sheets,
  variables: quick_variables,
  legend: quick_legend,
};

// The nearest of a prototype's own and inherited properties of this name.
function found_in(prototype, name) {
  for (let at = prototype; at; at = Object.getPrototypeOf(at)) {
    const found = Object.getOwnPropertyDescriptor(at, name);
    if (found) return found;
  }
  return null;
}

// What is missing from a target, or other in it; "" when it fits.
function misfit(prototype, { methods, properties, inside }) {
  for (const [name, given] of Object.entries(methods)) {
    const method = found_in(prototype, name)?.value;
    if (typeof method !== "function") return `${name} is not there`;
    if (method.length !== given) return `${name} takes ${method.length} values instead of ${given}`;
  }
  for (const name of properties) {
    if (!found_in(prototype, name)?.get) return `${name} is not there`;
  }
  for (const [name, words] of Object.entries(inside)) {
    const text = String(prototype[name]);
    for (const word of words) if (!text.includes(word)) return `${name} does not use ${word}`;
  }
  return "";
}

function prototype_of(Bokeh, { module, owner }) {
  const found = (module ? Bokeh.require(module) : window)[owner];
  if (!found) throw new Error(`${owner} is not there`);
  return found.prototype;
}

// Apply the patches with these targets, each once in the life of a page. Returns one sentence about
// those that do not fit, which are left as Bokeh has them; "" when all do.
function quicken(Bokeh, targets) {
  const left_out = [];
  for (const target of targets) {
    const mark = `wb_quick_${target.name}`;
    try {
      const prototype = prototype_of(Bokeh, target);
      if (Object.hasOwn(prototype, mark)) continue;
      const why = misfit(prototype, target);
      if (why) {
        left_out.push(`${target.name}: ${why}`);
        continue;
      }
      PATCHES[target.name](prototype);
      Object.defineProperty(prototype, mark, { value: true });
    } catch (error) {
      left_out.push(`${target.name}: ${error.message}`);
    }
  }
  if (!left_out.length) return "";
  const sentence = `BokehJS ${Bokeh.version} draws in its own way, which is slower, where the app ` +
    `knows a quicker one (${left_out.join("; ")}).`;
  console.warn(sentence);
  return sentence;
}
