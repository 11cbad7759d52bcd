// Says in the page what it waits for, when it is not ready in time. It stands in the head of a page
// of its own, where it needs nothing of Bokeh or Panel; and in the cell of a notebook.

function watch_page(around, versions, patience_ms) {
  const steps = {
    built: "the page could not be built in this browser (its console says why)",
    heard: "the page has been built, but the simulation's side does not answer",
    drawn: "the other side answers, but its drawing clock has sent nothing",
  };
  const missing = () => Object.keys(steps).find((step) => !seen.has(step));
  const seen = new Set();
  let bar = null;
  const say = () => {
    const place = around();
    if (!missing() || !place) return;
    bar ??= document.createElement("div");
    bar.className = "wb-not-ready";
    bar.setAttribute("role", "alert");
    bar.style.cssText = "position:relative; z-index:10000; padding:8px 12px; color:#1b1b1b;" +
      "background:#fbe3e3; border-left:4px solid #d13a3a; font:14px/1.5 sans-serif";
    bar.textContent = `This page does not work yet: ${steps[missing()]}. ${versions}.`;
    if (!bar.isConnected) place.prepend(bar);
  };
  const timer = setTimeout(say, patience_ms);
  return {
    // One of the steps was taken, and with it those before. What was said is said anew, or taken
    // back.
    saw(step) {
      for (const name of Object.keys(steps)) {
        seen.add(name);
        if (name === step) break;
      }
      if (!missing()) {
        clearTimeout(timer);
        bar?.remove();
      } else if (bar) say();
    },
    end: () => clearTimeout(timer),
  };
}
