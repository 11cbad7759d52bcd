"""Takes the plots of the README and of the gallery from the real app, in a real browser.

``python docs/make_screenshots.py`` starts ``workbench serve``; opens every model's page in
Chromium, presses Run, and saves the plot that tells most, light and dark, for the gallery; then
has the hippocampal memory learn and recall, and saves its page and the gallery in ``docs/images/``.
With names of models, it takes the plots of those for the gallery and nothing else.
"""

from __future__ import annotations

import io
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

IMAGES = Path(__file__).with_name("images")
TILES = Path(__file__).parents[1] / "panels" / "browser" / "gallery"
MODEL = "hippocampal-cam"
CARD = {
    "elm-neuron": "own-1",
    "astrocyte-lsm": "liquid-space",
    "spiking-reservoir": "raster",
}  # the others: the first on the page
RUN_S = {  # until there is something to see
    "adaptive-whitening": 6.0, "v1-adaptation": 6.0, "orthogonal-projection": 7.0,
    "symmetric-stdp": 12.0, "lmu-delay": 6.0, "adaptive-reservoir": 8.0,
    "spiking-reservoir": 12.0,
}  # fmt: skip
# Pressed before a model's plot is taken, where its story begins with that.
PRESSED = {"adaptive-reservoir": ".wb-preset-below-the-flip button",
           "spiking-reservoir": ".wb-preset-below-the-flip button",
           "active-dendrites": ".wb-preset-a-clean-pattern button"}  # fmt: skip
SIZE = {"width": 1280, "height": 900}
SMALL = {"width": 1280, "height": 800}
TILE = (480, 230)  # pixels, shown at about three quarters of it
GROUPS = 2  # of models, in the gallery as the README shows it: all of it is too long there
HEADING_PX = 38  # of a card
SETTLE_S, TURN_S = 3.0, 8.0  # until a page stands still: when it was opened, when it turned dark
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
PATIENCE_MS = 120_000
LAST_ANSWER_S = 1.2  # at this model's pace, what the last operation takes to be answered


def main() -> None:
    """Serve, look, save, and stop the server again."""
    from playwright.sync_api import sync_playwright

    from workbench.model import registry

    named = sys.argv[1:]
    for folder in (IMAGES, TILES):
        folder.mkdir(exist_ok=True)
    port = _free_port()
    command = [str(Path(sys.executable).parent / "workbench"), "serve", "--no-browser"]
    server = subprocess.Popen([*command, "--port", str(port)])
    try:
        address = f"http://localhost:{port}"
        _wait_for(address)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=QUIET
            )
            for slug in named or [*registry.models()]:
                _tile(browser, address, slug)
            if not named:
                _pages(browser, address)
            browser.close()
    finally:
        server.terminate()
        server.wait(20)


def _pages(browser: Any, address: str) -> None:
    """The gallery, and the memory's page, for the README."""
    for theme, name in (("light", "explorer.png"), ("dark", "explorer-dark.png")):
        page = browser.new_page(viewport=SIZE, color_scheme=theme, device_scale_factor=1.5)
        page.goto(f"{address}/{MODEL}", timeout=PATIENCE_MS)
        if theme == "dark":
            _toggle(page)
        _play(page)
        page.screenshot(path=IMAGES / name)
        page.close()
    page = browser.new_page(viewport=SIZE, color_scheme="light")
    page.goto(address, timeout=PATIENCE_MS)
    page.wait_for_load_state("networkidle")
    box = page.locator(".group").nth(GROUPS - 1).bounding_box()
    clip = {"x": 0, "y": 0, "width": SIZE["width"], "height": box["y"] + box["height"] + 20}
    _save(page.screenshot(full_page=True, clip=clip), IMAGES / "gallery.png")
    page.close()


def _tile(browser: Any, address: str, slug: str) -> None:
    """What a model's page shows when it runs, light and dark."""
    page = browser.new_page(viewport=SMALL, color_scheme="light")
    page.goto(f"{address}/{slug}", timeout=PATIENCE_MS)
    page.locator(".wb-run button").wait_for(timeout=PATIENCE_MS)
    time.sleep(SETTLE_S)
    page.locator(".wb-run button").click()
    page.get_by_text("running", exact=True).first.wait_for(timeout=PATIENCE_MS)
    if slug in PRESSED:
        page.locator(PRESSED[slug]).click()
    key = CARD.get(slug)
    card = page.locator(f".wb-card-{key}" if key else ".wb-card").first
    for theme in ("light", "dark"):
        if theme == "dark":
            _toggle(page)
            time.sleep(TURN_S)
        if slug == MODEL:
            page.locator(".wb-demonstration button").click()
        time.sleep(RUN_S.get(slug, 4.0))
        box = card.bounding_box()
        clip = {"x": box["x"] + 2, "y": box["y"] + HEADING_PX, "width": box["width"] - 4,
                "height": box["height"] - HEADING_PX - 2}  # fmt: skip
        _save(page.screenshot(clip=clip), TILES / f"{slug}-{theme}.png", TILE)
    page.close()


def _save(shot: bytes, path: Path, size: tuple[int, int] | None = None) -> None:
    """With 256 colours, of which these plots have hardly more."""
    from PIL import Image

    image = Image.open(io.BytesIO(shot)).convert("RGB")
    if size is not None:
        image = image.resize(size, Image.Resampling.LANCZOS)
    image.quantize().save(path, optimize=True)


def _toggle(page: Any) -> None:
    page.locator("[aria-label*='theme' i], .theme-toggle").first.click()
    page.mouse.move(1, 1)  # no tooltip in the plot


def _play(page: Any) -> None:
    """Run, play the published sequence, and stand still when it has been answered."""
    page.locator(".wb-run button").click(timeout=PATIENCE_MS)
    page.get_by_text("running", exact=True).first.wait_for(timeout=PATIENCE_MS)
    page.locator(".wb-demonstration button").click()
    waiting = page.get_by_text(re.compile(r"operations? waiting"))
    waiting.wait_for(timeout=PATIENCE_MS)
    waiting.wait_for(state="hidden", timeout=PATIENCE_MS)
    time.sleep(LAST_ANSWER_S)
    page.locator(".wb-pause button").click()
    page.get_by_text("paused", exact=True).first.wait_for(timeout=PATIENCE_MS)
    page.mouse.move(1, 1)
    time.sleep(2)


def _free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def _wait_for(address: str, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(address, timeout=10):
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.3)


if __name__ == "__main__":
    main()
