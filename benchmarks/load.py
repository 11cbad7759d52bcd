"""A class at one server: many pages open, as many simulations running as it allows, others waiting.

Starts ``workbench serve --limit N`` and opens ``--pages`` pages of ``--model`` over websockets.
Each presses Run; while they run, gallery and model page are asked for again and again. All of it
stays on this machine and ends after ``--seconds``. The clients share the processors with the
server, though they draw nothing.

Prints, each with the number of cases: how long the gallery and a model's page take to answer; for
the pages that run, the time from one drawing to the next, which is how old what is seen can be, and
how many drawings came out of order; how many run at once; and the memory of the web processes and
of each worker.

Usage: python benchmarks/load.py [--pages 30] [--limit N] [--seconds 30] [--model cuba]
                                 [--workers N] [--json FILE]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from live import answers, free_port
from websocket_page import WebsocketPage, asked

MOST_PAGES = 60
GALLERY_S, PAGE_S, AGE_S = 0.3, 1.5, 0.25  # 95 of 100 shall be below


def p95(values: list[float]) -> float:
    return float(np.percentile(values, 95)) if values else float("nan")


def memory_mb(server: psutil.Process) -> tuple[float, list[float]]:
    """Of the web processes together; of each of the workers, which a fork server has forked."""
    web, workers = server.memory_info().rss / 2**20, []
    for child in server.children(recursive=True):
        try:
            size = child.memory_info().rss / 2**20
            if "forkserver" in " ".join(child.parent().cmdline()):
                workers.append(size)
            elif "web_process" in " ".join(child.cmdline()):
                web += size
        except (psutil.NoSuchProcess, AttributeError):
            continue
    return web, workers


async def load(url: str, server: psutil.Process, options: argparse.Namespace) -> dict[str, Any]:
    pages = []
    for _ in range(options.pages):
        page = WebsocketPage(f"{url}/{options.model}")
        await page.open()
        pages.append(page)
        print(f"{len(pages)} open, the last after {page.loaded_s:.2f} s", flush=True)
    for page in pages:
        await page.wait_for("ready")
        await page.press("wb-run")
    while sum(page.state == "running" for page in pages) < min(options.limit, len(pages)):
        await asyncio.sleep(0.1)
    for page in pages:
        page.drawings.clear()
    loop = asyncio.get_running_loop()
    until, gallery, own = loop.time() + options.seconds, [], []
    while loop.time() < until:
        gallery.append((await asked(f"{url}/"))[0])
        own.append((await asked(f"{url}/{options.model}"))[0])
        await asyncio.sleep(0.5)
    web, workers = memory_mb(server)
    run = [page for page in pages if len(page.drawings) > 1]
    ages = [b[0] - a[0] for p in run for a, b in zip(p.drawings, p.drawings[1:], strict=False)]
    disorder = sum(
        b[1] <= a[1] or b[2] < a[2]
        for p in run for a, b in zip(p.drawings, p.drawings[1:], strict=False)
    )  # fmt: skip
    for page in pages:
        await page.close()
    return {
        "pages": len(pages), "running": len(run), "gallery_s": gallery, "page_s": own,
        "ages_s": ages, "disorder": disorder, "web_mb": web, "workers_mb": workers,
    }  # fmt: skip


def report(found: dict[str, Any]) -> None:
    for what, key, wanted in (
        ("gallery answers", "gallery_s", GALLERY_S),
        ("model page answers", "page_s", PAGE_S),
        ("from one drawing to the next", "ages_s", AGE_S),
    ):
        values = found[key]
        print(f"{what}: 95 % within {p95(values):.3f} s (n = {len(values)}; wanted {wanted:g} s)")
    print(f"drawings out of order: {found['disorder']} of {len(found['ages_s'])}")
    print(f"{found['pages']} pages open, {found['running']} of them run")
    workers = found["workers_mb"]
    print(
        f"memory: web processes {found['web_mb']:.0f} MB; {len(workers)} workers of "
        f"{np.median(workers) if workers else 0:.0f} MB (median)"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pages", type=int, default=30)
    parser.add_argument("--limit", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--workers", type=int, default=1, help="web processes")
    parser.add_argument("--model", default="cuba")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if not 1 <= options.pages <= MOST_PAGES:
        parser.error(f"--pages {options.pages} is not allowed: 1 to {MOST_PAGES}")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        port = free_port()
        server = subprocess.Popen(
            [sys.executable, "-m", "workbench", "serve", "--port", str(port), "--no-browser",
             "--limit", str(options.limit), "--workers", str(options.workers)],
            stdout=subprocess.DEVNULL, env={**os.environ, "WORKBENCH_RUNS": folder},
        )  # fmt: skip
        try:
            answers(f"http://127.0.0.1:{port}/", 180)
            url = f"http://127.0.0.1:{port}"
            found = asyncio.run(load(url, psutil.Process(server.pid), options))
        finally:
            server.terminate()
            server.wait(120)
    report(found)
    if options.json:
        options.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
