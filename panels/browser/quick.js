// Four questions that Bokeh 3.9 asks the page at every drawing, each of which makes the browser
// work out styles or layout anew; together they cost more than the drawing. Answered from memory.

function once(prototype, mend) {
  if (!prototype || Object.hasOwn(prototype, "wb_quick")) return;
  mend(prototype);
  Object.defineProperty(prototype, "wb_quick", { value: true });
}

// Is one of its --bk- variables set by a style sheet? Not on a page of ours; in a notebook other
// plots may have them.
function no_bokeh_variables() {
  once(CSSStyleDeclaration.prototype, (style) => {
    const ask = style.getPropertyValue;
    style.getPropertyValue = function (name) {
      return name.startsWith("--bk-") ? "" : ask.call(this, name);
    };
  });
}

// How wide is this text? Asked some eighty times a drawing, of the same few labels.
function quick_text() {
  once(CanvasRenderingContext2D.prototype, (context) => {
    const measure = context.measureText;
    const known = new Map();
    document.fonts?.addEventListener("loadingdone", () => known.clear());
    context.measureText = function (text) {
      const key = `${this.font} ${this.textAlign} ${this.textBaseline} ${this.direction} ${text}`;
      let found = known.get(key);
      if (found === undefined) {
        if (known.size > 5000) known.clear();
        known.set(key, (found = measure.call(this, text)));
      }
      return found;
    };
  });
}

function quicken(Bokeh) {
  quick_text();
  // A style sheet that is replaced by the same text need not be read again.
  once(Bokeh.require("core/dom").InlineStyleSheet.prototype, (sheet) => {
    const update = sheet._update;
    sheet._update = function (css) {
      if (css !== this.wb_css) update.call(this, css);
      this.wb_css = css;
    };
  });
  // The size of 1em in a picture changes only with the page's own style.
  once(Bokeh.require("models/plots/plot_canvas").PlotView.prototype, (plot) => {
    const { get } = Object.getOwnPropertyDescriptor(plot, "base_font_size");
    Object.defineProperty(plot, "base_font_size", {
      get() {
        this.wb_em ??= this.el.isConnected ? get.call(this) : undefined;
        return this.wb_em ?? get.call(this);
      },
    });
  });
}
