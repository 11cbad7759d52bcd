"""The parts of the network with symmetric STDP that need no simulation."""

from __future__ import annotations

import struct
from types import SimpleNamespace

import numpy as np
import pytest

from models._shared.tiles import GAP, columns_of, tiled
from models.symmetric_stdp import ForgetReadout, Show, SymmetricSTDP
from models.symmetric_stdp.answers import (
    RECORD,
    SAMPLED_MS,
    Answers,
    accuracy,
    answers,
    class_means,
    gini,
    read_by_means,
)
from models.symmetric_stdp.experiments.classify import THIRD_PARTY, compare
from models.symmetric_stdp.experiments.learning import MODES, READ
from models.symmetric_stdp.fields import painted, preferred, rgb
from models.symmetric_stdp.pictures import pictures
from workbench.errors import ParameterError

LENGTH = 500


def idx(path, array):
    sizes = struct.pack(f">{array.ndim}I", *array.shape)
    path.write_bytes(b"\0\0\x08" + bytes([array.ndim]) + sizes + array.astype(np.uint8).tobytes())


@pytest.fixture
def small_mnist(tmp_path, monkeypatch):
    """A folder with 30 and 20 pictures in MNIST's format, in place of the real one."""
    from workbench.data import idx as files

    rng = np.random.default_rng(1)
    folder = tmp_path / "mnist"
    folder.mkdir()
    for part, n in (("train", 30), ("t10k", 20)):
        idx(folder / f"{part}-images-idx3-ubyte", rng.integers(0, 256, (n, 28, 28)))
        idx(folder / f"{part}-labels-idx1-ubyte", rng.integers(0, 10, n))
    monkeypatch.setenv("WORKBENCH_DATA", str(tmp_path))
    monkeypatch.setattr(files, "_MNIST_RAW", {})
    yield folder
    pictures.cache_clear()


def test_pictures_of_both_data_sets_have_the_greys_of_the_source(small_mnist):
    from models.symmetric_stdp.pictures import _parts

    _parts.cache_clear()
    digits, mnist = pictures("digits", 1297, 500), pictures("mnist", 25, 20)
    assert digits.grey.shape == (1797, 64) and digits.grey.max() == 255
    assert mnist.grey.shape == (45, 784) and mnist.grey.max() == 255
    assert (digits.n_train, digits.n_test, mnist.n_train, mnist.n_test) == (1297, 500, 25, 20)
    with pytest.raises(ParameterError, match="n_train = 31 is not possible: mnist has 30"):
        pictures("mnist", 31, 20)
    _parts.cache_clear()


def a_run(numbers, picture, spikes):
    """What `answers` needs of a run: presentations with these numbers and pictures."""
    t_ms = np.arange(0, len(numbers) * LENGTH, SAMPLED_MS)
    at = (t_ms // LENGTH).astype(int)
    known = {
        "number": np.array(numbers)[at], "picture": np.array(picture)[at],
        "label": np.array(picture)[at] % 10, "testing": np.array(picture)[at] >= 4,
    }  # fmt: skip
    return SimpleNamespace(
        parameters={"stimulus_ms": 350, "rest_ms": 150}, duration_ms=float(len(numbers) * LENGTH),
        samples=lambda name: SimpleNamespace(t_ms=t_ms, values=known[name.split(".")[1]][:, None]),
        spikes=lambda name: spikes[name],
        info=SimpleNamespace(population=lambda name: SimpleNamespace(size=3)),
    )  # fmt: skip


def test_only_the_last_presentation_of_a_picture_counts():
    spikes = {"excitatory": (np.array([10.0, 510.0, 520.0, 1010.0]), np.array([0, 1, 1, 2])),
              "classes": (np.array([1200.0]), np.array([7]))}  # fmt: skip
    found = answers(a_run([1, 1, 2], [3, 3, 4], spikes))
    assert found.picture.tolist() == [3, 4] and found.testing.tolist() == [False, True]
    assert found.spikes.tolist() == [[0, 2, 0], [0, 0, 1]]
    assert found.votes[1].tolist() == [0] * 7 + [1, 0, 0]
    assert len(found.where(found.testing)) == 1 and isinstance(found, Answers)
    assert set(RECORD) >= {"protocol.picture", "protocol.testing"}


def test_means_and_what_the_readout_tends_to():
    means = class_means(np.array([[2, 0], [4, 0], [0, 6]]), np.array([1, 1, 3]))
    assert means[1].tolist() == [3, 0] and means[3].tolist() == [0, 6] and not means[0].any()
    assert read_by_means(means, 8.0).sum(axis=1).tolist() == [0, 8, 0, 8] + [0] * 6


def test_an_even_vote_counts_as_its_share_and_silence_as_wrong():
    votes = np.zeros((3, 10))
    votes[0, 2], votes[1, [4, 5]] = 3, 1
    assert accuracy(votes, np.array([2, 5, 0])) == pytest.approx(50)
    assert np.isnan(accuracy(votes[:0], np.array([], int)))


def test_the_gini_coefficient_of_all_alike_and_of_one_that_has_everything():
    assert gini(np.ones(5)) == pytest.approx(0)
    assert gini([0, 0, 0, 7]) == pytest.approx(0.75)
    assert gini([0, 0]) == 0


def test_fields_lie_side_by_side_in_the_colour_of_their_class():
    w = np.zeros((5, 4))
    w[3] = [0, 1, 0, 0.5]
    weight, owner = tiled(w)
    assert columns_of(5) == 3 and weight.shape == (2 * 3 - GAP, 3 * 3 - GAP)
    assert weight[3, 1] == 1 and weight[4, 1] == 0.5 and owner[3, 1] == 3
    listens = np.zeros((10, 5))
    listens[6, 3] = 2.0
    assert preferred(listens)[0][3] == 6 and preferred(listens)[1].tolist() == [0, 0, 0, 1, 0]
    colors = painted(w, listens, "#ffffff")
    assert colors[3, 1].tolist() == rgb("#0E7C86").tolist()  # of class 6, at its largest weight
    assert colors[2, 0].tolist() == [255, 255, 255]  # a gap


def test_operations_name_what_is_there():
    model = SymmetricSTDP()
    with pytest.raises(ParameterError, match="pictures are numbered from 0 to 1796"):
        Show(picture=1797).check(model)
    (write,) = Show(picture=5).writes(model, 3)
    assert (write.target, write.variable, write.value) == ("protocol", "upcoming", 5.0)
    (write,) = ForgetReadout().writes(model, 0)
    assert len(write.index) == 1000 and write.value == 0.8


def test_what_was_not_reached_is_not_compared_and_few_pictures_not_with_the_third_party():
    import xarray as xr

    shape = (1, 2, 1, 1, 4)
    scores = np.full(shape, np.nan)
    scores[0, 0] = [80.0, 90.0, 91.0, 85.0]
    coords = {"hidden": [100], "mode": list(MODES), "seed": [1], "read": list(READ)}
    data = xr.Dataset(
        {"accuracy": (("hidden", "mode", "seed", "round", "read"), scores),
         "silent": (("hidden", "mode", "seed"), np.full((1, 2, 1), 3.0))},
        coords=coords, attrs={"data": "mnist", "pictures": 2000, "tests": 500},
    )  # fmt: skip
    (line,) = compare(data)
    assert line.published == 91.0 and line.ours == 90.0 and line.agrees
    data.attrs["pictures"] = 60_000
    assert [c.published for c in compare(data)] == [91.0, THIRD_PARTY["with"]]
