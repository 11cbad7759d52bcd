"""Whether a page at full speed leaves the server to others, and hears its user: for each model.

Opens the page of each model in a headless Chromium, runs it as fast as possible for ``--seconds``,
asks for the gallery meanwhile as another person would, and then presses *Pause*. Prints how long
the gallery took, how long the run went on after the key, and what the strip said.

Usage: python benchmarks/full_speed.py [MODEL ...] [--seconds 20]
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time

from live import answers, chromium, driven, free_port
from playwright.sync_api import Page

from workbench.model import registry

ASK_EVERY_S = 0.25


def measured(page: Page, url: str, slug: str, seconds: float) -> tuple[list[float], float, str]:
    """Seconds that each answer and the pause took, and the strip before it."""
    page.goto("about:blank")
    page.goto(f"{url}/{slug}?speed=max", wait_until="commit")
    strip = page.locator(".wb-status").first
    page.locator(".wb-status[data-state=ready]").first.wait_for(state="attached")
    page.locator(".wb-run").first.click()
    took, until = [], time.monotonic() + seconds
    while time.monotonic() < until:
        began = time.monotonic()
        answers(f"{url}/")
        took.append(time.monotonic() - began)
        time.sleep(ASK_EVERY_S)
    said = " · ".join(strip.inner_text().splitlines())
    began = time.monotonic()
    page.keyboard.press("Space")
    page.locator(".wb-status[data-state=paused]").first.wait_for(state="attached")
    return took, time.monotonic() - began, said


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="*", default=list(registry.models()))
    parser.add_argument("--seconds", type=float, default=20.0)
    chosen = parser.parse_args()
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "workbench", "serve", "--port", str(port), "--no-browser"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        url = f"http://127.0.0.1:{port}"
        answers(f"{url}/")
        with chromium() as (where, _browser), driven(where) as page:
            page.set_viewport_size({"width": 1280, "height": 900})
            page.set_default_timeout(120_000)
            for slug in chosen.models:
                took, paused, said = measured(page, url, slug, chosen.seconds)
                p95 = statistics.quantiles(took, n=20)[-1]
                sys.stdout.write(
                    f"{slug:22} gallery p95 {p95:.2f} s, max {max(took):.2f} of {len(took)}; "
                    f"pause {paused:.2f} s; {said}\n"
                )
                sys.stdout.flush()
    finally:
        server.terminate()
        server.wait(30)


if __name__ == "__main__":
    main()
