"""Taking a run away from its page: files that the browser gets, and what is said if one fails."""

from __future__ import annotations

import ast
import asyncio
import io
import json
import zipfile

import pytest

import workbench as wb
from panels.parts.export_dialog import LABELS, ExportDialog
from tests.ui.test_journey import CLOCK, press, state, until
from workbench.errors import StoreError
from workbench.export.kinds import KINDS

pytestmark = pytest.mark.filterwarnings("ignore:Both 'variant':PendingDeprecationWarning")


def dialog(run):
    taking = ExportDialog("ssn-pair", run, lambda: wb.load("ssn-pair"), lambda act: act())
    taking.open()
    return taking


def test_every_kind_is_offered():
    assert list(LABELS) == [kind.id for kind in KINDS]
    taking = dialog(lambda: None)
    assert [f.filename for f in taking.files.values()] == [
        "ssn-pair.zip", "ssn-pair.zip", "ssn-pair.nwb", "ssn-pair.mat", "ssn-pair.zip",
        "ssn-pair.zip", "ssn-pair.json", "ssn-pair.md",
    ]  # fmt: skip
    assert taking.dialog.open and not taking.message.visible


def test_a_failure_is_said_in_the_dialog():
    def no_run():
        raise StoreError("The disk is full.")

    taking = dialog(no_run)
    with pytest.raises(StoreError):
        asyncio.run(taking.files["nwb"].callback())
    assert taking.message.visible and taking.message.said == "The disk is full."
    assert not taking.files["nwb"].loading


@pytest.mark.slow
@pytest.mark.browser
def test_a_run_leaves_the_page_as_a_script(server, open_page, tmp_path):
    page = open_page(f"{server.url}/hippocampal-cam")
    state(page, "ready")
    press(page, "run")
    state(page, "running")
    press(page, "learn")
    until(lambda: page.evaluate(CLOCK)[0] > 20)
    press(page, "pause")
    state(page, "paused")
    press(page, "export")

    def taken(kind):
        with page.expect_download() as caught:
            page.locator(f".wb-export-{kind}").first.click()
        path = tmp_path / caught.value.suggested_filename
        caught.value.save_as(path)
        return path

    parameters = json.loads(taken("parameters").read_text())
    assert (parameters["model"], parameters["parameters"]["n_cues"]) == ("hippocampal-cam", 5)
    packed = zipfile.ZipFile(io.BytesIO(taken("csv").read_bytes()))
    lines = packed.read("hippocampal-cam/spikes.csv").decode().splitlines()
    spikes = [line for line in lines if not line.startswith("#")][1:]
    assert len(spikes) > 10
    packed = zipfile.ZipFile(io.BytesIO(taken("script").read_bytes()))
    assert "hippocampal-cam/hippocampal-cam.npz" in packed.namelist()
    script = packed.read("hippocampal-cam/hippocampal-cam.py").decode()
    ast.parse(script)
    assert "in_cue, 'drive', 0, 1.0" in script  # what was learned is part of it
