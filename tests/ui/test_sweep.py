"""The Sweep tab without a browser and without workers: what is asked, shown and opened."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from panels.parts import save_dialog
from panels.tabs import sweep as tab
from panels.tabs.sweep import Sweep, place_of
from workbench.palette import population_colors

from .fakes import INFO, TwoGroups

pytestmark = pytest.mark.filterwarnings("ignore:Both 'variant':PendingDeprecationWarning")


class FakeBackground:
    """Remembers what it is asked; ``news`` is the workers' part."""

    made: list[FakeBackground] = []

    def __init__(self, design, path, workers):
        self.design, self.path, self.workers = design, path, workers
        self.news: list[tuple] = []
        self.stopped = False
        FakeBackground.made.append(self)

    def finish(self, k, done, total, error=""):
        cell = {"dims": ["population"], "coords": {"population": ["exc", "inh"]}, "units": "Hz",
                "data": [float(k), 2.0 * k]}  # fmt: skip
        outcome = {"k": k, "seed": k, "engine": "numpy", "wall_s": 0.1, "error": error,
                   "cells": {} if error else {"mean_rate": cell}}  # fmt: skip
        self.news.append(("progress", "running", done, total, int(bool(error)), outcome))

    def poll(self):
        news, self.news = self.news, []
        return news

    def stop(self):
        self.stopped = True


@pytest.fixture
def opened():
    return []


@pytest.fixture
def saved():
    return []


@pytest.fixture
def page(monkeypatch, opened, saved):
    FakeBackground.made.clear()
    monkeypatch.setattr(tab, "Background", FakeBackground)
    monkeypatch.setattr(tab, "DRAW_EVERY_S", 0.0)
    found = Sweep(
        TwoGroups, lambda: {"tau_m": 12.0, "n_exc": 20}, lambda: "numpy", lambda do: do(),
        opened.append, lambda *offered: saved.append(offered),
        lambda dark: population_colors(INFO.populations, dark=dark),
    )  # fmt: skip
    found.build()
    found.plot._loader.join()
    return found


def test_it_offers_the_range_of_the_slider(page):
    x = page.axes[0]
    assert (x.name, x.low.value, x.high.value) == ("tau_m", "1", "50")
    x.choice.value = "n_exc"
    assert (x.low.value, x.high.value) == ("5", "50")
    assert page.axes[1].low.visible is False


def test_the_fields_become_a_sweep_and_the_rest_is_as_in_the_column(page):
    page.axes[0].high.value, page.axes[0].count.value = "5 ms", "5"
    page.start()
    (job,) = FakeBackground.made
    assert job.design.vary == {"tau_m": (1, 2, 3, 4, 5)}
    assert job.design.model.values() == {
        "tau_m": 10.0,
        "n_exc": 20,
        "dt_ms": 0.1,
    }  # tau_m itself is varied
    assert job.design.repeats == 2
    assert job.design.engine == "numpy"
    assert job.path == place_of(job.design.settings(), "two-groups")
    assert page.start_button.disabled
    assert page.stop_button.visible
    page.start()  # one at a time
    assert len(FakeBackground.made) == 1


def test_everybody_who_logs_in_has_a_folder_of_their_own_for_the_same_sweep(monkeypatch):
    monkeypatch.setattr(tab, "Background", FakeBackground)
    FakeBackground.made.clear()
    for name in ("anna", "ben"):
        monkeypatch.setattr(tab, "visitor", lambda name=name: SimpleNamespace(name=name))
        own = Sweep(TwoGroups, dict, lambda: "numpy", lambda do: do(), print, print)
        own.build()
        own.start()
    anna, ben = (job.path for job in FakeBackground.made)
    assert anna.name == ben.name
    assert (anna.parent.name, ben.parent.name) == ("anna", "ben")


@pytest.mark.parametrize(
    ("low", "second", "message"),
    [("0", "—", "TwoGroups.tau_m = 0 ms is not allowed: it must be at least 0.1 ms."),
     ("1", "tau_m", "tau_m is chosen twice: choose two parameters."),
     ("9**9**9", "—", "&#x27;9**9**9&#x27; cannot be read: nothing is calculated here"),
     ("1,5", "—", "it has a decimal comma; did you mean &#x27;1.5&#x27;?"),
     ("1:2", "—", "cannot be read: write from:to:count")],
)  # fmt: skip
def test_what_cannot_be_is_reported_and_nothing_starts(page, low, second, message):
    page.axes[0].low.value, page.axes[1].choice.value = low, second
    page.start()
    assert message in page.message.object
    assert FakeBackground.made == []


@pytest.mark.parametrize(
    ("duration", "message"),
    [("9**9**9", "nothing is calculated here"), ("0,5", "did you mean &#x27;0.5&#x27;?"),
     ("0", "it must be above 0"), ("", "write a number in ms, such as &#x27;500 ms&#x27;")],
)  # fmt: skip
def test_a_duration_that_cannot_be(page, duration, message):
    page.duration.value = duration
    page.start()
    assert message in page.message.object
    assert FakeBackground.made == []
    page.duration.value = "0.2 s"
    assert page.design().duration_ms == 200


@pytest.mark.parametrize(
    ("field", "text", "message"),
    [("repeats", "1,5", "did you mean &#x27;1.5&#x27;?"), ("repeats", "", "Repeats"),
     ("workers", "0", "Workers = 0 is not allowed: at least 1."),
     ("count", "2.5", "Values must be a whole number; got &#x27;2.5&#x27;")],
)  # fmt: skip
def test_a_whole_number_that_cannot_be(page, field, text, message):
    getattr(page.axes[0] if field == "count" else page, field).value = text
    page.start()
    assert message in page.message.object
    assert FakeBackground.made == []


def test_the_plot_grows_and_a_click_opens_the_nearest_point(page, opened):
    page.axes[0].high.value, page.axes[0].count.value = "5", "5"
    page.start()
    (job,) = FakeBackground.made
    for k in range(10):
        job.finish(k, k + 1, 10, "it broke" if k == 9 else "")
        page.poll()
        if k == 0:
            assert len(page.plot.view) == 1
            pane = page.plot.view[0]
    assert page.plot.view[0] is pane  # it was updated, not made anew
    assert "10 of 10 runs · 1 failed" in page.message.object
    assert page.label.options == ["all populations", "exc", "inh"]
    page.plot.pick(3.4, 0.0)
    assert opened == [{"tau_m": 3.0}]
    page.set_dark(True)
    assert page.plot.view[0] is not pane
    job.news.append(("done", "finished"))
    page.poll()
    assert "finished: 10 runs · 1 failed: it broke" in page.message.object
    assert page.files.visible
    assert not page.start_button.disabled


def test_two_parameters_make_a_heat_map(page, opened):
    import holoviews as hv

    page.axes[1].choice.value = "n_exc"
    page.axes[0].count.value, page.axes[1].count.value, page.repeats.value = "3", "2", "1"
    page.start()
    (job,) = FakeBackground.made
    assert job.design.shape == (3, 2, 1)
    job.finish(0, 1, 6)
    page.poll()
    drawn = page.plot.view[0].object[()]
    assert isinstance(drawn, hv.QuadMesh)
    assert page.label.options == ["exc", "inh"]
    page.plot.pick(49.0, 44.0)
    assert opened == [{"tau_m": 50.0, "n_exc": 50}]


def test_stop_and_leaving_the_page_end_it(page):
    page.start()
    (job,) = FakeBackground.made
    page.stop()
    assert job.stopped
    job.news.append(("done", "stopped"))
    page.poll()
    assert "Start goes on from here" in page.message.object
    page.start()
    page.end()
    assert FakeBackground.made[1].stopped


def test_the_plot_is_saved_as_it_is_seen(page, saved):
    page.axes[0].high.value, page.axes[0].count.value = "5", "5"
    page.start()
    assert not page.save_button.visible
    (job,) = FakeBackground.made
    for k in range(10):
        job.finish(k, k + 1, 10)
    page.poll()
    assert page.save_button.visible
    page.label.value = "inh"
    page.save()
    ((title, draw),) = saved
    assert title == "Sweep mean rate"
    lines = [r for r in draw("csv", 85).decode().splitlines() if not r.startswith("#")]
    assert lines[0].split(",") == ["tau_m", "repeat", "population", "mean_rate"]
    rows = [r.split(",") for r in lines[1:]]
    assert {r[2] for r in rows} == {"inh"} and len(rows) == 10
    assert sorted(float(r[3]) for r in rows) == [2.0 * k for k in range(10)]
    drawn = draw("svg", 85).decode()
    assert 'width="85mm"' in drawn and "Mean rate (Hz)" in drawn
    assert "two-groups" in drawn  # what was swept is written into the file
    for value in ("exc", "all populations"):
        page.label.value = value
        page.save()
    one, several = (d("svg", 85).decode().lower() for _, d in saved[-2:])
    assert len(several) > len(one)
    exc, inh = (c.lower() for c in population_colors(INFO.populations).values())
    assert exc in one and inh not in one and exc in several and inh in several


def test_a_file_is_made_of_what_is_no_run(monkeypatch):
    def no_run():
        raise AssertionError("it is not asked for")

    async def at_once(function, *args):
        return function(*args)

    monkeypatch.setattr(save_dialog, "elsewhere", at_once)
    saving = save_dialog.SaveDialog("two-groups", no_run)
    saving.open_drawn("Sweep mean rate", lambda fmt, mm: f"{fmt} {mm:g}".encode())
    shown = [fmt for fmt, button in saving.files.items() if button.visible]
    assert shown == ["svg", "pdf", "png", "csv"]
    assert asyncio.run(saving.files["pdf"].callback()).getvalue() == b"pdf 85"
    assert saving.files["pdf"].filename == "two-groups-sweep-mean-rate.pdf"
