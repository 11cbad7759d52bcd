"""Takes the pictures of the README from the real app, in a real browser.

``python docs/make_screenshots.py`` starts ``workbench serve``, opens the hippocampal memory in
Chromium, presses Run, learns and recalls through the page, and saves ``docs/images/``.
"""

from __future__ import annotations

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
# What is done through the page, if it has the control: selector, then seconds to let it act.
STORY = [
    (".wb-do-Learn", 1.5),
    (".wb-do-RecallByCue", 1.5),
    (".wb-do-Learn", 1.5),
    (".wb-do-RecallByContent", 1.5),
    (".wb-do-RecallByCue", 2.0),
]


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
                page = browser.new_page(viewport=SIZE, color_scheme=theme, device_scale_factor=2)
                page.goto(address)
                _play(page, dark=theme == "dark")
                page.screenshot(path=IMAGES / name)
                page.close()
            browser.close()
    finally:
        server.terminate()
        server.wait(20)


def _play(page: Any, dark: bool) -> None:
    run = page.locator(".wb-run button, button:has-text('Run')").first
    run.wait_for(timeout=60_000)
    if dark and "dark" not in (page.evaluate("document.documentElement.className") or ""):
        toggle = page.locator(".mui-dark, .theme-toggle, [aria-label*='theme' i]").first
        if toggle.count():
            toggle.click()
    time.sleep(2)
    run.click()
    page.get_by_text("running", exact=False).first.wait_for(timeout=60_000)
    time.sleep(2)
    for selector, seconds in STORY:
        button = page.locator(f"{selector} button, button{selector}").first
        if button.count() and button.is_enabled():
            button.click()
            time.sleep(seconds)
    page.mouse.move(1, 1)  # no tooltip in the picture
    time.sleep(1)


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
