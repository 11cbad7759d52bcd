"""Action potentials shorter than a tick keep their height: live, stored, in CSV and in figures."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from recording_models import HodgkinHuxley

from workbench import open_run
from workbench.figures.csv import csv_text
from workbench.plots.registry import live_views, plot_kind
from workbench.recordings import Recording

DURATION_MS = 120.0


def peaks(values):
    """The highest value of each stretch above -20 mV."""
    values = np.asarray(values, float)
    above = values > -20
    cuts = np.flatnonzero(np.diff(above.astype(int))) + 1
    parts = zip(np.split(values, cuts), np.split(above, cuts), strict=True)
    return [part.max() for part, up in parts if up[0]]


def of_csv(run, name):
    rows = [line for line in csv_text(run, "traces", name=name).splitlines() if line[0] != "#"]
    table = list(csv.DictReader(rows))
    column = next((c for c in table[0] if c.startswith(f"{name}[0]_highest")), f"{name}[0]_mV")
    return [float(row[column]) for row in table]


def of_figure(run, name):
    drawn = plot_kind("traces").element(run, name=name)
    return next(iter(drawn)).dimension_values("value")


def of_live(info, frames, name):
    view = live_views(info, colors={"hh": "#332288"}, window_ms=DURATION_MS)["traces"]
    view.update(frames, DURATION_MS)
    view.select(name)
    view._draw()
    return view._lines.data["ys"][0]


@pytest.mark.parametrize(
    "record", [{"hh.v": Recording([0], every_ms=0.1)}, pytest.param(None, marks=pytest.mark.slow)]
)
def test_all_action_potentials_are_as_high_everywhere(record, tmp_path):
    truth = HodgkinHuxley().run(
        DURATION_MS, engine="numpy", record={"hh.v": Recording([0], every_ms=0.1)}
    )
    expected = peaks(truth.samples("hh.v").values[:, 0])
    assert len(expected) >= 8
    # Samples at ticks alone miss most of them.
    assert min(expected) > 40
    assert min(peaks(truth.samples("hh.v").values[::10, 0])) < 30
    with HodgkinHuxley().start(
        engine="numpy", speed=None, duration_ms=DURATION_MS, record=record,
        store=tmp_path / "run.zarr",
    ) as session:  # fmt: skip
        frames = []
        while not session.wait(0.1):
            frames += session.frames()
        frames += session.frames()
        session.stop()
    run = open_run(tmp_path / "run.zarr")
    stored = run.samples("hh.v")
    highest = stored.values if stored.high is None else stored.high
    for found in (
        highest[:, 0],
        of_csv(run, "hh.v"),
        of_figure(run, "hh.v"),
        of_live(session.info, frames, "hh.v"),
    ):
        assert peaks(found) == pytest.approx(expected, abs=1.0)
