"""How soon a page is fast by itself: CUBA in headless Chromium, with nothing compiled before.

Starts ``workbench serve`` with an empty cache, opens /cuba, presses Run at the highest speed, and
watches the status strip until the simulation runs at ten times real time: nothing else is pressed.
Times are from the click on Run, in seconds.

Usage: python benchmarks/handover.py [--rounds 3] [--wait 60]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from live import answers, chromium, driven, free_port

FAST = 10.0  # times real time
LOOK_S = 0.05
STRETCH_S = 0.5  # over which a speed is measured


def watch(url: str, wait_s: float) -> dict[str, Any]:
    """Press Run and look at the strip until it is fast; TimeoutError after ``wait_s``."""
    with chromium() as (address, _browser), driven(address) as page:
        page.goto(url + "/cuba")
        page.locator(".wb-status[data-state=ready]").first.wait_for(
            state="attached", timeout=120_000
        )
        strip = page.locator(".wb-status").first
        began = time.perf_counter()
        page.locator(".wb-run").first.click()
        found: dict[str, Any] = {}
        then, at_ms = 0.0, 0.0
        while (now := time.perf_counter() - began) < wait_s:
            t_ms = float(strip.get_attribute("data-t-ms") or 0)
            if t_ms > 0:
                found.setdefault("first_drawing_s", round(now, 2))
            if "compiled since" in strip.inner_text():
                found.setdefault("compiled_s", round(now, 2))
            if now - then >= STRETCH_S:
                speed = (t_ms - at_ms) / 1e3 / (now - then)
                if speed >= FAST:
                    return found | {"fast_s": round(now, 2), "speed": round(speed, 1)}
                then, at_ms = now, t_ms
            time.sleep(LOOK_S)
    raise TimeoutError(f"not at {FAST:g} times real time within {wait_s:g} s: {found}")


def once(wait_s: float) -> dict[str, Any]:
    """A server of its own, with nothing compiled."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        port = free_port()
        places = {name: str(Path(folder) / name) for name in ("WORKBENCH_RUNS", "WORKBENCH_CACHE")}
        server = subprocess.Popen(
            [sys.executable, "-m", "workbench", "serve", "--port", str(port), "--no-browser"],
            env={**os.environ, **places}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            answers(f"http://127.0.0.1:{port}/")
            return watch(f"http://127.0.0.1:{port}", wait_s)
        finally:
            server.terminate()
            server.wait(60)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--wait", type=float, default=60.0, help="at most, s")
    options = parser.parse_args()
    rounds = []
    for _ in range(options.rounds):
        rounds.append(once(options.wait))
        print(json.dumps(rounds[-1]), flush=True)
    for key in ("first_drawing_s", "compiled_s", "fast_s", "speed"):
        values = [found[key] for found in rounds]
        print(f"{key:16} {statistics.median(values):6.2f}  [{min(values):g} to {max(values):g}]")


if __name__ == "__main__":
    main()
