"""What pages leave behind when they are closed: no process, file, thread, shared memory or line."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.ui.conftest import free_port, wait_for

pytestmark = pytest.mark.slow
FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"
FIRST, SESSIONS, TOGETHER = 40, 200, 5  # the first pages fill what is kept for all that follow
GROWN = 1.05
SHARED = Path("/dev/shm")


@pytest.fixture
def pages(monkeypatch):
    """Opens and closes so many pages of a model, of which each second one runs and draws."""
    monkeypatch.syspath_prepend(FOLDER)
    from websocket_page import WebsocketPage

    async def visit(url, number):
        page = WebsocketPage(url)
        await page.open()
        await page.wait_for("ready")
        if number % 2:
            await page.press("wb-run")
            while not page.drawings or page.drawings[-1][2] <= 0:
                await asyncio.sleep(0.02)
        await page.close()  # while it draws

    async def all_of(url, n):
        for k in range(0, n, TOGETHER):
            await asyncio.gather(*(visit(url, k + j) for j in range(TOGETHER)))

    return lambda url, n: asyncio.run(all_of(url, n))


def until(condition, timeout_s=150):
    """Wait for it; the last value is what the assertion says."""
    began = time.monotonic()
    while not condition() and time.monotonic() - began < timeout_s:
        time.sleep(0.5)
    return condition()


@pytest.mark.timeout(1800)
@pytest.mark.skipif(sys.platform != "linux", reason="counts threads and shared memory in /proc")
def test_many_pages_leave_nothing_behind(tmp_path, pages):
    runs, temporary = tmp_path / "runs", tmp_path / "temporary"
    temporary.mkdir()
    port, log = free_port(), tmp_path / "log"
    environment = {**os.environ, "WORKBENCH_RUNS": str(runs), "TMPDIR": str(temporary)}
    with log.open("w") as written:
        process = subprocess.Popen(
            [sys.executable, "-m", "workbench", "serve", "--port", str(port), "--no-browser",
             "--limit", "3"],
            env=environment, stdout=written, stderr=subprocess.STDOUT,
        )  # fmt: skip
    server = psutil.Process(process.pid)
    url = f"http://127.0.0.1:{port}/cuba"
    try:
        wait_for(f"http://127.0.0.1:{port}/", process)
        alone = len(server.children(recursive=True))
        pages(url, FIRST)
        assert until(lambda: len(server.children(recursive=True)) <= alone)
        time.sleep(5)
        memory, threads = server.memory_info().rss, server.num_threads()
        files = sorted(p.name for p in temporary.iterdir())
        shared = set(SHARED.iterdir())
        pages(url, SESSIONS)
        assert until(lambda: len(server.children(recursive=True)) <= alone)
        time.sleep(5)
        grown = server.memory_info().rss / memory
        assert list((runs / "live").glob("*")) == []
        assert sorted(p.name for p in temporary.iterdir()) == files
        assert set(SHARED.iterdir()) - shared == set()
        assert server.num_threads() <= threads
        assert grown < GROWN
    finally:
        process.terminate()
        process.wait(90)
    text = log.read_text()
    assert "Traceback" not in text, text
    assert "ERROR" not in text, text
