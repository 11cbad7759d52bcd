"""A recording beside a simulation that runs: on the page, in its plots, as its input."""

from __future__ import annotations

import dataclasses
import time

import numpy as np
import pytest

from panels.parts import recording_card, save_dialog
from panels.parts.page_cards import last_cards
from panels.parts.recording_card import NOTHING
from panels.parts.save_dialog import CARD
from tests.ui.fakes import INFO, FakeSession, TwoGroups, frame
from tests.ui.test_explorer import page  # noqa: F401
from tests.ui.test_journey import CLOCK, look_at, press, state, until
from workbench.formats.spikes import LiveBeside, RecordedSpikes
from workbench.network import Population, Recordable
from workbench.recordings import Recording

pytestmark = pytest.mark.filterwarnings("ignore:Both 'variant':PendingDeprecationWarning")

# Spikes of the first five neurons, in_cue, as the raster has them.
OF_UNITS = """() => {
  for (const doc of Bokeh.documents) for (const m of doc._all_models.values())
    if (m.data?.unit?.length && m.data?.pop)
      return [...m.data.unit].map((u, k) => [u, m.data.t[k]]).filter(([u]) => u < 5)
  return [] }"""
SPIKES = RecordedSpikes(
    {"exc": [np.array([3.0, 25.0])], "unit": [np.array([8.04]), np.array([40.0])]}, 0.0, 50.0
)
CSV = b"population,neuron,t_ms\nunit,0,8.04\nunit,1,40\n"


@pytest.fixture
def sessions(monkeypatch):
    """Sessions made by the page under test, the latest last; their network takes input."""
    made: list[FakeSession] = []

    def start(self, **options):
        made.append(FakeSession(type(self)(**self.values()), **options))
        source = Population("source", 3, 15, "input", variables={"drive": "1"})
        made[-1].info = dataclasses.replace(INFO, populations=(*INFO.populations, source))
        made[-1].report(state="ready", engine="numpy")
        return made[-1]

    monkeypatch.setattr(TwoGroups, "start", start, raising=False)
    return made


def test_spikes_come_when_the_simulation_is_there():
    both = LiveBeside(INFO, SPIKES)
    assert [p.name for p in both.info.populations] == ["exc", "inh", "exc_recorded", "unit"]
    first, second = both.frames([frame(10.0, units=[4]), frame(30.0)])
    assert first.units.tolist() == [15, 16, 4] and first.steps.tolist() == [30, 80, 99]
    assert second.units.tolist() == [15] and second.steps.tolist() == [250]
    assert both.frames([frame(60.0)])[0].units.tolist() == [17]
    both.reset()
    assert both.frames([frame(5.0)])[0].units.tolist() == [15]


def test_raster_and_rates_show_both_and_nothing_else_does(page, sessions):  # noqa: F811
    assert "input_spikes" not in sessions[-1].options
    page.beside._take(SPIKES, "session.nwb")
    page.tick()  # the new session
    assert len(sessions) == 2 and sessions[0] is not sessions[1]
    for key, view in page.plots.views.items():
        names = [p.name for p in view.info.populations]
        assert ("unit" in names) == (key in ("raster", "rates"))
    sessions[-1].arrive(frame(10.0, units=[4]))
    page.tick()
    text = page.plots.views["raster"].describe()
    assert "exc 1 spike" in text and "exc recorded 1 spike" in text and "unit 1 spike" in text
    assert "exc (1), unit (2); 50 ms" in page.beside.message.object
    page.beside._remove()
    page.tick()
    assert [p.name for p in page.plots.views["raster"].info.populations] == ["exc", "inh", "source"]


def test_a_population_is_replayed_as_an_input(page, sessions):  # noqa: F811
    page.beside._take(SPIKES, "session.nwb")
    page.tick()
    assert page.beside.replayed.options == [NOTHING, "exc (1) by source", "unit (2) by source"]
    page.beside.replayed.value = "unit (2) by source"
    page.tick()
    (given,) = sessions[-1].options["input_spikes"].items()
    assert given[0] == "source" and [a.tolist() for a in given[1]] == [[8.0, 40.0], [0, 1]]
    page.beside.replayed.value = NOTHING
    page.tick()
    assert "input_spikes" not in sessions[-1].options


def test_what_is_recorded_and_brought_in_can_be_saved(page, sessions):  # noqa: F811
    page.beside._take(SPIKES, "session.nwb")
    page.tick()
    page.beside.replayed.value = "unit (2) by source"
    page.tick()
    record, beside, log = last_cards(page)
    assert record.can_be_saved and beside.can_be_saved and log.can_be_saved
    page.saving.card(beside)
    page.tick()
    dialog = page.saving.dialog
    assert [fmt for fmt, button in dialog.files.items() if button.visible] == ["html"]
    text = save_dialog.draw(None, CARD, "html", 85, {}, dialog._seen).decode()
    assert "session.nwb: exc (1), unit (2)" in text
    assert "Replay as the input: unit (2) by source." in text
    known = Recordable("exc.v", "mV", 10, "neurons", 0.1)
    page.recording.show_network(dataclasses.replace(INFO, recordables=(known,)))
    assert page.recording.cost.object == "Nothing is recorded yet but what the plots show."
    watched = {"exc.v": Recording((0, 1, 2))}
    page.recording.show(watched)
    assert "Nothing is recorded yet but what the plots show, 0.0" in page.recording.cost.object
    page.recording.show({"exc.v": Recording("all", "2 ms")})
    text = record.shown()
    assert "<li>exc.v, all, every 2 ms: " in text and "Recorded now: " in text


def test_a_file_is_read_elsewhere_or_refused(page):  # noqa: F811
    card = page.beside
    for name, content, said in (
        ("first.csv", CSV, "first.csv: unit (2); 41 ms."),
        ("block.pkl", CSV, "block.pkl cannot be opened: its name ends in .nwb or .csv or"),
        ("broken.csv", b"a,b\n1,2\n", "broken.csv has no column with a usual name for the spike"),
    ):
        card.file.param.update(filename=name, value=content)
        began = time.monotonic()
        while said not in card.message.object:
            assert time.monotonic() - began < 60, card.message.object
            page.tick()
            time.sleep(0.01)
        assert not card.file.loading
    assert card.recording.populations == {"unit": 2}


def test_a_file_that_takes_too_long_is_given_up(page, monkeypatch):  # noqa: F811
    monkeypatch.setattr(recording_card, "LONGEST_S", 0.0)
    card = page.beside
    card.file.param.update(filename="long.csv", value=CSV)
    began = time.monotonic()
    while "long.csv was not read within 0 s, and is given up" not in card.message.object:
        assert time.monotonic() - began < 60, card.message.object
        page.tick()
        time.sleep(0.01)
    assert not card.file.loading and card.recording is None


@pytest.mark.slow
@pytest.mark.browser
def test_in_a_browser(server, open_page, tmp_path):
    path = tmp_path / "cues.csv"
    path.write_text("population,neuron,t_ms\ncues,0,12\ncues,3,14\n")
    tab = open_page(f"{server.url}/hippocampal-cam")
    state(tab, "ready")
    look_at(tab, "beside")
    tab.locator(".wb-recording-file input[type=file]").set_input_files(path)
    tab.get_by_text("cues.csv: cues (4").wait_for()
    state(tab, "ready")
    tab.get_by_label("Replay as the input").click()
    tab.get_by_text("cues (4) by in cue", exact=True).click()
    state(tab, "ready")
    look_at(tab, "raster")
    press(tab, "run")
    state(tab, "running")
    until(lambda: tab.evaluate(CLOCK)[0] > 30)
    # The input's two spikes are those of the recording, each at its tick.
    until(lambda: tab.evaluate(OF_UNITS) == [[0, 12], [3, 14]])
