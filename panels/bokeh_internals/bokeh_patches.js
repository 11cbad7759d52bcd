// What Bokeh 3.9 and 3.10 do at every drawing and need not. They ask the page three questions, each
// of which makes the browser work out styles or layout anew; they are answered from memory here.
// They clear canvases that are empty, move boxes that nobody sees, make legends and the labels of
// axes anew, and read each image back before they write it. All that together costs several times
// as much as the drawing.

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

// The size of 1em in a plot changes only with the page's own style.
function quick_size(plot) {
  const { get } = Object.getOwnPropertyDescriptor(plot, "base_font_size");
  Object.defineProperty(plot, "base_font_size", {
    get() {
      this.wb_em ??= this.el.isConnected ? get.call(this) : undefined;
      return this.wb_em ?? get.call(this);
    },
  });
}

// Does this part of a plot, as it is now, lie over the drawing?
function covers({ model }) {
  if (model.level !== "overlay" || !model.visible) return false;
  return !model.data_source || model.data_source.length > 0;
}

// A plot is two canvases; what lies over the drawing (a marked row, a sentence, a box being
// drawn) is mostly nothing, and clearing nothing costs the screen as much as drawing.
function quick_layers(plot) {
  const paint = plot._actual_paint;
  plot._actual_paint = function () {
    const over = this.computed_renderer_views.some(covers);
    if (this._invalidate_all && !over && this.wb_over === false) {
      this._invalidate_all = false;
      const below = this.computed_renderer_views.find((view) => view.model.level !== "overlay");
      if (below) this._invalidated_painters.add(below);
    }
    this.wb_over = over;
    paint.call(this);
  };
}

// What is drawn has an empty box on the page as well, which follows it about.
function quick_boxes(drawn) {
  drawn.update_position = function () {
    this.position.replace(":host { display: none; }");
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
  const { render, request_layout, _render_items } = legend;
  legend.render = function () {
    this.wb_arranged = this.wb_looks = this.wb_place = null;
    render.call(this);
  };
  legend.request_layout = function () {
    this.wb_place = null;
    request_layout.call(this);
  };
  // Entries that are made anew have samples that are blank.
  legend._render_items = function () {
    this.wb_looks = null;
    _render_items.call(this);
  };
  when_new(legend, "_render_items", "wb_arranged", arrangement);
  when_new(legend, "_paint_glyphs", "wb_looks", (of) => [of.wb_arranged, looks(of)]);
  when_new(legend, "update_position", "wb_place", (of) => [
    of.wb_arranged, of.is_visible && of.css_position, of.plot_view.bbox.width,
    of.plot_view.bbox.height,
  ]);
}

// The numbers along an axis are formatted and measured three times a drawing; they change when its
// ticks do, or the axis itself. Where labels are given, they may come later than they are asked for.
function quick_axis(axis) {
  const { compute_labels } = axis;
  const { get } = Object.getOwnPropertyDescriptor(axis, "extents");
  // Axes may be there before this is; and their parts may be replaced.
  const listen = (view) => {
    const { model } = view, parts = [model, model.ticker, model.formatter];
    if (parts.every((part, k) => part === view.wb_parts?.[k])) return;
    view.wb_parts = parts;
    view.wb_forget ??= () => (view.wb_labels = view.wb_extents = null);
    view.wb_forget();
    for (const part of parts) view.connect(part.change, view.wb_forget);
  };
  const same = (a, b) => a.length === b.length && a.every((tick, k) => tick === b[k]);
  axis.compute_labels = function (ticks) {
    listen(this);
    if (this._major_label_views.size) return compute_labels.call(this, ticks);
    if (!this.wb_labels || !same(this.wb_labels.ticks, ticks)) {
      this.wb_labels = { ticks: [...ticks], made: compute_labels.call(this, ticks) };
      this.wb_extents = null;
    }
    return this.wb_labels.made;
  };
  Object.defineProperty(axis, "extents", {
    get() {
      const { major, minor } = this.tick_coords;
      this.compute_labels(major[this.dimension]);
      if (!this.wb_labels) return get.call(this);
      const small = minor[this.dimension].length > 0;
      if (this.wb_extents?.small !== small) this.wb_extents = { small, found: get.call(this) };
      return this.wb_extents.found;
    },
  });
}

// The colours of the numbers 0 to 255, where they depend on nothing else; else null.
function table_of(mapper) {
  const { type, palette, low, high, domain } = mapper;
  if (type !== "LinearColorMapper" || low == null || high == null || domain?.length) return null;
  const key = JSON.stringify([low, high, mapper.low_color, mapper.high_color]);
  if (mapper.wb_table?.palette !== palette || mapper.wb_table.key !== key) {
    const bytes = mapper.rgba_mapper.v_compute(Uint8Array.from({ length: 256 }, (_, k) => k));
    mapper.wb_table = { palette, key, colours: new Uint32Array(bytes.buffer) };
  }
  return mapper.wb_table.colours;
}

// An image of bytes is coloured by looking them up.
function quick_colours(image) {
  const coloured = image._flat_img_to_buf8;
  image._flat_img_to_buf8 = function (pixels) {
    const table = pixels instanceof Uint8Array ? table_of(this.model.color_mapper) : null;
    if (!table) return coloured.call(this, pixels);
    const found = new Uint32Array(pixels.length);
    for (let k = 0; k < pixels.length; k++) found[k] = table[pixels[k]];
    return new Uint8ClampedArray(found.buffer);
  };
}

// An image is written on a canvas of its own: always the same one, without reading it first.
function quick_image(image) {
  image._set_image_data_from_buffer = function (k, bytes) {
    const [width, height] = [this.image_width[k], this.image_height[k]];
    const canvas = (this.image_data[k] ??= document.createElement("canvas"));
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.putImageData(new ImageData(bytes, width, height), 0, 0);
  };
}

// A connection that was lost in the midst of a message begins with a new one; what the server sends
// in place of the old document brings its arrays along; nothing is sent before it is open; and it is
// tried until it is back. Bokeh reads on in the old message, leaves the arrays behind, and gives up
// after half a minute.
const LONGEST_WAIT_MS = 5000;
const ANEW = "wb-anew"; // this page takes the place of one that the server gave up

// The server has begun another page in place of this one, which it does not know any more: it is
// loaded as a page of its own.
function begin_anew() {
  try {
    sessionStorage.setItem(ANEW, "yes");
  } catch {
    // It is not told why it begins anew.
  }
  window.location.reload();
}

function begins_anew() {
  try {
    const anew = sessionStorage.getItem(ANEW) !== null;
    sessionStorage.removeItem(ANEW);
    return anew;
  } catch {
    return false;
  }
}

function quick_back(connection) {
  const { _on_open, _repull_session_doc, _reconnect_delay, _schedule_reconnect, send } = connection;
  connection.send = function (message) {
    if (this.socket?.readyState !== WebSocket.CONNECTING) send.call(this, message);
  };
  connection._on_open = function (...promise) {
    this._receiver = new this._receiver.constructor();
    _on_open.apply(this, promise);
  };
  connection._repull_session_doc = async function (resolve, reject) {
    if (this.session == null) return _repull_session_doc.call(this, resolve, reject);
    try {
      const { doc_json, buffers } = await this._pull_doc_json();
      const { document } = this.session;
      if (window.wb_page && !JSON.stringify(doc_json).includes(window.wb_page)) return begin_anew();
      document.constructor.from_json(doc_json, [], buffers).destructively_move(document);
      document._new_models.clear(); // the server knows them
      resolve(this.session);
    } catch (error) {
      reject(error);
    }
  };
  connection._reconnect_delay = function () {
    return Math.min(LONGEST_WAIT_MS, _reconnect_delay.call(this));
  };
  connection._schedule_reconnect = function (delay_ms) {
    this._reconnection_attempts_left = Math.max(1, this._reconnection_attempts_left);
    _schedule_reconnect.call(this, delay_ms);
  };
}

// The ids of the models that a message from the server brings along.
function brought(value, found = new Set()) {
  if (value === null || typeof value !== "object" || value.type === "ndarray") return found;
  if (value.type === "object" && value.id) found.add(value.id);
  for (const each of Object.values(value)) brought(each, found);
  return found;
}

// The server knows the models that it has sent. Bokeh takes them for the page's own until the next
// message to the server, where it writes all of such a model instead of its name: of a plot that was
// clicked, say, all data. The server warns that it knows it already.
function quick_brought(document) {
  const apply = document._apply_json_patch;
  document._apply_json_patch = function (patch, ...buffers) {
    const before = new Set(this._new_models);
    apply.call(this, patch, ...buffers);
    if (this._new_models.size === before.size) return;
    const known = brought(patch.events);
    for (const model of this._new_models)
      if (!before.has(model) && known.has(model.id)) this._new_models.delete(model);
  };
}

// Name of a patch -> what it does to the prototype that is its target. The targets stand in patches.py.
const PATCHES = {
  sheets: quick_sheets,
  size: quick_size,
  variables: quick_variables,
  layers: quick_layers,
  boxes: quick_boxes,
  legend: quick_legend,
  axis: quick_axis,
  colours: quick_colours,
  image: quick_image,
  back: quick_back,
  names: quick_names,
  brought: quick_brought,
};

// The nearest of a prototype's own and inherited properties of this name.
function found_in(prototype, name) {
  for (let at = prototype; at; at = Object.getPrototypeOf(at)) {
    const found = Object.getOwnPropertyDescriptor(at, name);
    if (found) return found;
  }
  return null;
}

// A name that is given to an element without a role is not read out.
function quick_names(element) {
  const set = element.setAttribute;
  const roles = { span: "img", div: "group" };
  const give = (to) => {
    const role = roles[to.localName];
    if (role && !to.hasAttribute("role")) set.call(to, "role", role);
  };
  const give_all = (root) => {
    root.querySelectorAll("[aria-label]").forEach(give);
    for (const { shadowRoot } of root.querySelectorAll("*")) if (shadowRoot) give_all(shadowRoot);
  };
  element.setAttribute = function (name, value) {
    set.call(this, name, value);
    if (name === "aria-label" && value) give(this);
  };
  give_all(document);
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
