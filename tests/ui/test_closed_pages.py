"""Pages that were opened and closed leave nothing: no process, file, thread, memory or page."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

import workbench as wb
from panels.bokeh_internals.closing import TRIM_S

from .conftest import served

ROOT = Path(__file__).resolve().parents[2]
VISITORS = ROOT / "benchmarks"
SHARED = Path("/dev/shm")
GROWTH = 0.05
# First more at once than ever again, and some of those that follow: the process then has the memory
# that so many take, and uses it again.
AT_FIRST, WARM_UP, PAGES, AT_ONCE = 16, 40, 200, 4
QUIET_S, GONE_S = TRIM_S + 5.0, 240.0  # what closed pages leave is looked for after TRIM_S


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


def shared(server: psutil.Process) -> set[str]:
    """Files of shared memory that the server and what it started have now."""
    found = set()
    for process in (server, *server.children(recursive=True)):
        with contextlib.suppress(psutil.Error, OSError):
            found |= {m.path for m in process.memory_maps() if m.path.startswith(f"{SHARED}/")}
    return found


def held(server: psutil.Process) -> dict[str, int]:
    """What grows with pages that are not given back."""
    return {
        "processes": len(server.children(recursive=True)),
        "files": server.num_fds(),
        "threads": server.num_threads(),
        "temporary": len(list(Path(os.environ.get("TMPDIR", "/tmp")).iterdir())),
    }


def at_rest(server: psutil.Process) -> dict[str, int]:
    """What is held when nothing comes or goes any more."""
    began = since = time.monotonic()
    found = held(server)
    while time.monotonic() - since < QUIET_S and time.monotonic() - began < GONE_S:
        time.sleep(1)
        if found != (found := held(server)):
            since = time.monotonic()
    return found


@pytest.fixture
def places(tmp_path, monkeypatch):
    """Where a server may write, as variables of its environment."""
    found = {"WORKBENCH_RUNS": str(tmp_path / "runs"), "TMPDIR": str(tmp_path / "temporary")}
    for place in found.values():
        Path(place).mkdir()
    monkeypatch.setenv("TMPDIR", found["TMPDIR"])
    return found


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_server_that_ends_while_a_page_runs_leaves_nothing(places, monkeypatch, capfd, how):
    monkeypatch.syspath_prepend(str(VISITORS))
    from websocket_page import WebsocketPage

    async def end(server) -> tuple[list[psutil.Process], set[str]]:
        page = WebsocketPage(f"{server.url}/cuba")
        await page.open()
        await page.wait_for("ready")
        await page.press("wb-run")
        await page.wait_for("running")
        while not has_recorded(places):
            await asyncio.sleep(0.1)
        process = psutil.Process(server.process.pid)
        family, files = process.children(recursive=True), shared(process)
        process.send_signal(how)
        await asyncio.to_thread(process.wait, 60)
        await page.close()
        return family, files

    with served({**os.environ, **places}) as server:
        family, files = asyncio.run(end(server))
    assert len(family) >= 3  # resource tracker, fork server, simulation
    _, left = psutil.wait_procs(family, timeout=30)
    assert [p.pid for p in left if p.status() != psutil.STATUS_ZOMBIE] == []
    assert [path for path in files if Path(path).exists()] == []
    assert list(Path(places["TMPDIR"]).iterdir()) == []
    assert "Traceback" not in (log := "".join(capfd.readouterr())), log
    (kept,) = recordings(places)  # nobody asked the page whether it was to be thrown away
    run = wb.open_run(kept)
    assert (run.outcome, run.model) == ("interrupted", "cuba")
    assert run.duration_ms > 0
    assert run.steps[:].size > 0


def recordings(places: dict[str, str]) -> list[Path]:
    return list((Path(places["WORKBENCH_RUNS"]) / "live").glob("*.zarr"))


def has_recorded(places: dict[str, str]) -> bool:
    for path in recordings(places):
        with contextlib.suppress(OSError, ValueError):
            return json.loads((path / "run.json").read_text())["duration_ms"] > 0
    return False


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_200_pages_opened_and_closed_leave_nothing(places, monkeypatch, capfd):
    monkeypatch.syspath_prepend(str(VISITORS))
    from websocket_page import WebsocketPage

    seen: set[str] = set()

    async def visit(url: str, k: int) -> None:
        page = WebsocketPage(url)
        await page.open()
        await page.wait_for("ready")
        if k % 2:  # closed while it is drawn
            await page.press("wb-run")
            await page.wait_for("running")
        await page.close()

    async def visits(url: str, pages: int, at_once: int = AT_ONCE) -> None:
        for k in range(0, pages, at_once):
            await asyncio.gather(*(visit(url, k + j) for j in range(at_once)))
            seen.update(shared(process))

    with served({**os.environ, **places}) as server:
        process = psutil.Process(server.process.pid)
        asyncio.run(visits(f"{server.url}/cuba", AT_FIRST, AT_FIRST))
        asyncio.run(visits(f"{server.url}/cuba", WARM_UP))
        before, was = process.memory_info().rss, at_rest(process)
        asyncio.run(visits(f"{server.url}/cuba", PAGES))
        after, left = process.memory_info().rss, at_rest(process)
    assert not [path for path in seen if Path(path).exists()]
    log = "".join(capfd.readouterr())
    assert "Traceback" not in log, log
    for what, n in left.items():
        assert n <= was[what], (what, was, left)
    assert after < (1 + GROWTH) * before
