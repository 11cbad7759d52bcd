"""Pages that were opened and closed leave nothing: no process, file, thread, memory or page."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from .conftest import served

ROOT = Path(__file__).resolve().parents[2]
VISITORS = ROOT / "benchmarks"
SHARED = Path("/dev/shm")
GROWTH = 0.05
# So many first: memory that is used again and again is had only then.
WARM_UP, PAGES, AT_ONCE = 60, 200, 4
GONE_S = 120.0


def test_a_page_that_was_closed_is_not_kept(tmp_path):
    path = os.pathsep.join(map(str, (VISITORS, ROOT)))
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("pages_kept.py")), "cuba", "ssn", "cuba"],
        env={**os.environ, "PYTHONPATH": path, "WORKBENCH_RUNS": str(tmp_path)},
        capture_output=True, text=True, timeout=280, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["before"] == {"Document": 1, "Explorer": 0}
    assert found["after"] == found["before"], done.stderr


def held(server: psutil.Process) -> dict[str, int]:
    """What grows with pages that are not given back."""
    return {
        "processes": len(server.children(recursive=True)),
        "files": server.num_fds(),
        "threads": server.num_threads(),
        "shared": len(list(SHARED.iterdir())) if SHARED.is_dir() else 0,
        "temporary": len(list(Path(os.environ.get("TMPDIR", "/tmp")).iterdir())),
    }


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_200_pages_opened_and_closed_leave_nothing(tmp_path, monkeypatch, capfd):
    monkeypatch.syspath_prepend(str(VISITORS))
    from websocket_page import WebsocketPage

    places = {"WORKBENCH_RUNS": str(tmp_path / "runs"), "TMPDIR": str(tmp_path / "temporary")}
    for place in places.values():
        Path(place).mkdir()
    monkeypatch.setenv("TMPDIR", places["TMPDIR"])

    async def visit(url: str, k: int) -> None:
        page = WebsocketPage(url)
        await page.open()
        await page.wait_for("ready")
        if k % 2:  # closed while it is drawn
            await page.press("wb-run")
            await page.wait_for("running")
        await page.close()

    async def visits(url: str, pages: int) -> None:
        for k in range(0, pages, AT_ONCE):
            await asyncio.gather(*(visit(url, k + j) for j in range(AT_ONCE)))

    with served({**os.environ, **places}) as server:
        process = psutil.Process(server.process.pid)
        at_rest = held(process)
        asyncio.run(visits(f"{server.url}/cuba", WARM_UP))
        before = process.memory_info().rss
        asyncio.run(visits(f"{server.url}/cuba", PAGES))
        after = process.memory_info().rss
        began = time.monotonic()
        while (left := held(process)) != at_rest and time.monotonic() - began < GONE_S:
            time.sleep(1)
    log = "".join(capfd.readouterr())
    assert "Traceback" not in log, log
    for what, n in left.items():
        assert n <= at_rest[what], (what, at_rest, left)
    assert after < (1 + GROWTH) * before
