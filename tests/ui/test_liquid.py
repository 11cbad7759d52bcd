"""The liquid's own cards: frames in; samples, branching and guesses out. Nothing is simulated."""

from __future__ import annotations

import time
from types import SimpleNamespace

import numpy as np
import pytest
from bokeh.models import Label

from models.astrocyte_lsm import AstrocyteLSM
from models.astrocyte_lsm.wiring import wiring
from panels.model_plots.liquid import AstrocytePicture, BranchingPicture, WeightPicture, digit_html
from panels.model_plots.liquid_samples import FIRST_FIT, Readout, Samples
from panels.model_plots.recall_quality import RecallQuality
from panels.widgets.budget import Budget
from workbench.engine.frames import Frame
from workbench.measures import branching_factor

N, STEPS, OFFSET = 64, 100, 40


def frame(t_ms: int, steps, units, picture: float) -> Frame:
    state_t = np.arange(t_ms - 50, t_ms, dtype=float)
    return Frame(
        tick=t_ms, t_ms=t_ms, steps=np.asarray(steps, np.int64), units=np.asarray(units, np.int32),
        state_t=state_t,
        states={
            "input.picture": np.full((50, 3), picture),
            "astrocyte.A": np.linspace(0.1, 0.2, 50)[:, None],
        },
        weights={}, counters={},
    )  # fmt: skip


def test_frames_are_cut_into_samples():
    wires = wiring(AstrocyteLSM(n_neurons=N, n_inputs=OFFSET).values())
    samples = Samples(wires, N, OFFSET, STEPS)
    samples.labels = np.array([3, 8])
    rng = np.random.default_rng(0)
    step = np.sort(rng.integers(0, 200, 2000))
    unit = rng.integers(0, OFFSET + N, 2000)
    ended = []
    for t in (50, 100, 150, 200):
        mine = (step >= t - 50) & (step < t)
        ended += samples.take([frame(t, step[mine], unit[mine], float(t > 100))])
    assert [(s.end_ms, s.picture, s.label) for s in ended] == [(100, 0, 3), (200, 1, 8)]
    for k, sample in enumerate(ended):
        mine = (step // STEPS == k) & (unit >= OFFSET)
        wanted = branching_factor(
            step[mine] - k * STEPS, unit[mine] - OFFSET, wires.liquid_pre, wires.liquid_post, N,
            STEPS,
        )  # fmt: skip
        assert sample.factor == wanted and sample.guess is None


def test_one_frame_may_hold_several_samples():
    wires = wiring(AstrocyteLSM(n_neurons=N, n_inputs=OFFSET).values())
    whole = Samples(wires, N, OFFSET, 10)
    step = np.repeat(np.arange(50), 3)
    ended = whole.take([frame(50, step, OFFSET + np.arange(150) % N, 0)])
    assert [s.end_ms for s in ended] == [10, 20, 30, 40, 50]


def test_a_sample_of_which_spikes_are_missing_is_not_judged():
    wires = wiring(AstrocyteLSM(n_neurons=N, n_inputs=OFFSET).values())
    samples = Samples(wires, N, OFFSET, 10)
    samples.labels = np.array([3])
    step = np.arange(50)
    one = frame(50, step[step >= 25], OFFSET + step[step >= 25] % N, 0)
    one.missing = (12, 25)  # in the second and third
    seen = [s.factor is not None for s in samples.take([one])]
    assert seen == [True, False, False, True, True]
    assert len(samples._readout._seen) == 3


def test_where_samples_come_too_fast_not_all_are_looked_at(monkeypatch):
    wires = wiring(AstrocyteLSM(n_neurons=N, n_inputs=OFFSET).values())
    samples = Samples(wires, N, OFFSET, 10)
    samples._budget = Budget(0.0, 1e-9)  # enough to begin with one
    ended = samples.take([frame(50, np.arange(50), OFFSET + np.arange(50) % N, 0)])
    assert [s.factor is None for s in ended] == [False, True, True, True, True]


def test_the_readout_guesses_before_it_is_reported():
    readout, rng = Readout(), np.random.default_rng(1)
    rates = rng.gamma(1, 5, (2, 30))
    guesses = []
    for k in range(FIRST_FIT + 60):
        label = k % 2
        guesses.append(readout.guess_then_learn(rng.poisson(rates[label]), label))
        if k == FIRST_FIT:
            until = time.monotonic() + 120
            while readout._model is None:
                assert time.monotonic() < until, "it was not fitted"
                time.sleep(0.02)
    assert guesses[:FIRST_FIT] == [None] * FIRST_FIT
    later = guesses[FIRST_FIT + 1 :]
    right = sum(g == (k + FIRST_FIT + 1) % 2 for k, g in enumerate(later))
    assert right > 0.9 * len(later)


def test_the_astrocyte_is_drawn_in_bins_of_its_own():
    picture = AstrocytePicture()
    one = frame(50, np.repeat([0, 12], 20), np.tile([10, 50], 20), 0)
    picture.take([one], (OFFSET, OFFSET + N), (0, OFFSET), 50)
    picture.draw(50, 0.15)
    assert picture.source.data["t"].tolist() == [0.005, 0.015, 0.025, 0.035, 0.045]
    assert picture.source.data["A_plus"].tolist() == [0.15] * 5
    assert np.allclose(picture.source.data["A"], np.linspace(0.1, 0.2, 50).reshape(5, 10).mean(1))
    # Ten spikes each of liquid and input in the first bin of 10 ms, and in the second.
    assert picture.drive.data["liquid"].tolist() == [1.0, 1.0, 0.0, 0.0, 0.0]
    assert picture.drive.data["input"].tolist() == [1.0, 1.0, 0.0, 0.0, 0.0]


def test_branching_keeps_the_latest_samples_and_says_who_worked():
    picture = BranchingPicture()
    assert picture.in_words() == ""
    for k in range(65):
        picture.add(250.0 * k, 1.0 + 0.1 * (k % 2), astrocyte=True)
    # Of five times 1.0 and 1.1: the deviation is 0.05 sqrt(10/9), its error that over sqrt(10).
    assert picture.in_words() == "mean of the last 10: 1.05 ± 0.02 (standard error)"
    for k in range(65, 70):  # no mean of samples with and without the astrocyte
        picture.add(250.0 * k, 1.0 + 0.1 * (k % 2), astrocyte=False)
        assert (picture.in_words() == "") == (k < 67)
    picture.draw()
    assert picture.root.title.text.startswith("mean of the last 5: ")
    data = picture.source.data
    assert len(data["t"]) == 60
    at_work, off = (np.isfinite(data[kind]) for kind in BranchingPicture.KINDS)
    assert at_work.tolist() == [True] * 55 + [False] * 5 and off.tolist() == (~at_work).tolist()
    named = [item.label.value for item in picture.root.legend[0].items]
    assert named == ["1: edge of chaos", *BranchingPicture.KINDS]
    x = picture.root.x_range
    assert x.start < data["t"][0] and data["t"][-1] < x.end
    for dark in (False, True):
        picture.set_dark(dark)
        assert len({dots.glyph.fill_color for dots in picture._dots}) == 2


def test_weights_are_counted():
    picture = WeightPicture()
    picture.show({"input_synapses": np.array([-3.0, -3.0, 0.01, 2.99])}, 3.0)
    data = picture._sources[0].data
    assert data["share"][0] == 0.5 and data["share"][-1] == 0.25 and sum(data["share"]) == 1
    assert len(picture._sources[1].data["w"]) == 0


@pytest.mark.parametrize(
    ("make", "fill"),
    [
        (WeightPicture, lambda p: p.show({"input_synapses": np.array([0.5])}, 3.0)),
        (RecallQuality, lambda p: p.show([a_recall(1.0, 0.5)])),
    ],
)
def test_a_plot_without_data_says_what_will_come(make, fill):
    picture = make()
    (label,) = picture.root.select({"type": Label})
    assert label.visible and "here" in label.text
    assert not any(part.visible for part in (*picture.root.axis, *picture.root.legend))
    fill(picture)
    assert not label.visible
    assert all(part.visible for part in (*picture.root.axis, *picture.root.legend))


def a_recall(precision, recall):
    return SimpleNamespace(
        is_recall=True, state="correct", tick=30, precision=precision, recall=recall
    )


def test_a_digit_is_drawn_with_words():
    drawn = digit_html(np.eye(2), "seven")
    assert drawn.count("<rect") == 2 and "seven" in drawn and 'viewBox="0 0 2 2"' in drawn
