"""The app in Voila, which knows nothing of Panel's own channel: it goes as a widget by itself."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import nbformat
import pytest

from .conftest import free_port, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture
def voila(tmp_path):
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell('import workbench as wb\nwb.explore("hippocampal-cam")'),
        ],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    nbformat.write(notebook, tmp_path / "app.ipynb")
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "voila", "app.ipynb", "--no-browser", f"--port={port}",
         "--Voila.ip=127.0.0.1", "--KernelManager.transport=ipc"],
        env={**os.environ, "JUPYTER_CONFIG_DIR": str(tmp_path / "config")},
        cwd=tmp_path, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_for(f"http://127.0.0.1:{port}/voila/static/require.min.js", process)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait(90)


def test_it_runs_in_voila(voila, chromium):
    page = chromium.new_page(viewport={"width": 1400, "height": 1000})
    page.set_default_timeout(150_000)
    page.goto(voila)
    page.locator(".wb-status[data-state=ready]").first.wait_for(state="attached")
    page.locator(".wb-run").first.click()
    status = page.locator(".wb-status").first
    began = time.monotonic()
    while not float(status.get_attribute("data-t-ms") or 0) > 5:
        assert time.monotonic() - began < 120, "the simulation did not move"
        time.sleep(0.2)
    assert page.locator(".wb-not-ready").all_inner_texts() == []
    page.close()
