"""The parts of the liquid that need no simulation."""

from __future__ import annotations

import numpy as np
import pytest

from models._shared.keep import Keep
from models.astrocyte_lsm import AstrocyteLSM, Show
from models.astrocyte_lsm.experiments.protocol import data_set
from models.astrocyte_lsm.images import PICTURES, digits, shares
from models.astrocyte_lsm.readout import features, read
from models.astrocyte_lsm.wiring import grid, wiring
from workbench.errors import ParameterError


def test_a_grid_is_filled_layer_by_layer():
    assert len(np.unique(grid(1000), axis=0)) == 1000 and grid(1000).max() == 9
    assert grid(10).max() == 2 and grid(10)[-1].tolist() == [0, 0, 1]


def test_the_wiring_follows_the_distance_rule():
    values = AstrocyteLSM().values()
    found = [wiring({**values, "network": k}) for k in range(3)]
    near, far = np.zeros(2), np.zeros(2)  # synapses, pairs
    for w in found:
        d2 = ((w.position[:, None] - w.position[None]) ** 2).sum(axis=2)
        joined = np.zeros(d2.shape, bool)
        joined[w.liquid_post, w.liquid_pre] = True
        assert not joined.diagonal().any()
        inhibits = np.arange(1000) >= w.n_exc
        both = ~inhibits[:, None] & ~inhibits[None]
        for total, distance2 in ((near, 1), (far, 9)):
            chosen = both & (d2 == distance2)
            total += (joined[chosen].sum(), chosen.sum())
    # 0.2 exp(-1/9) and 0.2 exp(-1), each within four standard deviations of a count.
    for (n, pairs), p in ((near, 0.2 * np.exp(-1 / 9)), (far, 0.2 * np.exp(-1))):
        assert abs(n - p * pairs) < 4 * np.sqrt(pairs * p * (1 - p))


def test_the_input_joins_exactly_its_share():
    w = wiring(AstrocyteLSM().values())
    assert len(w.input_pre) == 117_600
    for pre, post in ((w.input_pre, w.input_post), (w.liquid_pre, w.liquid_post)):
        assert np.all(np.diff(pre * 1000 + post) > 0)  # by source, then target
    assert len(np.unique(w.input_post * 784 + w.input_pre)) == 117_600
    # Signs are a fair coin: within four standard deviations.
    assert abs(w.input_sign.sum()) < 4 * np.sqrt(117_600)


def test_a_network_is_its_number():
    values = AstrocyteLSM(n_neurons=64, n_inputs=30).values()
    one, again, other = (wiring({**values, "network": k}) for k in (1, 1, 2))
    assert np.array_equal(one.liquid_pre, again.liquid_pre)
    assert not np.array_equal(one.position, other.position)
    sparse = wiring({**values, "network": 1, "density": 0.25})
    assert np.array_equal(one.input_sign, sparse.input_sign)
    assert len(sparse.liquid_seen) == 16 and len(sparse.input_seen) == 8


def test_plots_keep_their_share_in_any_resolution():
    full, labels = shares(784, 20)
    assert np.allclose(full.sum(axis=1), 1) and labels[:3].tolist() == [0, 1, 2]
    assert np.allclose(shares(100, 20)[0].sum(axis=1), 1)
    images, _ = digits(5)
    assert images.shape == (5, 28, 28) and not images[:, :2].any()
    assert np.allclose(full[0].reshape(28, 28), images[0] / images[0].sum())


def test_a_plot_that_is_not_there_is_refused():
    with pytest.raises(ParameterError, match=f"numbered from 0 to {PICTURES - 1}"):
        Show(picture=PICTURES).check(AstrocyteLSM())


def test_too_many_samples_are_refused():
    with pytest.raises(ParameterError, match="digits has 1297 pictures to train with"):
        data_set("digits", 2000, 10)
    with pytest.raises(ParameterError, match="tests = 501 is not possible: digits has 500"):
        data_set("digits", 60, 501)
    with pytest.raises(ParameterError, match="this takes digits, mnist or fashion-mnist"):
        data_set("shd", 60, 10)


def test_one_in_six_is_for_validation():
    parts = data_set("digits", 120, 30)
    assert (len(parts.train), len(parts.valid), len(parts.test)) == (100, 20, 30)
    assert parts.train.shares.shape == (100, 784)


def test_what_is_kept_is_found_again(tmp_path):
    keep = Keep(tmp_path)
    path = keep.path(job="x", n=1)
    assert keep.get(path) is None and path != keep.path(job="x", n=2)
    keep.put(path, {"counts": np.arange(3)})
    assert keep.get(path)["counts"].tolist() == [0, 1, 2]


def test_the_readout_reads_what_is_linear():
    rng = np.random.default_rng(0)
    rates = rng.gamma(2, 3, (3, 50))
    labels = rng.integers(0, 3, 400)
    counts = rng.poisson(rates[labels])
    assert np.allclose(features(counts).sum(axis=1), 1)
    reading = read(counts[:200], labels[:200], counts[200:300], labels[200:300], counts[300:],
                   labels[300:])  # fmt: skip
    assert reading.accuracy > 0.95 and reading.right.shape == (100,)
    # Labels that have nothing to do with it: chance, a third, within four standard deviations.
    mixed = rng.permutation(labels)
    chance = read(counts[:200], mixed[:200], counts[200:300], mixed[200:300], counts[300:],
                  mixed[300:])  # fmt: skip
    assert abs(chance.accuracy - 1 / 3) < 0.19
