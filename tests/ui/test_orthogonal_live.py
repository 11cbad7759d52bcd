"""The live plots of orthogonal projection, fed with the frames of a run that nobody looked at."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from models.orthogonal_projection.tasks import accuracies, tasks_of
from panels import orthogonal_projection
from panels.orthogonal_projection import EVERY_MS, LATERAL, READOUTS
from workbench.model import registry

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:Both 'variant':PendingDeprecationWarning"),
]


def the_page(model):
    nothing = (
        "on_info", "on_frames", "on_reset", "on_dark", "show_before", "draw_with", "do", "later",
    )  # fmt: skip
    return SimpleNamespace(
        model=model, model_class=type(model), values=model.values(), interventions=[],
        **dict.fromkeys(nothing, lambda _act: None),
    )  # fmt: skip


def test_curves_have_values_of_every_task_however_rarely_they_are_drawn():
    model = registry.load("orthogonal-projection", samples=400, n_tasks=3)
    added = orthogonal_projection.extend(explorer := the_page(model))
    cards = orthogonal_projection.Projection(explorer)
    with model.start(paused=True, engine="numpy", speed=None, duration_ms=1200) as session:
        assert session.wait(60, until="ready"), session.status()
        session.follow_weights(added.followed)
        session.resume()
        assert session.wait(120)
        frames = session.frames()
        run = session.stop()
    cards._frames(frames, 1200.0)
    cards.draw()  # once, when all is over
    for name, plot in zip(READOUTS, ("with", "without"), strict=True):
        data = {k: s.data for k, s in cards.plots[plot].sources.items()}
        shown = np.asarray(data["t0"]["x"])
        assert len(shown) >= 12 and np.diff(shown).max() <= 2 * EVERY_MS / 1000 + 1e-9
        assert not np.isnan(data["t2"]["y"]).any() and len(data["t3"]["x"]) == 0
        # The last value is not invented: it is near that of the weights at the end.
        last = accuracies(run.weight_matrix(f"{name}"), tasks_of(model))
        assert abs(data["t2"]["y"][-1] - last[2]) < 15
    lateral = cards.plots["circuit"].sources["free"].data
    assert np.ptp(lateral["x"]) > 0.9 and not np.isnan(lateral["y"]).any()


def test_a_line_does_not_reach_over_what_is_not_known():
    model = registry.load("orthogonal-projection", samples=4000)
    cards = orthogonal_projection.Projection(the_page(model))
    w = np.zeros((1, 10, 64), np.float32)
    for t_ms in (0.0, 100.0, 5000.0, 5100.0):
        followed = dict.fromkeys(READOUTS, (np.array([t_ms]), w))
        followed[LATERAL] = (np.array([t_ms]), np.zeros((1, 52, 64), np.float32))
        frame = SimpleNamespace(followed=followed, weights={}, state_t=[])
        cards._frames([frame], t_ms)
    cards.draw()
    y = np.asarray(cards.plots["with"].sources["t0"].data["y"])
    assert np.flatnonzero(np.isnan(y)).tolist() == [2] and len(y) == 5


def test_tasks_have_one_number_in_legend_and_control():
    model = registry.load("orthogonal-projection")
    cards = orthogonal_projection.Projection(the_page(model))
    for half in ("with", "without"):
        labels = [item.label["value"] for item in cards.plots[half].root.legend[0].items]
        assert labels[:3] == ["task 0", "1", "2"]
        assert cards.plots[half].root.xaxis[0].axis_label == "pictures shown (1,000)"
    assert cards.plots["without"].root.title.text == "Without it"
