"""Does anything grow? CUBA live in a headless browser for an hour.

Starts ``workbench serve``, opens /cuba in Chromium, turns the speed slider ``--slower`` stops down
from "as fast as possible", and presses Run. Every ``--every`` seconds: resident memory of the web
process, of the worker with its binary, and of the browser's page, and how many drawings reached
the screen. Growth is from the mean of the second fifth of the samples (after warm-up) to the mean
of the last fifth. What is recorded goes to a temporary folder.

With ``--fps 60`` as many drawings are made in half the time.

Usage: python benchmarks/soak.py [--minutes 60] [--slower 2] [--fps 30] [--engine compiled]
                                 [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil
from live import NOTE, answers, chromium, driven, free_port

from workbench import load

WANTED = 0.05
WHO = ("web process", "worker and binary", "browser page")


def resident_mb(processes: list[psutil.Process]) -> float:
    found = 0
    for process in processes:
        try:
            found += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return found / 2**20


def tell_apart(server: psutil.Process) -> tuple[list[psutil.Process], ...]:
    """The web process; its simulating processes; the browser's pages."""
    pages = [
        p for p in psutil.Process().children(recursive=True)
        if "chrom" in p.name() and "--type=renderer" in " ".join(p.cmdline())
    ]  # fmt: skip
    return [server], server.children(recursive=True), pages


def soak(url: str, server: psutil.Process, options: argparse.Namespace) -> np.ndarray:
    """Rows of wall s, simulated s, drawings, and MB of each of ``WHO``."""
    rows = []
    with chromium() as (address, _):
        with driven(address) as page:
            page.set_viewport_size({"width": 1280, "height": 900})
            page.goto(url + "/cuba", timeout=120_000)
            page.locator(".wb-status[data-state=ready]").first.wait_for(
                state="attached", timeout=120_000
            )
            page.wait_for_timeout(3000)
            for _ in range(options.slower):
                page.locator(".wb-speed input[type=range]").first.press("ArrowLeft")
            page.wait_for_timeout(500)
            page.locator(".wb-run").first.click()
        began = time.monotonic()
        while time.monotonic() - began < 60 * options.minutes:
            time.sleep(options.every)
            with driven(address) as page:
                page.evaluate(NOTE, [0])
                page.wait_for_function("window.noted.length > 0", timeout=60_000)
                t_ms, _, _, drawings = page.evaluate("window.noted[0]")
            memory = [resident_mb(found) for found in tell_apart(server)]
            rows.append([time.monotonic() - began, t_ms / 1e3, drawings, *memory])
            print(
                f"{rows[-1][0]:6.0f} s   t = {t_ms / 1e3:7.0f} s   {drawings:7d} drawings   "
                + "   ".join(f"{w} {m:6.1f} MB" for w, m in zip(WHO, memory, strict=True)),
                flush=True,
            )
    return np.array(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--every", type=float, default=30.0)
    parser.add_argument("--slower", type=int, default=2)
    parser.add_argument("--fps", type=float, default=30)
    parser.add_argument("--engine", choices=("numpy", "compiled"), default="compiled")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        environment = {**os.environ, "TMPDIR": folder, "WORKBENCH_FPS": f"{options.fps:g}"}
        if options.engine == "compiled":
            load("cuba").run(10, engine="compiled")  # "automatic" takes a binary that is there
        else:
            environment |= {"WORKBENCH_CACHE": folder, "WORKBENCH_BUILD": "0"}
        port = free_port()
        server = subprocess.Popen(
            [sys.executable, "-m", "workbench", "serve", "--port", str(port), "--no-browser"],
            stdout=subprocess.DEVNULL, env=environment,
        )  # fmt: skip
        try:
            answers(f"http://127.0.0.1:{port}/")
            table = soak(f"http://127.0.0.1:{port}", psutil.Process(server.pid), options)
        finally:
            server.terminate()
            server.wait(120)  # it writes the end of the run
    fifth = max(1, len(table) // 5)
    growth = table[-fifth:].mean(0) / table[fifth : 2 * fifth].mean(0) - 1
    wall_s, t_s, drawings = table[-1, :3]
    print(f"{wall_s / 60:.0f} min, {t_s:.0f} s simulated, {drawings:.0f} drawings")
    for name, grown in zip(WHO, growth[3:], strict=True):
        print(f"{name:18s} grew by {100 * grown:+5.1f} %   wanted: less than {WANTED:.0%}")
    if options.json:
        options.json.write_text(json.dumps({"columns": ["wall_s", "t_s", "drawings", *WHO],
                                            "rows": table.tolist()}))  # fmt: skip


if __name__ == "__main__":
    main()
