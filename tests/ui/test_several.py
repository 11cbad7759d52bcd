"""Several web processes behind one address: each browser stays with its own, and loses no other."""

from __future__ import annotations

import os
import signal
import time

import psutil
import pytest

from tests.ui.conftest import PATIENCE_MS, served

pytestmark = pytest.mark.slow


def web_processes(server):
    """Process ids of the web processes, without those that guard them."""
    found = []
    for child in psutil.Process(server.process.pid).children(recursive=True):
        try:
            command = child.cmdline()
        except psutil.NoSuchProcess:  # it has ended, and somebody may still have to notice
            continue
        if any("web_process" in part for part in command) and "guard.py" not in " ".join(command):
            found.append(child.pid)
    return found


def until(condition, timeout_s=60):
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < timeout_s
        time.sleep(0.1)


@pytest.fixture
def browser(chromium):
    """Opens pages of visitors of their own, which may complain: a process of theirs is killed."""
    contexts = []

    def open_one(url):
        contexts.append(chromium.new_context(viewport={"width": 1280, "height": 900}))
        page = contexts[-1].new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto(url)
        return page

    yield open_one
    for context in contexts:
        context.close()


def test_two_browsers_use_two_processes_and_one_may_end(tmp_path, browser):
    environment = {**os.environ, "WORKBENCH_RUNS": str(tmp_path)}
    with served(environment, "--workers", "2", "--limit", "2") as server:
        family = psutil.Process(server.process.pid).children(recursive=True)
        pages = [browser(f"{server.url}/cuba") for _ in range(2)]
        for page in pages:
            page.get_by_text("ready", exact=True).first.wait_for()
            page.locator(".wb-run").first.click()
            page.get_by_text("running", exact=True).first.wait_for()
        cookies = [page.context.cookies()[0]["value"] for page in pages]
        assert sorted(cookies) == ["0", "1"]
        first, second = web_processes(server)
        owners = {}
        for pid in (first, second):
            owners[pid] = len(psutil.Process(pid).children(recursive=True))
        assert min(owners.values()) > 1  # each has a fork server, and a simulation
        pages[0].reload()
        pages[0].get_by_text("ready", exact=True).first.wait_for()
        assert pages[0].context.cookies()[0]["value"] == cookies[0]

        os.kill(first, signal.SIGKILL)
        until(lambda: len(web_processes(server)) == 2 and first not in web_processes(server))
        assert second in web_processes(server)
        lost = [page for page in pages if page.get_by_text("connection lost").count()]
        for page in pages:
            if page not in lost:
                page.get_by_text("running", exact=True).or_(
                    page.get_by_text("ready", exact=True)
                ).first.wait_for()
        fresh = browser(f"{server.url}/")
        fresh.get_by_role("heading", name="Models of neural circuits, live").wait_for()
        family += psutil.Process(server.process.pid).children(recursive=True)
    _, alive = psutil.wait_procs(family, 20)
    assert alive == []
