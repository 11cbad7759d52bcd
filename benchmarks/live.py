"""What it costs to watch: CUBA streamed to a headless browser, against a bare Brian2 script.

Starts ``workbench serve``, opens /cuba in Chromium, presses Run at the highest speed, and
measures over ``--seconds`` of wall time: simulated seconds per wall second (from the recorded
simulated time), drawings per second that reached the screen (the page answers each one after an
animation frame), and the time in which the web process answers another request.
The bare script runs alone, before and after, since the machine's speed drifts.

Usage: python benchmarks/live.py [--seconds 15] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import sync_playwright

from workbench import load
from workbench.engine.plan import choose_target

HERE = Path(__file__).parent
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]

# The page counts its drawings in a model of its own; each is answered after a screen refresh.
CLOCK = """() => {
  for (const doc of Bokeh.documents) for (const model of doc._all_models.values())
    if (typeof model.beat === "number" && model.t_ms) return [model.t_ms[0], model.beat];
  return [0, 0]
}"""
# True when the raster holds spikes, as marks or as an image.
SPIKES = """() => [...Bokeh.documents].some(doc => [...doc._all_models.values()].some(m =>
  m.data?.unit?.length > 0 || m.data?.image?.length > 0 && "dw" in m.data))"""


def bare(target: str) -> dict:
    done = subprocess.run(
        [sys.executable, str(HERE / "bare_cuba.py"), target, "3"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def answers(url: str, timeout_s: float = 60) -> float:
    """Seconds until ``url`` answered."""
    began = time.perf_counter()
    while time.perf_counter() - began < timeout_s:
        try:
            urllib.request.urlopen(url, timeout=5).read()
            return time.perf_counter() - began
        except OSError:
            time.sleep(0.05)
    raise TimeoutError(f"{url} did not answer within {timeout_s:g} s")


def watch(url: str, seconds: float) -> dict:
    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(url + "/cuba")
        page.locator(".wb-run").first.wait_for(timeout=60_000)
        page.wait_for_timeout(4000)
        began = time.perf_counter()
        page.locator(".wb-run").first.click()
        page.wait_for_function(SPIKES, timeout=60_000)
        first = time.perf_counter() - began
        page.wait_for_timeout(3000)
        t0, beat0, wall0 = clock(page)
        waits = []
        while time.perf_counter() - wall0 < seconds:
            waits.append(answers(url + "/"))
            page.wait_for_timeout(400)
        t1, beat1, wall1 = clock(page)
        drawn = (beat1 - beat0) / (wall1 - wall0)
        browser.close()
    return {
        "speed": (t1 - t0) / 1e3 / (wall1 - wall0),
        "drawn_per_s": drawn,
        "first_spikes_s": first,
        "answer_ms_median": 1e3 * statistics.median(waits),
        "answer_ms_max": 1e3 * max(waits),
        "requests": len(waits),
    }


def clock(page) -> tuple[float, int, float]:
    """Simulated ms and drawings as the page knows them, and the wall time when they changed."""
    before = now = page.evaluate(CLOCK)
    while now == before:
        now = page.evaluate(CLOCK)
    return now[0], now[1], time.perf_counter()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()

    # What "automatic" takes on this machine: NumPy, unless CUBA was compiled here before.
    target = choose_target("auto", load("cuba"))
    before = bare(target)
    port = free_port()
    began = time.perf_counter()
    server = subprocess.Popen(
        [sys.executable, "-m", "workbench", "serve", "--port", str(port), "--no-browser"],
        stdout=subprocess.DEVNULL,
    )
    try:
        url = f"http://127.0.0.1:{port}"
        answers(url + "/")
        up = time.perf_counter() - began
        live = watch(url, options.seconds)
    finally:
        server.terminate()
        server.wait(20)
    after = bare(target)

    plain = (before["speed"] + after["speed"]) / 2
    live |= {"bare_speed": plain, "ratio": live["speed"] / plain, "page_answers_s": up}
    rows = [
        (f"bare Brian2 script, {target}, x real time", f"{plain:.3f}", "before and after: "
         f"{before['speed']:.3f}, {after['speed']:.3f}"),
        ("live in the browser, x real time", f"{live['speed']:.3f}", ""),
        ("live / bare", f"{live['ratio']:.3f}", "wanted: 0.8 or more"),
        ("drawings per second", f"{live['drawn_per_s']:.1f}", "wanted: 20 or more"),
        ("another page answers, median ms", f"{live['answer_ms_median']:.0f}",
         f"max {live['answer_ms_max']:.0f} of {live['requests']}; wanted: 100 or less"),
        ("first spikes after Run, s", f"{live['first_spikes_s']:.2f}", "wanted: 3 or less"),
        ("server answers after start, s", f"{up:.1f}", "wanted: 20 or less"),
    ]  # fmt: skip
    for what, value, note in rows:
        print(f"{what:40s} {value:>8s}   {note}")
    if options.json:
        options.json.write_text(json.dumps({"target": target, **live}, indent=1))


if __name__ == "__main__":
    main()
