"""The parts of the circuit with orthogonal projection that need no simulation."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from models.orthogonal_projection import OrthogonalProjection, StartTask
from models.orthogonal_projection.experiments.forgetting import compare, scores
from models.orthogonal_projection.tasks import (
    accuracies,
    captured,
    captured_of,
    most_captured,
    rows_of,
    tasks,
)
from workbench.errors import ParameterError


def test_each_task_has_the_same_pictures_with_pixels_in_another_order():
    given = tasks(3, 5)
    assert given.train.shape == (3, 1297, 64) and given.test.shape == (3, 500, 64)
    assert given.orders[0].tolist() == list(range(64))
    for k in range(3):
        assert sorted(given.orders[k]) == list(range(64))
        assert np.array_equal(given.test[k], given.test[0][:, given.orders[k]])
    assert not np.array_equal(given.orders[1], given.orders[2])
    assert sorted(given.train_labels[0]) == sorted(given.train_labels[2])
    assert not np.array_equal(given.orders, tasks(3, 6).orders)


def test_rows_belong_to_the_tasks_in_turn():
    assert rows_of(3, 2, 3).tolist() == [0, 0, 0, 1, 1, 2, 2]
    assert rows_of(2, 0, 3).tolist() == [0, 0]


def test_principal_components_hold_most_and_all_directions_everything():
    x = np.random.default_rng(1).standard_normal((200, 6)) * [5, 3, 1, 1, 1, 1]
    axes = np.linalg.svd(x, full_matrices=False)[2]
    assert captured(axes[:2], x) == pytest.approx(most_captured(2, x))
    assert captured(axes[4:], x) < most_captured(2, x)
    assert captured(np.eye(6), x) == pytest.approx(1) and captured(np.zeros((0, 6)), x) == 0


def test_what_is_captured_follows_from_the_gram_matrix():
    rng = np.random.default_rng(3)
    x = rng.standard_normal((200, 12))
    for H in (rng.standard_normal((5, 12)), rng.standard_normal((20, 12)), np.zeros((0, 12))):
        assert captured_of(H, x.T @ x) == pytest.approx(captured(H, x))


def test_weights_that_know_the_labels_read_rightly():
    given = tasks(2, 0)
    w = np.linalg.lstsq(given.test[0], np.eye(10)[given.test_labels], rcond=None)[0].T
    first, second = accuracies(w, given)
    assert first > 90 and second < 50


def test_a_task_that_is_not_there_cannot_be_begun():
    model = OrthogonalProjection()
    with pytest.raises(ParameterError, match="has the tasks 0 to 4"):
        StartTask(task=5).check(model)
    writes = StartTask(task=2).writes(model, 7)
    assert {w.value for w in writes} == {7999.0} and len(writes) == 4


def made_up(orders: int):
    """Two tasks of 10 pictures: with projection the first is kept, without it is lost."""
    accuracy = np.full((orders, 2, 4, 2), 50.0)
    accuracy[:, :, 1, 0] = 90.0  # when the first task was learnt
    accuracy[:, 0, 3] = [80.0, 70.0]
    accuracy[:, 1, 3] = [20.0, 90.0]
    accuracy += np.arange(orders)[:, None, None, None]
    return xr.Dataset(
        {"accuracy": (("seed", "projection", "shown", "task"), accuracy),
         "protected": (("seed", "task"), np.full((orders, 2), 0.95))},
        coords={"seed": np.arange(orders), "projection": ["with", "without"],
                "shown": [5, 10, 15, 20], "task": [0, 1]},
        attrs={"samples": 10},
    )  # fmt: skip


def test_forgetting_is_what_was_lost_since_a_task_was_learnt():
    found = scores(made_up(3))
    assert found["final"][0].tolist() == [75, 55]
    assert found["lost"][0].tolist() == [-10, -70]
    assert found["last"][0].tolist() == [70, 90]
    final, lost, room = compare(made_up(3))
    assert final.agrees and lost.agrees and room.agrees
    assert "by 60.0 ± 0.0 points, 3 orders, paired" in lost.note


def test_orders_that_were_not_reached_do_not_count():
    data = made_up(3)
    data.accuracy[2] = np.nan
    assert len(scores(data)["final"]) == 2
    data.accuracy[:] = np.nan
    assert compare(data) == []
