"""A server that is killed leaves nothing running, and a record that opens."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import psutil
import pytest

import workbench as wb

from .conftest import PATIENCE_MS, free_port, wait_for

# A server of its own, in whose background a network is compiled; that a compiler ends with whoever
# started it is tested in tests/unit/engine/test_faulty_compilers.py.
pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(900)]


def until(condition, timeout_s=300.0):
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < timeout_s
        time.sleep(0.1)


def alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_fork_server_workers_and_builds_end_with_it(chromium, tmp_path):
    environment = {k: v for k, v in os.environ.items() if k != "WORKBENCH_BUILD"}
    environment |= {f"WORKBENCH_{k}": str(tmp_path / k.lower()) for k in ("RUNS", "CACHE")}
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "workbench", "serve", "--port", str(port), "--no-browser"],
        env=environment,
    )  # fmt: skip
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    try:
        wait_for(f"http://127.0.0.1:{port}/", server)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto(f"http://127.0.0.1:{port}/cuba")
        page.get_by_text("ready", exact=True).first.wait_for()
        page.locator(".wb-run").first.click()
        page.get_by_text("running", exact=True).first.wait_for()

        def family() -> list[psutil.Process]:
            return psutil.Process(server.pid).children(recursive=True)

        stored = tmp_path / "runs" / "live"
        until(lambda: any((run / "zarr.json").exists() for run in stored.glob("*.zarr")))
        left = family()
        assert len(left) >= 4  # resource tracker, fork server, worker, and what compiles
        server.kill()
        server.wait(30)
        until(lambda: not any(alive(p) for p in left), 30)
        page.get_by_text("Server connection lost").first.wait_for()
    finally:
        context.close()
        server.kill()
        server.wait(30)
    (run,) = (wb.open_run(path) for path in stored.glob("*.zarr"))
    assert run.outcome == "interrupted"
