"""A real server, a real browser, and nothing in its console that should not be there."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Page, sync_playwright

from panels.bokeh_internals import patches

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
PATIENCE_MS = 90_000


@dataclass
class Server:
    """A running ``workbench serve``."""

    url: str
    process: subprocess.Popen

    def workers(self) -> set[int]:
        """Process ids of the simulations: what the fork server has forked."""
        found = set()
        for child in psutil.Process(self.process.pid).children(recursive=True):
            try:
                if "forkserver" in " ".join(child.parent().cmdline()):
                    found.add(child.pid)
            except psutil.NoSuchProcess:
                continue
        return found


def free_port() -> int:
    """A port that nobody listens on, below those that the system gives to whoever asks for any:

    a server takes seconds to come up, and by then somebody else could have been given it.
    """
    while True:
        port = 20_000 + secrets.randbelow(10_000)
        with socket.socket() as s, contextlib.suppress(OSError):
            s.bind(("127.0.0.1", port))
            return port


def wait_for(url: str, process: subprocess.Popen, timeout_s: float = 180) -> None:
    began = time.monotonic()
    while time.monotonic() - began < timeout_s:
        assert process.poll() is None, "the server ended"
        try:
            urllib.request.urlopen(url, timeout=10).read()
            return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"{url} did not answer within {timeout_s} s")


@contextlib.contextmanager
def served(
    environment: dict[str, str],
    *options: str,
    path: str = "/",
    command: tuple[str, ...] = (sys.executable, "-m", "workbench"),
    folder: Path | None = None,
):
    """A server with these environment variables and options, until the block ends."""
    port = free_port()
    process = subprocess.Popen(
        [*command, "serve", "--port", str(port), "--no-browser", *options],
        env=environment, cwd=folder,
    )  # fmt: skip
    try:
        wait_for(f"http://127.0.0.1:{port}{path}", process)
        yield Server(f"http://127.0.0.1:{port}", process)
    finally:
        process.terminate()
        process.wait(90)


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    runs = tmp_path_factory.mktemp("served")
    with served({**os.environ, "WORKBENCH_RUNS": str(runs)}) as found:
        yield found


@pytest.fixture
def compiling_server(tmp_path):
    """A server where nothing was compiled yet, and which may compile."""
    environment = {k: v for k, v in os.environ.items() if k != "WORKBENCH_BUILD"}
    places = {f"WORKBENCH_{k}": str(tmp_path / k.lower()) for k in ("RUNS", "CACHE")}
    with served(environment | places) as found:
        yield found


@pytest.fixture(scope="module")
def chromium():
    """Closed after each module: Playwright's event loop must not outlive the tests that use it."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not path:
        pytest.fail("the browser tests need Chromium: install it, or name it in CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium):
    """Opens pages; in the end, none of them may have complained."""
    complaints: list[str] = []
    contexts = []

    def open_one(url: str, width: int = 1280, height: int = 900):
        context = chromium.new_context(
            viewport={"width": width, "height": height}, accept_downloads=True
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        watch(page, complaints)
        page.goto(url)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture(scope="module")
def shared_page(chromium, server):
    """Pages that the tests of a file share: opening one takes longer than most tests.

    ``shared_page(model)`` is as after a reset: at t = 0, paused, with default values.
    """
    pages: dict[str, Page] = {}
    complaints: list[str] = []

    def page_of(model: str) -> Page:
        page = pages.get(model)
        if page is None:
            context = chromium.new_context(viewport={"width": 1280, "height": 900})
            page = pages[model] = context.new_page()
            page.set_default_timeout(PATIENCE_MS)
            watch(page, complaints)
            page.goto(f"{server.url}/{model}")
        else:
            page.set_viewport_size({"width": 1280, "height": 900})
            back = page.get_by_role("button", name="Put all back")
            if back.is_visible():  # something was changed
                back.click()
            page.locator(".wb-reset").first.click()
        page.get_by_text("ready", exact=True).first.wait_for()
        return page

    yield page_of
    for page in pages.values():
        page.context.close()
    assert complaints == []


def watch(page: Page, complaints: list[str]) -> None:
    """Note what a page complains of."""
    page.on("pageerror", lambda e: complaints.append(f"page error: {e}"))
    page.on(
        "console",
        lambda m: complaints.append(f"console: {m.text}") if m.type == "error" else None,
    )


@pytest.fixture(scope="session")
def repository() -> Path:
    return Path(__file__).resolve().parents[2]


@pytest.fixture
def nothing_left_out(monkeypatch):
    """No patch of Bokeh or Panel has been left out, or spoken of, so far."""
    monkeypatch.setattr(patches, "_missing", {})
    monkeypatch.setattr(patches, "_reported", set())


@pytest.fixture
def renamed(monkeypatch):
    """``renamed(patch)`` gives the targets of a patch of Python another name in the table."""

    def rename(name: str) -> None:
        patch = patches.BY_NAME[name]
        other = tuple(re.sub(r"\._?(\w+)$", r".renamed_\1", target) for target in patch.target)
        monkeypatch.setitem(patches.BY_NAME, name, dataclasses.replace(patch, target=other))

    return rename


def logged(caplog) -> list[str]:
    return [r.getMessage() for r in caplog.records if r.name == "workbench"]
