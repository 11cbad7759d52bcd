"""What the live overlay costs: a circuit of 60 populations and 300 projections in a real browser.

Serves one `CircuitView`, feeds it random activity 25 times a second from a periodic callback of
the document, as the app does, and counts in headless Chromium over ``--seconds``: updates that
arrived, updates that reached the screen, and animation frames of the page. Prints the machine's
load with them: on a busy one the numbers are too small. First draw: from nothing to the SVG, in
this process, and until it stands in the page.

Usage: python benchmarks/overlay.py [--populations 60] [--projections 300] [--seconds 10]
                                    [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import panel as pn
from playwright.sync_api import sync_playwright

from workbench.circuits import Circuit, Edge, Node, Param, Rule
from workbench.plots.circuit.live import CircuitView

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
EVERY_MS = 40  # the drawing clock of the app
WANTED_UPDATES, WANTED_FRAMES, WANTED_FIRST_S = 20.0, 50.0, 1.0

# Counts what arrives, what is shown at the next screen refresh, and the refreshes themselves.
COUNT = """(seconds) => new Promise((done) => {
  const views = [];
  for (const doc of Bokeh.documents) for (const model of doc._all_models.values())
    if (model.data?.properties?.levels) views.push(model.data);
  const counts = { arrived: 0, shown: 0, frames: 0 };
  let due = false;
  const note = () => { counts.arrived++; due = true; };
  views[0].properties.levels.change.connect(note);
  const began = performance.now();
  const frame = (now) => {
    counts.frames++;
    if (due) { counts.shown++; due = false; }
    if (now - began < seconds * 1000) requestAnimationFrame(frame);
    else {
      views[0].properties.levels.change.disconnect(note);
      const s = (now - began) / 1000;
      done({ arrived: counts.arrived / s, shown: counts.shown / s, frames: counts.frames / s });
    }
  };
  requestAnimationFrame(frame);
})"""


def random_circuit(n_populations: int, n_projections: int) -> Circuit:
    """Areas of excitatory and inhibitory populations, mostly projecting to near ones."""
    rng = np.random.default_rng(1)
    nodes = tuple(
        Node(f"p{k}", f"L{k // 4} {'EEEI'[k % 4]}{k % 4}", 100 * (1 + k % 7),
             sign="inhibitory" if k % 4 == 3 else "excitatory")
        for k in range(n_populations)
    )  # fmt: skip
    pairs: dict[tuple[int, int], None] = {}
    while len(pairs) < n_projections:
        a = int(rng.integers(n_populations))
        b = int(np.clip(a + rng.normal(0, 5), 0, n_populations - 1))
        pairs[a, b] = None
    edges = tuple(
        Edge(f"p{a}_p{b}", f"p{a}", f"p{b}", nodes[a].sign, plastic=k % 10 == 0,  # type: ignore[arg-type]
             n_synapses=1000, rule=Rule("p", 0.1), weight=Param("constant", 1.0, "mV"),
             projection=f"p{a}_p{b}")
        for k, (a, b) in enumerate(pairs)
    )  # fmt: skip
    return Circuit(nodes, edges, "benchmark")


class Feeder:
    """Random activity, at the pace of the app's drawing clock, timed."""

    def __init__(self, view: CircuitView):
        self.view = view
        self.rng = np.random.default_rng(2)
        self.cost_s: list[float] = []

    def __call__(self) -> None:
        c = self.view.circuit
        activity = dict(zip((n.name for n in c.nodes), self.rng.random(len(c.nodes)), strict=True))
        flow = {e.name: activity[e.source] for e in c.edges}
        change = {e.name: 2 * self.rng.random() - 1 for e in c.edges if e.plastic}
        began = time.perf_counter()
        self.view.feed(activity, flow, change)
        self.cost_s.append(time.perf_counter() - began)


def serve(circuit: Circuit, made: dict[str, Any]) -> Any:
    """A server of one page; returns it, started in a thread."""

    def page() -> Any:
        began = time.perf_counter()
        view = CircuitView(circuit)
        made["drawn_s"] = time.perf_counter() - began
        made["feeder"] = Feeder(view)
        pn.state.onload(lambda: pn.state.curdoc.add_periodic_callback(made["feeder"], EVERY_MS))
        return pn.Column(view, width=1200, height=800)

    server = pn.serve({"overlay": page}, address="127.0.0.1", port=0, show=False, start=False)
    ready = threading.Event()

    def run() -> None:
        server.start()
        server.io_loop.add_callback(ready.set)
        server.io_loop.start()

    threading.Thread(target=run, daemon=True).start()
    if not ready.wait(30):
        raise TimeoutError("the server did not start within 30 s")
    return server


def measure(circuit: Circuit, seconds: float) -> dict[str, float]:
    """Everything, in one browser."""
    made: dict[str, Any] = {}
    server = serve(circuit, made)
    load = os.getloadavg()[0]
    try:
        with sync_playwright() as p:
            browser = p.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            began = time.perf_counter()
            page.goto(f"http://localhost:{server.port}/overlay")
            page.locator("svg.circuit g.node").first.wait_for(timeout=60_000)
            in_page = time.perf_counter() - began
            page.wait_for_timeout(2000)
            made["feeder"].cost_s.clear()
            counted = page.evaluate(COUNT, seconds)
            browser.close()
    finally:
        server.io_loop.add_callback(server.io_loop.stop)
    cost = np.array(made["feeder"].cost_s) * 1e3
    return {
        "drawn_s": made["drawn_s"],
        "in_page_s": in_page,
        "updates_per_s": counted["arrived"],
        "shown_per_s": counted["shown"],
        "frames_per_s": counted["frames"],
        "feed_ms_median": float(np.median(cost)),
        "bytes_per_update": float(len(made["feeder"].view.levels)),
        "load_before": load,
        "load_after": os.getloadavg()[0],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--populations", type=int, default=60)
    parser.add_argument("--projections", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found = measure(random_circuit(options.populations, options.projections), options.seconds)
    rows = [
        ("first drawing, s", found["drawn_s"], f"wanted: {WANTED_FIRST_S:g} or less"),
        ("page shows it after, s", found["in_page_s"], "with the page itself"),
        ("updates that arrive, 1/s", found["updates_per_s"], f"wanted: {WANTED_UPDATES:g} or more"),
        ("updates on the screen, 1/s", found["shown_per_s"], f"wanted: {WANTED_UPDATES:g} or more"),
        ("frames of the page, 1/s", found["frames_per_s"], f"wanted: {WANTED_FRAMES:g} or more"),
        ("Python for an update, ms", found["feed_ms_median"], "median"),
        ("bytes of an update", found["bytes_per_update"], ""),
        ("load of the machine", found["load_before"],
         f"after: {found['load_after']:.1f}, on {os.cpu_count()} cores"),
    ]  # fmt: skip
    for what, value, note in rows:
        print(f"{what:32s} {value:9.2f}   {note}")
    if options.json:
        options.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
