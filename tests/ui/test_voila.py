"""The app and plain widgets in Voila, which knows nothing of Panel's own channel."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import nbformat
import pytest

from .conftest import free_port, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]


APP = 'import workbench as wb\nwb.explore("hippocampal-cam")'
OWN_PLOT = """
import ipywidgets as widgets
import matplotlib.pyplot as plt
import workbench as wb

model = wb.load("cuba", n_neurons=400)
controls = wb.controls(model, only=["w_e", "w_i", "tau_m"], speed=200, window_ms=200)


def raster(t_ms):
    spike_ms, neuron = controls.spikes("excitatory")
    plt.figure(figsize=(8, 3))
    plt.plot(spike_ms, neuron, ".k", markersize=2)
    plt.xlim(t_ms - 200, t_ms)
    plt.title(f"{len(spike_ms)} spikes")
    plt.show()


widgets.VBox([controls.widget, widgets.interactive_output(raster, {"t_ms": controls.time})])
"""


@pytest.fixture
def voila(tmp_path, request):
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(request.param)],
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


@pytest.mark.parametrize("voila", [APP], indirect=True)
def test_it_runs_in_voila(voila, chromium):
    page = chromium.new_page(viewport={"width": 1400, "height": 1000})
    page.set_default_timeout(300_000)
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


@pytest.mark.parametrize("voila", [OWN_PLOT], indirect=True)
def test_controls_move_a_plot_of_ones_own(voila, chromium):
    page = chromium.new_page(viewport={"width": 1280, "height": 1000})
    page.set_default_timeout(150_000)
    page.goto(voila)
    plot = page.locator(".jupyter-widgets-output-area img, .jp-OutputArea-output img").first
    plot.wait_for()
    at_rest = plot.get_attribute("src")
    page.get_by_role("button", name="Run").click()
    clock = page.get_by_label("t (ms)")
    _reaches(page, clock, 100)
    assert plot.get_attribute("src") != at_rest, "the plot did not move"
    page.get_by_role("slider").first.press("End")  # w_e, to the upper end of its slider
    page.get_by_role("button", name="Pause").click()
    page.get_by_text("paused", exact=True).wait_for()
    stands = float(clock.input_value())
    drawn = plot.get_attribute("src")
    page.get_by_role("button", name="Run").click()
    _reaches(page, clock, stands + 100)
    assert plot.get_attribute("src") != drawn
    if shots := os.environ.get("WORKBENCH_SHOTS"):
        page.screenshot(path=f"{shots}/controls.png")
    page.close()


def _reaches(page, clock, t_ms):
    began = time.monotonic()
    while not float(clock.input_value()) > t_ms:
        assert time.monotonic() - began < 120, page.locator("body").inner_text()
        time.sleep(0.2)
