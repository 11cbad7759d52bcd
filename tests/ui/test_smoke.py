"""Serve, open, run, change, save: with the Python that ``WORKBENCH_SMOKE_PYTHON`` names.

``.ci/smoke`` runs it for each Python and each end of the dependencies that are promised. The
browser is driven from the environment of the tests; only the server runs in the one under test.
"""

from __future__ import annotations

import os
import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest

from .conftest import free_port, wait_for
from .test_journey import CLOCK, MARKS, drawings, look_at, press, state, until

# The first start in a new environment reads everything from the disk, and compiles it.
pytestmark = [pytest.mark.browser, pytest.mark.smoke, pytest.mark.timeout(900)]
PATIENCE_S = 300


# Mean of the excitatory rate over the last few points.
RATE_NOW = """() => {
  for (const doc of Bokeh.documents) for (const m of doc._all_models.values())
    if (m.data?.time_ms?.length > 4) {
      const [name] = Object.keys(m.data).filter(k => k !== "time_ms");
      const late = [...m.data[name]].filter(Number.isFinite).slice(-5);
      return late.reduce((a, b) => a + b, 0) / late.length }
  return NaN }"""
# What the app knows a quicker way for, and is not done so with this version of Bokeh.
NOT_QUICK = """() => {
  const quick = ({ name, module, owner }) => Object.hasOwn(
    (module ? Bokeh.require(module) : window)[owner].prototype, `wb_quick_${name}`);
  for (const doc of Bokeh.documents) for (const m of doc._all_models.values())
    if (typeof m.beat === "number" && m.patches)
      return JSON.parse(m.patches).filter((target) => !quick(target));
  return "no clock" }"""


@pytest.fixture
def served(tmp_path):
    """Address of a server; in the end it may not have complained either."""
    python = os.environ.get("WORKBENCH_SMOKE_PYTHON") or sys.executable
    port, log = free_port(), tmp_path / "log.txt"
    with log.open("w") as out:
        process = subprocess.Popen(
            [python, "-m", "workbench", "serve", "--port", str(port), "--no-browser"],
            stdout=out, stderr=out,
        )  # fmt: skip
    try:
        wait_for(f"http://127.0.0.1:{port}/", process, PATIENCE_S)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(PATIENCE_S)
    message = log.read_text()
    assert "Traceback" not in message and "ERROR" not in message, message


def test_serve_open_run_change_save(served, open_page, tmp_path):
    page = open_page(f"{served}/cuba")
    page.set_default_timeout(1000 * PATIENCE_S)
    state(page, "ready")
    press(page, "run")
    state(page, "running")
    until(lambda: page.evaluate(MARKS) > 0)
    drawings(page, 5)
    assert page.evaluate(NOT_QUICK) == []
    look_at(page, "rates")
    until(lambda: page.evaluate(CLOCK)[0] > 200 and 0 < page.evaluate(RATE_NOW) < 20)
    page.get_by_role("slider", name="w_i in mV").fill("-2")
    look_at(page, "log")
    page.get_by_text("w_i -9 mV → -2 mV").first.wait_for()
    look_at(page, "rates")
    # It fires at 5 to 6 Hz; without its inhibition, several times as fast.
    until(lambda: page.evaluate(RATE_NOW) > 30)
    assert page.locator(".wb-not-ready").count() == 0
    press(page, "pause")
    state(page, "paused")
    press(page, "save-raster")
    with page.expect_download() as caught:
        page.locator(".wb-save-svg").first.click()
    saved = tmp_path / "raster.svg"
    caught.value.save_as(saved)
    assert ET.parse(saved).getroot().get("width") == "85mm"
