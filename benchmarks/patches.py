"""What each patch of Bokeh and Panel saves: processor time of a live page, with and without it.

Opens the page of ``--model`` in a headless Chromium, presses Run at the model's usual pace, and
takes each patch away and puts it back ``--rounds`` times while the page runs, for ``--seconds``
each. The two that work from the beginning of a page are compared by opening it anew. Measured is
the processor time of the web process, of the page (its renderer) and of the rest of the browser
(which puts the canvases on the screen), per drawing that the page was sent.

Processor time, not wall time: other programs on the machine disturb it less. Patches that save too
little to be seen alone can be measured together: ``sheets+size+layers``.

Usage: python benchmarks/patches.py [--model cuba] [--rounds 10] [--seconds 2]
                                    [--json FILE] [PATCH ...]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from live import answers, chromium, free_port, processor
from tornado.websocket import websocket_connect

from panels.bokeh_internals import patches

SETTLE_S = 3.0  # after Run
PATIENCE_S = 300.0  # for what is waited for, on a busy machine
ROLES = ("web", "page", "browser")
AT_START = ("clock", "idle")  # what is done once, as a page is opened
ELSEWHERE = ("notebook-push", "notebook-thread", "second-address")  # not on a page of its own
# Reads from its input what to do without from now on.
SERVER = """
import sys, threading
from panels.bokeh_internals import patches
without = set()
patches.left_out = lambda: without
def listen():
    for line in sys.stdin:
        without.clear()
        without.update(line.split())
threading.Thread(target=listen, daemon=True).start()
sys.argv = ["workbench", "serve", "--port", sys.argv[1], "--no-browser"]
from workbench.cli import main
main()
"""
# Keeps how Bokeh has each target before it is patched, and puts it back or away again.
SWITCH = """(() => {
  const targets = %s, kept = {};
  const place = ({ module, owner }) => (module ? Bokeh.require(module) : window)[owner].prototype;
  const keys = (t) => [...Object.keys(t.methods), ...t.properties];
  const look = () => {
    if (!window.Bokeh?.require) return setTimeout(look, 0);
    for (const t of targets) kept[t.name] = Object.fromEntries(
      keys(t).map((k) => [k, Object.getOwnPropertyDescriptor(place(t), k)]));
  };
  look();
  window.wb_swap = (name) => {
    for (const t of targets) if (t.name === name) for (const k of keys(t)) {
      const now = Object.getOwnPropertyDescriptor(place(t), k);
      if (kept[name][k]) Object.defineProperty(place(t), k, kept[name][k]);
      kept[name][k] = now;
    }
  };
})()"""
BEAT = """(() => { for (const doc of Bokeh.documents) for (const m of doc._all_models.values())
  if (typeof m.beat === "number" && m.t_ms) return m.beat; return -1 })()"""


class Driver:
    """Says things to a page through the browser's debugging line, and listens to nothing else.

    A driver that hears of every message of the page costs a third as much as the drawing.
    """

    def __init__(self, address: str):
        self._loop = asyncio.new_event_loop()
        pages = json.load(urllib.request.urlopen(address + "/json/list"))
        (url,) = [p["webSocketDebuggerUrl"] for p in pages if p["type"] == "page"]
        self._line = self._loop.run_until_complete(self._connected(url))
        self._number = 0

    async def _connected(self, url: str) -> Any:
        return await websocket_connect(url)

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        self._number += 1
        return self._loop.run_until_complete(self._answer(self._number, method, params))

    async def _answer(self, number: int, method: str, params: dict[str, Any]) -> dict[str, Any]:
        await self._line.write_message(
            json.dumps({"id": number, "method": method, "params": params})
        )
        while True:
            message = json.loads(await self._line.read_message())
            if message.get("id") == number:
                return message["result"]

    def evaluate(self, expression: str) -> Any:
        given = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in given:
            raise RuntimeError(given["exceptionDetails"])
        return given["result"].get("value")

    def wait(self, condition: str) -> None:
        began = time.monotonic()
        while not self.evaluate(condition):
            if time.monotonic() - began > PATIENCE_S:
                raise TimeoutError(condition)
            time.sleep(0.2)


class Bench:
    """The page of a model, in one server and one browser."""

    def __init__(self, url: str, server: subprocess.Popen, address: str, browser: int, model: str):
        self.server, self.browser = server, browser
        self.page, self.address = Driver(address), f"{url}/{model}"
        switch = SWITCH % json.dumps(PAGE)
        self.page.call("Page.enable")
        self.page.call("Page.addScriptToEvaluateOnNewDocument", source=switch)
        self.page.call(
            "Emulation.setDeviceMetricsOverride",
            width=1280, height=900, deviceScaleFactor=1, mobile=False,
        )  # fmt: skip

    def without(self, *names: str) -> None:
        assert self.server.stdin is not None
        self.server.stdin.write((" ".join(names) + "\n").encode())
        self.server.stdin.flush()
        time.sleep(0.5)

    def open(self) -> None:
        self.page.call("Page.navigate", url=self.address)
        time.sleep(2)
        ready = f"({BEAT}) >= 0 && Bokeh.documents.every((d) => d.is_idle)"
        self.page.wait(f"window.Bokeh?.documents?.length > 0 && {ready}")
        self.page.wait(PRESS)
        self.page.wait(f"({BEAT}) > 60")
        time.sleep(SETTLE_S)

    def measure(self, seconds: float) -> dict[str, float]:
        """Milliseconds of processor time per drawing, by role."""
        beat, spent = self.page.evaluate(BEAT), processor(self.server.pid, self.browser)
        time.sleep(seconds)
        drawn = self.page.evaluate(BEAT) - beat
        now = processor(self.server.pid, self.browser)
        return {r: 1e3 * (now[r] - spent[r]) / drawn for r in ROLES} | {"drawings": drawn / seconds}

    def switch(self, name: str, off: bool) -> None:
        """Take a patch away, or several joined by "+", or put them back."""
        names = name.split("+")
        in_page = [n for n in names if any(t["name"] == n for t in PAGE)]
        for one in in_page:
            self.page.evaluate(f"wb_swap('{one}')")
        if in_page != names:
            self.without(*[n for n in names if n not in in_page] if off else [])
        if set(names) & set(AT_START):
            self.open()
        time.sleep(0.3)

    def pairs(self, name: str, rounds: int, seconds: float) -> list[dict[str, dict[str, float]]]:
        """Measurements with and without a patch, in turn."""
        found = []
        for _ in range(rounds):
            with_it = self.measure(seconds)
            self.switch(name, off=True)
            found.append({"with": with_it, "without": self.measure(seconds)})
            self.switch(name, off=False)
        return found


PAGE = [{**t} for t in patches.for_page(own=True)]
# Clicks Run where it can be clicked, through all shadow roots.
PRESS = """(() => {
  const find = (root) => {
    for (const el of root.querySelectorAll("*")) {
      if (el.classList.contains("wb-run")) {
        const inside = el.shadowRoot ?? el;
        const button = inside.querySelector("button:not([disabled])");
        if (button) return button;
      }
      const found = el.shadowRoot && find(el.shadowRoot);
      if (found) return found;
    }
    return null;
  };
  const button = find(document);
  button?.click();
  return !!button })()"""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("patches", nargs="*", metavar="PATCH", help="all that a page uses, without")
    parser.add_argument("--model", default="cuba")
    parser.add_argument("--rounds", type=int, default=10, help="pairs of measurements of each")
    parser.add_argument("--at-start", type=int, default=3, help="where a page is opened for each")
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    names = options.patches or [p.name for p in patches.PATCHES if p.name not in ELSEWHERE]
    port = free_port()
    environment = {**os.environ, "WORKBENCH_RUNS": tempfile.mkdtemp(), "WORKBENCH_BUILD": "0"}
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(port)], stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL, env=environment,
    )  # fmt: skip
    found: dict[str, list[dict[str, dict[str, float]]]] = {}
    print("ms of processor time a drawing that each patch saves, of what a drawing costs with it")
    try:
        url = f"http://127.0.0.1:{port}"
        answers(url + "/", 600)
        with chromium() as (address, browser):
            bench = Bench(url, server, address, browser, options.model)
            bench.open()
            for name in names:
                rounds = (
                    options.at_start if set(name.split("+")) & set(AT_START) else options.rounds
                )
                found[name] = bench.pairs(name, rounds, options.seconds)
                print(line(name, found[name]), flush=True)
                if options.json:
                    options.json.write_text(json.dumps(found, indent=1))
    finally:
        server.terminate()
        server.wait(20)


def line(name: str, runs: list[dict[str, dict[str, float]]]) -> str:
    """What a patch saves, by role: mean of the pairs, and the standard error of the mean."""
    parts = []
    for roles in (("web",), ("page",), ("browser",), ROLES):
        sums = [{k: sum(run[k][r] for r in roles) for k in ("with", "without")} for run in runs]
        saved = [s["without"] - s["with"] for s in sums]
        error = statistics.stdev(saved) / len(saved) ** 0.5 if len(saved) > 1 else math.nan
        of = statistics.fmean(s["with"] for s in sums)
        title = "all" if roles is ROLES else roles[0]
        parts.append(f"{title} {statistics.fmean(saved):+.2f} +- {error:.2f} of {of:.1f}")
    return f"{name:18s} {'   '.join(parts)}"


if __name__ == "__main__":
    main()
