"""Tasks on long sequences: what is asked for, and cells of one size."""

from __future__ import annotations

import numpy as np
import pytest

from models.elm_neuron.data.shd_adding import adding_of
from models.elm_neuron.experiments.long_range import LONG_RANGE, adding, copy, task_of
from models.elm_neuron.training.cells import elm, leaky, lstm, of_size
from workbench.errors import ParameterError, UnknownName


class Recordings:
    """Three recordings of one event each, at 100, 300 and 1200 ms; labels 7, 13 (3) and 5."""

    t_ms = np.array([100.0, 300.0, 1200.0])
    unit = np.array([0, 1, 2])
    start = np.array([0, 1, 2, 3])
    labels = np.array([7, 13, 5])
    n_units = 3


def test_adding_asks_for_the_two_that_are_marked():
    x, y = adding(np.random.default_rng(1), 20, 50)
    assert np.array_equal(x[..., 1].sum(0), np.full(50, 2))
    assert np.array_equal(x[:10, :, 1].sum(0), np.ones(50))
    assert y == pytest.approx((x[..., 0] * x[..., 1]).sum(0))
    # The variance of the sum of two uniform numbers is 1/6: that is what saying 1 costs.
    assert np.mean((adding(np.random.default_rng(1), 4, 40_000)[1] - 1) ** 2) == pytest.approx(
        1 / 6, abs=0.003
    )


def test_copy_asks_for_the_symbol_at_a_place():
    x, y = copy(np.random.default_rng(1), 30, 40)
    place = x[-1, :, 8:].argmax(-1)
    assert np.array_equal(x[place, np.arange(40), :8].argmax(-1), y)
    assert x[5:-1].sum() == 0


def test_two_spoken_digits_follow_one_another():
    draw = adding_of(Recordings())
    x, y = draw(np.random.default_rng(0), 20, 64)  # bins of 100 ms
    for b in range(64):
        at = np.argwhere(x[:, b])
        first = [u for t, u in at if t < 10]
        second = [u for t, u in at if t >= 10]
        # The event at 1200 ms is too late to be heard; its digit, 5, counts all the same.
        digits = [{0: 7, 1: 3}.get(part[0] if part else 2, 5) for part in (first, second)]
        assert y[b] == sum(digits)
        assert all((t % 10, u) in ((1, 0), (3, 1)) for t, u in at)
    with pytest.raises(ParameterError, match="give an even number"):
        draw(np.random.default_rng(0), 7, 1)


def test_an_unknown_task_is_refused():
    with pytest.raises(UnknownName, match=r"Unknown task: 'ading'\. Did you mean 'adding'\?"):
        task_of("ading")


def test_cells_have_the_same_number_of_weights():
    pytest.importorskip("jax")
    counts = [of_size(c, 2, 1, 100.0, 1500).n_parameters() for c in (elm, lstm, leaky)]
    assert all(1350 <= n <= 1500 for n in counts)
    # d = 15: w_s 2, W_b 60, W_m 450, c_in 30, W_o 450, c_o 15, W_y 15, c_y 1.
    assert elm(2, 1, 15, 100.0).n_parameters() == 1023


@pytest.mark.slow
def test_what_was_learned_is_reported(monkeypatch):
    pytest.importorskip("jax")
    data = LONG_RANGE.run(None, lengths=(8,), weights=60, steps=25, minutes=1.0)
    assert data.steps.values.tolist() == [[25], [25], [25]]
    assert (data.error.values < 1.5).all()
    (line,) = LONG_RANGE.compare(data)
    assert line.ours == float(data.error.sel(cell="ELM", length=8))
    assert "LSTM" in line.note
