"""Cards are sent to a figure, arranged there, and saved at the size that they have on paper."""

from __future__ import annotations

import io
import threading
import time
import zipfile
from pathlib import Path

import pytest
from pypdf import PdfReader

from panels.model_page import Explorer
from panels.parts import figure_desk
from panels.parts.figure_desk import MOST, NUMBERS, UNMARKED, Copy, Sent
from panels.parts.figure_drawing import FigureAsked, PanelAsked, drawn, file_of
from workbench.errors import ParameterError
from workbench.figures.page_file import open_figure_page
from workbench.paths import new_store
from workbench.run import Run
from workbench.store import open_run

from .fakes import INFO, FakeSession, TwoGroups
from .test_journey import CLOCK, look_at, press, state, until

# What panel-material-ui 0.16 passes on to Panel 1.9 by itself.
WARNINGS = pytest.mark.filterwarnings("ignore:Both 'variant':PendingDeprecationWarning")


class Recorded(FakeSession):
    """With a run of two spikes of each population."""

    def run_so_far(self) -> Run:
        import numpy as np

        return Run(
            "two-groups", {"tau_m": 10.0}, INFO, self.status().t_ms, 1, "numpy",
            steps=np.array([100, 200, 500, 600]), units=np.array([0, 12, 3, 11], np.int32),
            state_t=np.empty(0), states={}, weights={},
        )  # fmt: skip


@pytest.fixture
def page(monkeypatch):
    monkeypatch.setattr(TwoGroups, "start", lambda self, **o: Recorded(self, **o), raising=False)
    explorer = Explorer(TwoGroups())
    explorer._begin(paused=True)
    explorer.heartbeat.heard = True
    explorer.heartbeat.ready = lambda: True
    explorer.session.info = INFO
    explorer.session.report(state="ready", engine="numpy", t_ms=80.0)
    explorer.tick()
    yield explorer
    explorer.close()


def send(page, *views):
    for view in views:
        n = len(page.desk.panels)
        page.plots.on_figure(view, view.title())
        began = time.monotonic()
        while len(page.desk.panels) == n:
            assert time.monotonic() - began < 20
            page.tick()
            time.sleep(0.01)


@WARNINGS
def test_panels_keep_their_run_when_the_page_begins_another(page):
    send(page, "raster", "rates")
    first, second = page.desk.panels
    assert first.copy is second.copy
    assert (first.fields["from_ms"], first.fields["to_ms"]) == (0.0, 80.0)
    assert first.has("zero_ms")
    assert not first.has("bin_ms")
    assert second.has("bin_ms")
    page.session.report(t_ms=120.0)
    send(page, "raster")  # of the same run, further on: all have the longer copy
    assert {p.copy.t_ms for p in page.desk.panels} == {120.0}
    assert first.copy.path not in [p.copy.path for p in page.desk.panels]
    assert not first.copy.path.exists()
    page.restart(False)
    page.session.info = INFO
    page.session.report(state="ready", t_ms=40.0)
    page.tick()
    send(page, "raster")
    assert [p.copy.t_ms for p in page.desk.panels] == [120.0, 120.0, 120.0, 40.0]
    places = {p.copy.path for p in page.desk.panels}
    assert all(place.exists() for place in places)
    page.close()
    assert not any(place.exists() for place in places)


@WARNINGS
@pytest.mark.slow  # draws, and packs two runs
def test_what_was_sent_is_drawn_and_packed(page):
    send(page, "raster", "rates")
    figure = drawn(page.desk.asked())
    assert figure.size_mm[0] == pytest.approx(85)
    assert figure.caption.startswith("a, Raster, 0 ms to 80 ms")
    with zipfile.ZipFile(io.BytesIO(file_of(page.desk.asked(), "zip"))) as archive:
        assert {"figure.py", "figure.toml", "run-1.zarr/run.json"} <= set(archive.namelist())


@pytest.fixture
def slowly(page):
    """Holds back what copies the page's run until it is set."""
    go, whole = threading.Event(), page.session.run_so_far

    def run_so_far() -> Run:
        assert go.wait(60)
        return whole()

    page.session.run_so_far = run_so_far
    yield go
    go.set()


@WARNINGS
def test_cards_sent_faster_than_they_are_copied_are_no_more_than_letters(page, slowly):
    for _ in range(MOST + 5):
        page.plots.on_figure("raster", "Raster")
    slowly.set()

    def all_there() -> bool:
        page.tick()
        return len(page.desk.panels) >= MOST

    until(all_there)
    for _ in range(20):
        page.tick()
        time.sleep(0.01)
    assert len(page.desk.panels) == MOST
    page.desk.remove(0)
    send(page, "raster")
    assert len(page.desk.panels) == MOST


@WARNINGS
def test_a_copy_that_is_made_while_its_page_closes_goes_too(page, slowly, monkeypatch):
    made: list[Path] = []
    monkeypatch.setattr(figure_desk, "new_store", lambda: made.append(new_store()) or made[-1])
    page.plots.on_figure("raster", "Raster")
    page.desk.close()
    copying = [t for t in threading.enumerate() if t.name == "copied for a figure"]
    slowly.set()
    for thread in copying:
        thread.join(60)
    assert len(copying) == 1
    assert [place.exists() for place in made] == [False]


@WARNINGS
def test_a_copy_goes_with_the_last_panel_that_is_of_it(page, slowly):
    slowly.set()
    send(page, "raster", "rates")
    (copied,) = {panel.copy.path for panel in page.desk.panels}
    page.desk.remove(0)
    assert copied.exists()
    slowly.clear()
    page.plots.on_figure("raster", "Raster")  # one that comes may be of it
    page.desk.remove(0)
    assert copied.exists()
    slowly.set()
    until(lambda: page.tick() or page.desk.panels)
    (sent,) = page.desk.panels
    assert sent.copy.path.exists()
    page.desk.remove(0)
    assert not sent.copy.path.exists()
    assert not copied.exists()


@WARNINGS
def test_a_run_that_stands_is_copied_file_by_file(page, tmp_path):
    stored = page.session.run_so_far()
    stored.outcome = "running"
    stored.save(tmp_path / "live.zarr")
    page.session.run_so_far = lambda: open_run(tmp_path / "live.zarr")
    send(page, "raster")
    copied = open_run(page.desk.panels[0].copy.path)
    assert copied.outcome == "stopped"
    assert copied.message == "Copied for a figure at 80 ms, while it was simulated."
    assert copied.steps.tolist() == stored.steps.tolist()
    assert copied.parameters == stored.parameters


@WARNINGS
def test_fields_change_the_figure_or_are_refused_in_a_sentence(page):
    send(page, "raster", "rates")
    desk = page.desk
    desk.use_journal("J. Neurosci.")
    assert (desk.paper["width_mm"], desk.paper["tick_pt"], desk.paper["letters"]) == (85, 8, "A")
    desk.set_panel(1, "bin_ms", "5 ms")
    desk.set_panel(1, "zero_ms", "0.02 s")
    desk.set_panel(0, "to_ms", "60")
    desk.same_time(0)
    desk.set_panel(0, "height_mm", "")
    raster, rates = desk.asked().made().panels
    assert rates.options == {"t_ms": (0.0, 60.0), "bin_ms": 5.0}
    assert (rates.zero_ms, raster.height_mm) == (0.0, None)  # of the raster, as asked for
    with pytest.raises(ParameterError, match="height_mm"):
        desk.set_panel(0, "height_mm", "high")
    desk.move(0, 1)
    assert [p.plot for p in desk.panels] == ["rates", "raster"]
    desk.remove(0)
    assert [p.plot for p in desk.panels] == ["raster"]


def test_a_figure_that_cannot_be_is_told_as_the_library_tells_it(tmp_path):
    asked = FigureAsked({"width_mm": 10.0}, (PanelAsked(str(tmp_path), "raster"),))
    with pytest.raises(ParameterError, match="width_mm = 10"):
        asked.made()
    fields = {
        "width": "half", "axis": "axis", "spikes": UNMARKED, **dict.fromkeys(NUMBERS)
    }  # fmt: skip
    panel = Sent("Raster", Copy(tmp_path, 50.0, lambda: None), "raster", fields=fields)
    assert panel.asked().options == {"t_ms": (0.0, 50.0)}


@pytest.mark.browser
@pytest.mark.slow  # a simulation, and a process that loads all that draws
def test_a_figure_3_of_two_panels_at_85_mm(server, open_page, tmp_path):
    page = open_page(f"{server.url}/cuba")
    state(page, "ready")
    press(page, "run")
    until(lambda: page.evaluate(CLOCK)[0] > 1000)
    press(page, "pause")
    state(page, "paused")
    for card in ("raster", "rates"):
        look_at(page, card)
        press(page, f"to-figure-{card}")
        page.get_by_text(f"{card.title()} is panel").first.wait_for()
    page.get_by_role("tab", name="Figure").click()
    page.locator(".wb-figure img").wait_for()
    size = page.locator(".wb-figure .said")
    before = size.inner_text()
    box = page.get_by_label("Height (mm) of panel b")
    box.fill("28")
    box.press("Enter")
    until(lambda: size.inner_text() != before)
    box.fill("tall")
    box.press("Enter")
    page.get_by_role("alert").filter(has_text="height_mm").wait_for()
    box.fill("28")
    box.press("Enter")
    # On the page it is as wide as on paper: 85 mm of CSS, 96 pixels an inch.
    width = page.locator(".wb-figure img").bounding_box()["width"]
    assert width == pytest.approx(85 / 25.4 * 96, abs=1.5)
    with page.expect_download() as caught:
        page.locator(".wb-figure-pdf").first.click()
    caught.value.save_as(tmp_path / "figure.pdf")
    (paper,) = PdfReader(tmp_path / "figure.pdf").pages
    assert float(paper.mediabox.width) / 72 * 25.4 == pytest.approx(85, abs=0.01)
    sizes = set()
    paper.extract_text(visitor_text=lambda text, cm, tm, font, pt: text.strip() and sizes.add(pt))
    assert min(sizes) >= 6
    for font in paper["/Resources"]["/Font"].values():
        (descendant,) = font.get_object()["/DescendantFonts"]
        assert "/FontFile2" in descendant.get_object()["/FontDescriptor"].get_object()
    with page.expect_download() as caught:
        page.locator(".wb-figure-zip").first.click()
    caught.value.save_as(tmp_path / "figure.zip")
    with zipfile.ZipFile(tmp_path / "figure.zip") as archive:
        archive.extractall(tmp_path / "figure")
    again = open_figure_page(tmp_path / "figure" / "figure.toml")
    assert again.panels[1].height_mm == 28
    assert "seed 1" in again.caption()
