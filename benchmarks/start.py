"""How soon something is there: imports, commands, the server, the first spikes of a page.

Every command runs `--rounds` times in a process of its own after one that is not counted. The page
of `--model` is opened in headless Chromium and Run is pressed once it is ready; "cold" is with an
empty cache, in which nothing is compiled and no list of models is kept. Wall and processor time,
medians with the smallest and largest; on a busy machine only the processor time means anything.

Usage: python benchmarks/start.py [--rounds 10] [--pages 3] [--model cuba]
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from live import SPIKES, answers, chromium, driven, free_port

WANTED_S = {"import workbench": 0.1, "workbench --help": 0.3, "workbench list": 0.3,
            "server answers": 2.0, "Run to first spikes, warm": 1.0,
            "Run to first spikes, cold": 3.0}  # fmt: skip


def cost(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Wall and processor seconds of a command."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)
    wall_s = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall_s, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def page(model: str, environment: dict[str, str]) -> tuple[float, float]:
    """Seconds until the server answers, and from Run to the first spikes that are drawn."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    began = time.perf_counter()
    server = subprocess.Popen(
        [sys.executable, "-m", "workbench", "serve", "--port", str(port), "--no-browser"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment,
    )  # fmt: skip
    try:
        answers(url + "/")
        ready_s = time.perf_counter() - began
        with chromium() as (address, _), driven(address) as tab:
            tab.set_viewport_size({"width": 1280, "height": 900})
            tab.goto(f"{url}/{model}")
            ready = tab.locator(".wb-status[data-state=ready]").first
            ready.wait_for(state="attached", timeout=120_000)
            clicked = time.perf_counter()
            tab.locator(".wb-run").first.click()
            tab.wait_for_function(SPIKES, timeout=120_000)
            return ready_s, time.perf_counter() - clicked
    finally:
        server.terminate()
        server.wait(20)


def told(values: list[float]) -> str:
    """Median with the smallest and largest."""
    return f"{statistics.median(values):.2f} [{min(values):.2f}-{max(values):.2f}]"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--pages", type=int, default=3)
    parser.add_argument("--model", default="cuba")
    options = parser.parse_args()
    commands = {
        "import workbench": [sys.executable, "-c", "import workbench"],
        "workbench --help": [sys.executable, "-m", "workbench", "--help"],
        "workbench list": [sys.executable, "-m", "workbench", "list"],
        "workbench describe": [sys.executable, "-m", "workbench", "describe", options.model],
    }
    print(f"{'what':28s} {'wall (s)':>20s} {'processor (s)':>20s}  rounds, wanted (s)")

    def row(what: str, wall: list[float], cpu: list[float] | None = None) -> None:
        spent = told(cpu) if cpu else ""
        print(f"{what:28s} {told(wall):>20s} {spent:>20s}  {len(wall)}, {WANTED_S.get(what, '')}")

    with tempfile.TemporaryDirectory() as kept:
        warm = os.environ | {"WORKBENCH_CACHE": kept, "WORKBENCH_RUNS": str(Path(kept, "runs"))}
        for what, command in commands.items():
            cost(command, warm)
            wall, cpu = zip(*(cost(command, warm) for _ in range(options.rounds)), strict=True)
            row(what, list(wall), list(cpu))
        build = [sys.executable, "-m", "workbench", "cache", "build", options.model]
        subprocess.run(build, check=True, env=warm, stdout=subprocess.DEVNULL)
        pages: dict[str, Callable[[], dict[str, str]]] = {
            "warm": lambda: warm,
            "cold": lambda: warm | {"WORKBENCH_CACHE": tempfile.mkdtemp(dir=kept)},
        }
        for how, environment in pages.items():
            found = [page(options.model, environment()) for _ in range(options.pages)]
            if how == "warm":
                row("server answers", [ready for ready, _ in found])
            row(f"Run to first spikes, {how}", [first for _, first in found])


if __name__ == "__main__":
    main()
