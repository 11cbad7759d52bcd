"""What it costs to watch: CUBA streamed to a headless browser, against a bare Brian2 script.

Starts ``workbench serve``, opens /cuba in Chromium, presses Run at the highest speed, and
measures over ``--seconds`` of wall time: simulated seconds per wall second (from the recorded
simulated time), drawings per second that reached the screen (the page answers each one after an
animation frame), and the time in which the web process answers another request.
The bare script runs alone, before and after, since the machine's speed drifts.

With ``--moves N``, the slider of ``w_e`` is then moved N times as the page runs at the speed that
it opens with, and measured is how long it takes each time until a picture is on the screen that
was simulated with the new value. The page does both by itself; the flags of its line of time say
when each value was set.

"numpy" hides what was compiled here before from the workbench; "compiled" compiles CUBA first, so
that "automatic" takes the binary, and compares with Brian2's blind standalone binary.

Usage: python benchmarks/live.py [--engine numpy|compiled] [--neurons 4000] [--seconds 15]
                                 [--moves 0] [--json FILE]
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
from playwright.sync_api import Page, sync_playwright

from workbench import load

HERE = Path(__file__).parent
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]

SETTLE_S = 4.0  # after Run, before the clocks start
# The page counts the drawings it was sent in a model of its own. Notes simulated ms, refreshes of
# the screen that showed a new one, wall ms, and drawings sent, at the first drawing after each of
# the given delays.
NOTE = """(delays) => {
  const clocks = []
  for (const doc of Bokeh.documents) for (const model of doc._all_models.values())
    if (typeof model.beat === "number" && model.t_ms) clocks.push(model)
  const [clock] = clocks
  window.noted = []
  if (window.refreshes === undefined) {
    window.refreshes = 0
    let waiting = false
    clock.properties.beat.change.connect(() => {
      if (waiting) return
      waiting = true
      requestAnimationFrame(() => { waiting = false; window.refreshes += 1 })
    })
  }
  for (const delay of delays) setTimeout(() => {
    const note = () => {
      window.noted.push([clock.t_ms[0], window.refreshes, performance.now(), clock.beat])
      clock.properties.beat.change.disconnect(note)
    }
    clock.properties.beat.change.connect(note)
  }, delay)
}"""
# Moves the slider up and down by one stop, waits a while, and so on; notes when, and the simulated
# time of each refresh of the screen that showed a new drawing.
MOVE = """([name, moves, every_ms]) => {
  const models = Bokeh.documents.flatMap((doc) => [...doc._all_models.values()])
  const clock = models.find((model) => typeof model.beat === "number" && model.t_ms)
  const within = (root) => root.querySelector(`input[type=range][data-name=${name}]`) ??
    [...root.querySelectorAll("*")].map((e) => e.shadowRoot && within(e.shadowRoot)).find((e) => e)
  const slider = within(document)
  window.moved = []
  window.seen = []
  let waiting = false
  clock.properties.beat.change.connect(() => {
    if (waiting) return
    waiting = true
    requestAnimationFrame(() => {
      waiting = false
      window.seen.push([performance.now(), clock.t_ms[0]])
    })
  })
  const move = (left) => {
    if (!left) return
    if (left % 2) slider.stepDown()
    else slider.stepUp()
    window.moved.push(performance.now())
    slider.dispatchEvent(new Event("input", { bubbles: true }))
    setTimeout(move, every_ms * (0.8 + 0.4 * Math.random()), left - 1)
  }
  move(moves)
}"""
SET_AT = """() => Bokeh.documents.flatMap((doc) => [...doc._all_models.values()])
  .find((model) => model.flags && model.curve).flags.map((flag) => flag.t_ms)"""
MOVE_EVERY_S = 0.8
MOST_MOVES = 100  # the line of time has 120 flags at most
# True when the raster holds spikes, as marks or as an image.
SPIKES = """() => [...Bokeh.documents].some(doc => [...doc._all_models.values()].some(m =>
  m.data?.unit?.length > 0 || m.data?.image?.length > 0 && "dw" in m.data))"""


def bare(target: str, neurons: int) -> dict:
    target, seconds = ("standalone", "20") if target == "compiled" else (target, "3")
    if neurons > 4000:
        seconds = "3"
    done = subprocess.run(
        [sys.executable, str(HERE / "bare_cuba.py"), target, seconds, str(neurons)],
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


@contextlib.contextmanager
def chromium() -> Iterator[tuple[str, int]]:
    """A headless Chromium; yields the address on which it can be driven, and its process."""
    port = free_port()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [CHROMIUM, *FLAGS, "--headless=new", f"--user-data-dir={profile}",
             "--window-size=1280,900", f"--remote-debugging-port={port}", "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            answers(f"http://127.0.0.1:{port}/json/version")
            yield f"http://127.0.0.1:{port}", process.pid
        finally:
            process.terminate()
            process.wait(20)


@contextlib.contextmanager
def driven(address: str) -> Iterator[Page]:
    """The page of that browser, driven by Playwright until the block ends."""
    with sync_playwright() as p:
        browser = p.chromium.connect_over_cdp(address)
        yield browser.contexts[0].pages[0]
        browser.close()  # lets go of it; the browser itself runs on


def processor(server: int, browser: int) -> dict[str, float]:
    """Seconds of processor so far, of the server (web, worker, binary) and of the browser."""
    found = {"web": 0.0, "worker": 0.0, "binary": 0.0, "page": 0.0, "browser": 0.0}
    for root, default in ((server, "web"), (browser, "browser")):
        tree = [psutil.Process(root), *psutil.Process(root).children(recursive=True)]
        for process in tree:
            with contextlib.suppress(psutil.Error):
                line = " ".join(process.cmdline())
                role = default
                if "--type=renderer" in line:
                    role = "page"
                elif "forkserver" in line:
                    role = "worker"
                elif line.endswith("/main") or process.name() == "main":
                    role = "binary"
                found[role] += sum(process.cpu_times()[:2])
    return found


def watch(url: str, seconds: float, neurons: int, server: int) -> dict:
    """Press Run and look on.

    Nothing drives the browser while the clocks run: through its debugging line every message of
    the page goes to the driver too, which costs a third as much as the drawing.
    """
    with chromium() as (address, browser):
        with driven(address) as page:
            page.set_viewport_size({"width": 1280, "height": 900})
            page.goto(url + "/cuba")
            page.locator(".wb-run").first.wait_for(timeout=60_000)
            if neurons != 4000:  # 80 synapses a neuron, as the bare script has
                for name, value in (("p_connect", 80 / neurons), ("n_neurons", neurons)):
                    page.locator(f"[data-number={name}]").fill(f"{value:g}")
                    page.keyboard.press("Enter")
                    page.wait_for_timeout(1500)
            page.locator(".wb-status[data-state=ready]").first.wait_for(
                state="attached", timeout=120_000
            )
            page.wait_for_timeout(4000)
            began = time.perf_counter()
            page.locator(".wb-run").first.click()
            page.wait_for_function(SPIKES, timeout=60_000)
            first = time.perf_counter() - began
            page.evaluate(NOTE, [SETTLE_S * 1e3, (SETTLE_S + seconds) * 1e3])
        time.sleep(SETTLE_S)
        waits: list[float] = []
        spent, since = processor(server, browser), time.perf_counter()
        while time.perf_counter() - since < seconds:
            waits.append(answers(url + "/"))
            time.sleep(0.4)
        wall_s = time.perf_counter() - since
        cores = {k: (v - spent[k]) / wall_s for k, v in processor(server, browser).items()}
        time.sleep(1)
        with driven(address) as page:
            (t0, shown0, wall0, _), (t1, shown1, wall1, _) = page.evaluate("window.noted")
    wall_s = (wall1 - wall0) / 1e3
    return {
        "speed": (t1 - t0) / 1e3 / wall_s,
        "drawn_per_s": (shown1 - shown0) / wall_s,
        "first_spikes_s": first,
        "answer_ms_median": 1e3 * statistics.median(waits),
        "answer_ms_max": 1e3 * max(waits),
        "requests": len(waits),
        "cores": cores,
    }


def delays_ms(moved: list[float], seen: list[list[float]], set_at: list[float]) -> list[float]:
    """From each move to the first picture that was simulated after its value was set.

    moved  : wall ms of each;  set_at : simulated ms of each
    seen   : wall and simulated ms of each new picture on the screen
    """
    if len(moved) != len(set_at):
        raise SystemExit(f"The slider moved {len(moved)} times, and was heard {len(set_at)} times.")
    return [
        next(wall for wall, t_ms in seen if wall > at and t_ms > value) - at
        for at, value in zip(moved, set_at, strict=True)
    ]


def slide(url: str, moves: int) -> list[float]:
    """Milliseconds from each move of a slider to a picture that shows what it did."""
    with chromium() as (address, _browser):
        with driven(address) as page:
            page.set_viewport_size({"width": 1280, "height": 900})
            page.goto(url + "/cuba")
            page.locator(".wb-status[data-state=ready]").first.wait_for(
                state="attached", timeout=120_000
            )
            page.wait_for_timeout(2000)
            page.locator(".wb-run").first.click()
            page.wait_for_function(SPIKES, timeout=60_000)
            page.wait_for_timeout(1e3 * SETTLE_S)
            before = len(page.evaluate(SET_AT))
            page.evaluate(MOVE, ["w_e", moves, 1e3 * MOVE_EVERY_S])
        time.sleep(1.3 * MOVE_EVERY_S * moves + 1)
        with driven(address) as page:
            moved, seen = page.evaluate("window.moved"), page.evaluate("window.seen")
            return delays_ms(moved, seen, page.evaluate(SET_AT)[before:])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--engine", choices=("numpy", "compiled"), default="numpy")
    parser.add_argument("--neurons", type=int, default=4000)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--moves", type=int, default=0, help=f"{MOST_MOVES} at most")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()

    target, neurons = options.engine, options.neurons
    environment = dict(os.environ)
    if target == "compiled":
        load("cuba", n_neurons=neurons, p_connect=80 / neurons).run(10, engine=target)
        load("cuba", p_connect=80 / neurons).run(10, engine=target)  # between the two sliders
    else:
        environment |= {"WORKBENCH_CACHE": tempfile.mkdtemp(), "WORKBENCH_BUILD": "0"}
    before = bare(target, neurons)
    port = free_port()
    began = time.perf_counter()
    server = subprocess.Popen(
        [sys.executable, "-m", "workbench", "serve", "--port", str(port), "--no-browser"],
        stdout=subprocess.DEVNULL, env=environment,
    )  # fmt: skip
    try:
        url = f"http://127.0.0.1:{port}"
        answers(url + "/")
        up = time.perf_counter() - began
        live = watch(url, options.seconds, neurons, server.pid)
        delays = slide(url, min(options.moves, MOST_MOVES)) if options.moves else []
    finally:
        server.terminate()
        server.wait(20)
    after = bare(target, neurons)

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
        ("cores used", f"{sum(live['cores'].values()):.2f}",
         ", ".join(f"{k} {v:.2f}" for k, v in live["cores"].items())),
    ]  # fmt: skip
    if delays:
        p95 = statistics.quantiles(delays, n=20)[-1]
        live |= {"slider_ms": delays}
        rows.append((
            "slider to the picture of its value, p95 ms", f"{p95:.0f}",
            f"median {statistics.median(delays):.0f}, max {max(delays):.0f} of {len(delays)}; "
            "wanted: 100 or less",
        ))  # fmt: skip
    for what, value, note in rows:
        print(f"{what:42s} {value:>8s}   {note}")
    if options.json:
        options.json.write_text(json.dumps({"target": target, **live}, indent=1))


if __name__ == "__main__":
    main()
