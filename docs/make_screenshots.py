"""Takes the pictures of the README from the real app, in a real browser.

``python docs/make_screenshots.py`` starts ``workbench serve``, opens the hippocampal memory in
Chromium in light and in dark, presses Run, has it learn and recall, and saves
``docs/images/``.
"""

from __future__ import annotations

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
MODEL = "hippocampal-cam"
SIZE = {"width": 1280, "height": 900}
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
PATIENCE_MS = 120_000
LAST_ANSWER_S = 1.2  # at this model's pace, what the last operation takes to be answered


def main() -> None:
    """Serve, look, save, and stop the server again."""
    from playwright.sync_api import sync_playwright

    IMAGES.mkdir(exist_ok=True)
    port = _free_port()
    command = [str(Path(sys.executable).parent / "workbench"), "serve", "--no-browser"]
    server = subprocess.Popen([*command, "--port", str(port)])
    try:
        address = f"http://localhost:{port}/{MODEL}"
        _wait_for(address)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=QUIET
            )
            for theme, name in (("light", "explorer.png"), ("dark", "explorer-dark.png")):
                page = browser.new_page(viewport=SIZE, color_scheme=theme, device_scale_factor=1.5)
                page.goto(address)
                if theme == "dark":
                    page.locator("[aria-label*='theme' i], .theme-toggle").first.click()
                _play(page)
                page.screenshot(path=IMAGES / name)
                page.close()
            browser.close()
    finally:
        server.terminate()
        server.wait(20)


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
    page.mouse.move(1, 1)  # no tooltip in the picture
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
