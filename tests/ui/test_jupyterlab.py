"""Notebooks in a real JupyterLab: a double click opens, all cells run, the app is live."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import TimeoutError as NotYet
from typer.testing import CliRunner

from workbench.bundled_packages import stories
from workbench.cli import app
from workbench.cli.notebooks import KERNEL

from .conftest import free_port, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ERROR = ".jp-RenderedText[data-mime-type='application/vnd.jupyter.error']"

SHORT = "two_lines"  # what a notebook of one's own begins with
NOTEBOOKS = (SHORT, *stories())


@pytest.fixture(params=NOTEBOOKS)
def lab(request, tmp_path, repository):
    name = request.param
    environment = {**os.environ, "JUPYTER_CONFIG_DIR": str(tmp_path / "config")}
    if name == "elm_neuron":
        environment["WORKBENCH_DATA"] = str(_trials(repository) or "")
    if name == SHORT:
        cells = [nbformat.v4.new_code_cell(text) for text in (
            "import workbench as wb", 'wb.explore("hippocampal-cam")',
        )]  # fmt: skip
        book = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL})
        nbformat.write(book, tmp_path / f"{name}.ipynb")
    else:
        done = CliRunner().invoke(app, ["notebooks", name, "--folder", str(tmp_path)])
        assert done.exit_code == 0, done.stderr
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}",
         f"--ServerApp.root_dir={tmp_path}", "--IdentityProvider.token=", "--ServerApp.password=",
         # Files instead of ports, which somebody else could be given before the kernel listens.
         "--KernelManager.transport=ipc", "--LabApp.news_url=",
         "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"],
        env=environment,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_for(f"http://127.0.0.1:{port}/lab", process)
        yield f"http://127.0.0.1:{port}/lab", name
    finally:
        process.terminate()
        process.wait(90)


def _trials(repository):
    """The folder of published recordings, or None where shipped trials must do."""
    from models.elm_neuron.checkpoints.sources import shipped_trials

    data = Path(os.environ.get("WORKBENCH_DATA") or repository.parent / "shared" / "data")
    if (data / "l5pc").is_dir():
        return data
    if not shipped_trials():
        pytest.skip(f"no trials of a cell at {data}, and none are shipped: set WORKBENCH_DATA")
    return None


def run_all(page):
    """Press Run All Cells until a cell is running or done.

    On a busy machine JupyterLab has once taken the click and asked the kernel for nothing.
    """
    begun = page.locator(".jp-InputPrompt", has_text=re.compile(r"\[(\*|\d+)\]")).first
    for attempt in range(3):
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_text("Run All Cells", exact=True).click()
        try:
            begun.wait_for(timeout=60_000)
            return
        except NotYet:
            if attempt == 2:
                raise


@pytest.mark.timeout(1200)
def test_the_notebook_runs_and_shows_the_live_app(lab, chromium):
    address, name = lab
    page = chromium.new_page(viewport={"width": 1600, "height": 1000})
    page.set_default_timeout(90_000)
    page.goto(address)
    page.locator(".jp-DirListing-item", has_text=f"{name}.ipynb").dblclick()
    page.locator(".jp-Notebook").first.wait_for()
    page.locator(".jp-NotebookPanel .jp-Toolbar-kernelName", has_text="Python 3").wait_for()
    run_all(page)
    run, failed = page.locator(".wb-run").first, page.locator(ERROR).first
    run.or_(failed).first.wait_for(state="attached", timeout=900_000)
    assert failed.count() == 0, failed.inner_text()
    run.scroll_into_view_if_needed()
    status = page.locator(".wb-status").first
    page.locator(".wb-status[data-state=ready]").first.wait_for(state="attached")
    run.click()
    began = time.monotonic()
    while not float(status.get_attribute("data-t-ms") or 0) > 5:
        assert time.monotonic() - began < 120, "the simulation did not move"
        time.sleep(0.2)
    assert failed.count() == 0, failed.inner_text()
    page.close()
