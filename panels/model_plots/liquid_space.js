// The liquid in space: one dot a neuron, turning slowly; a dot lights up when its neuron fires.
// Drag turns it; a click stops and starts the turning.

const FADE_MS = 260;
const TURN = 0.00018; // radians a millisecond

export function render({ model, el }) {
  const canvas = document.createElement("canvas");
  canvas.style.cssText = "width:100%;height:100%;display:block;touch-action:none;cursor:grab";
  canvas.setAttribute("role", "img");
  canvas.tabIndex = 0;
  el.style.height = "100%";
  el.append(canvas);
  const context = canvas.getContext("2d");
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  let angle = 0.6, tilt = 0.42, turning = !still, last = performance.now(), drag = null, gone = false;
  let lit = new Float64Array(0), shape = null;

  function restart() {
    const p = model.place;
    lit = new Float64Array(p.length).fill(-1e9);
    const half = Math.max(1, ...p.flat()) / 2;
    shape = p.map(([x, y, z]) => [(x - half) / half, (y - half) / half, (z - half) / half]);
    canvas.setAttribute("aria-label", `The ${p.length} neurons of the liquid in space; those that fire light up`);
    draw(performance.now());
  }
  model.on("place", restart);
  model.on("fired", () => {
    const now = performance.now();
    for (const k of model.fired) if (k < lit.length) lit[k] = now;
  });

  canvas.addEventListener("pointerdown", (e) => {
    drag = [e.clientX, e.clientY, angle, tilt, false];
    canvas.setPointerCapture(e.pointerId);
  });
  canvas.addEventListener("pointermove", (e) => {
    if (!drag) return;
    const dx = e.clientX - drag[0], dy = e.clientY - drag[1];
    if (Math.abs(dx) + Math.abs(dy) > 3) drag[4] = true;
    angle = drag[2] + dx * 0.01;
    tilt = Math.max(-1.4, Math.min(1.4, drag[3] + dy * 0.01));
  });
  canvas.addEventListener("pointerup", () => {
    if (drag && !drag[4]) turning = !turning;
    drag = null;
  });
  canvas.addEventListener("keydown", (e) => {
    const step = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, -0.1], ArrowDown: [0, 0.1] }[e.key];
    if (!step) return;
    angle += step[0];
    tilt = Math.max(-1.4, Math.min(1.4, tilt + step[1]));
    e.preventDefault();
  });

  function draw(now) {
    const ratio = window.devicePixelRatio || 1;
    const w = canvas.clientWidth, h = canvas.clientHeight;
    if (!w || !h || !shape) return;
    if (canvas.width !== Math.round(w * ratio) || canvas.height !== Math.round(h * ratio)) {
      canvas.width = Math.round(w * ratio);
      canvas.height = Math.round(h * ratio);
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, w, h);
    const c = Math.cos(angle), s = Math.sin(angle), ct = Math.cos(tilt), st = Math.sin(tilt);
    const scale = 0.21 * Math.min(w, h * 1.15);
    const dots = shape.map(([x, y, z], k) => {
      const a = c * x - s * y, b = s * x + c * y;
      return [a, st * b + ct * z, ct * b - st * z, k];
    });
    dots.sort((p, q) => q[2] - p[2]); // the far ones first
    const size = Math.max(2, 0.16 * scale / Math.cbrt(shape.length) * 2.2);
    const rest = model.dark ? "#56606b" : "#aeb7c0";
    const ink = model.dark ? model.inks[1] : model.inks[0];
    for (const [x, y, depth, k] of dots) {
      const near = 1 / (1 + 0.16 * (depth + 1.7));
      const px = w / 2 + scale * x * near * 1.35, py = h / 2 - scale * y * near * 1.35;
      const glow = Math.exp(-(now - lit[k]) / FADE_MS);
      const on = glow > 0.05;
      context.globalAlpha = on ? 0.35 + 0.65 * glow : 0.5 + 0.6 * (near - 0.6);
      context.fillStyle = on ? ink[k < model.n_exc ? 0 : 1] : rest;
      context.beginPath();
      context.arc(px, py, near * size * (on ? 1 + 0.9 * glow : 0.8), 0, 6.2832);
      context.fill();
    }
    context.globalAlpha = 1;
  }
  function frame(now) {
    if (gone) return;
    const passed = Math.min(now - last, 100);
    if (now - last > 30) {
      last = now;
      if (turning && !drag) angle += TURN * passed;
      // What nobody sees is not drawn.
      if (model.seen && !document.hidden) draw(now);
    }
    requestAnimationFrame(frame);
  }
  model.on("remove", () => (gone = true));
  restart();
  requestAnimationFrame(frame);
}
