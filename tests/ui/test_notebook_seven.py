"""The live app in Jupyter Notebook 7: opened by its address, all cells run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time

import nbformat
import pytest

from workbench.cli.notebooks import KERNEL

from .conftest import free_port, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture
def notebook(tmp_path):
    cells = [nbformat.v4.new_code_cell(text) for text in (
        "import workbench as wb", 'wb.explore("hippocampal-cam")',
    )]  # fmt: skip
    book = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL})
    nbformat.write(book, tmp_path / "own.ipynb")
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "notebook", "--no-browser", "--allow-root", f"--port={port}",
         f"--ServerApp.root_dir={tmp_path}", "--IdentityProvider.token=", "--ServerApp.password=",
         "--KernelManager.transport=ipc"],
        env={**os.environ, "JUPYTER_CONFIG_DIR": str(tmp_path / "config")},
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_for(f"http://127.0.0.1:{port}/tree", process)
        yield f"http://127.0.0.1:{port}/notebooks/own.ipynb"
    finally:
        process.terminate()
        process.wait(90)


def test_all_cells_run_and_the_app_simulates(notebook, chromium):
    page = chromium.new_page(viewport={"width": 1600, "height": 1000})
    page.set_default_timeout(300_000)
    page.goto(notebook)
    page.locator(".jp-Notebook").first.wait_for()
    page.get_by_text("Python 3", exact=False).first.wait_for()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    page.locator(".jp-InputPrompt", has_text=re.compile(r"\[(\*|\d+)\]")).first.wait_for()
    page.locator(".wb-status[data-state=ready]").first.wait_for(state="attached")
    run = page.locator(".wb-run").first
    run.scroll_into_view_if_needed()
    run.click()
    status, began = page.locator(".wb-status").first, time.monotonic()
    while not float(status.get_attribute("data-t-ms") or 0) > 5:
        assert time.monotonic() - began < 120, "the simulation did not move"
        time.sleep(0.2)
    page.close()
