"""What it costs to open a page: processor time, memory, models, for one checkout or two in turn.

Opens the page of ``--model`` ``--rounds`` times in a headless Chromium, closes it, and prints the
processor time of the web process, of the worker, of the page (its renderer) and of the rest of the
browser until the page is ready and drawn, and how much memory the web process took and gave back.
The first page of a server, which imports what all others share, is not counted.

``--against`` names a folder with another checkout and an environment of its own (``.venv``): its
pages are opened in turn with those of this one.

Usage: python benchmarks/page.py [--model cuba] [--rounds 5] [--against FOLDER]
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
from live import answers, chromium, driven, free_port, processor
from playwright.sync_api import Page

ROLES = ("web", "worker", "page", "browser")
SETTLE_S = 1.0  # after the page is ready: plots that come late
DRAWN = "Bokeh.documents.length > 0 && Bokeh.documents.every((d) => d.is_idle)"
MODELS = "Bokeh.documents.reduce((n, d) => n + d._all_models.size, 0)"
HERE = Path(__file__).resolve().parents[1]


@contextlib.contextmanager
def served(checkout: Path) -> Iterator[tuple[str, int]]:
    """The server of a checkout; yields its address and process."""
    own = checkout / ".venv" / "bin" / "python"
    python = sys.executable if checkout == HERE or not own.exists() else str(own)
    port = free_port()
    process = subprocess.Popen(
        [python, "-m", "workbench", "serve", "--port", str(port), "--no-browser"],
        cwd=checkout, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        answers(f"http://127.0.0.1:{port}/", 180)
        yield f"http://127.0.0.1:{port}", process.pid
    finally:
        process.terminate()
        process.wait(30)


def opened(page: Page, address: str, server: int, browser: int) -> dict[str, float]:
    """Open a page and leave it again; what that took."""
    web = psutil.Process(server)
    page.goto("about:blank")
    time.sleep(SETTLE_S)
    spent, memory, began = processor(server, browser), web.memory_info().rss, time.monotonic()
    page.goto(address, wait_until="commit")
    page.get_by_text("ready", exact=True).first.wait_for()
    page.wait_for_function(DRAWN)
    wall = time.monotonic() - began
    time.sleep(SETTLE_S)
    now, models = processor(server, browser), page.evaluate(MODELS)
    taken = web.memory_info().rss - memory
    return {r: now[r] - spent[r] for r in ROLES} | {
        "wall": wall, "models": models, "web MB": taken / 1e6,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="cuba")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--against", type=Path)
    chosen = parser.parse_args()
    places = {"this": HERE} | ({"other": chosen.against.resolve()} if chosen.against else {})
    found: dict[str, list[dict[str, float]]] = {name: [] for name in places}
    with contextlib.ExitStack() as stack:
        servers = {n: stack.enter_context(served(p)) for n, p in places.items()}
        where, browser = stack.enter_context(chromium())
        page = stack.enter_context(driven(where))
        page.set_default_timeout(180_000)
        for k in range(chosen.rounds + 1):
            for name, (url, server) in servers.items():
                took = opened(page, f"{url}/{chosen.model}", server, browser)
                if k:
                    found[name].append(took)
    for key in found["this"][0]:
        cells = []
        for name, rounds in found.items():
            values = [r[key] for r in rounds]
            middle, low, high = statistics.median(values), min(values), max(values)
            cells.append(f"{name} {middle:.3g} [{low:.3g}-{high:.3g}]")
        sys.stdout.write(f"{key:8} {'   '.join(cells)}\n")


if __name__ == "__main__":
    main()
