"""Dense projections: a matrix product inside the network, on every engine."""

import brian2 as b2
import numpy as np
import pytest

from workbench.brian import dense
from workbench.circuits.read.network import from_network, is_plastic
from workbench.engine.compiled.cache import compiler
from workbench.engine.runtime import brian_settings_kept
from workbench.errors import BuildError

RNG = np.random.default_rng(4)
W = RNG.standard_normal((4, 7))
X = RNG.standard_normal(7)
GAIN = RNG.standard_normal(7)


def network(of="x", source=None, matrix=W):
    clock = b2.Clock(1 * b2.ms, name="clock")
    a = b2.NeuronGroup(9, "x : 1\ngain : 1\nhidden = 2*x : 1", clock=clock, namespace={}, name="a")
    cut = b2.Subgroup(a, 2, 9, name="cut") if source is None else a
    c = b2.NeuronGroup(
        4, "dr/dt = (-r + total)/(5*ms) : 1\ntotal : 1\nsquares : 1",
        method="euler", clock=clock, namespace={}, name="c",
    )  # fmt: skip
    s = dense.project(cut, c, matrix, of=of, into="total", name="a_to_c")
    c.namespace["squares_of"] = dense.squared_norms(s)
    c.run_regularly("squares = squares_of(i)", clock=clock, name="squares_update")
    return b2.Network(a, cut, c, s, name="net"), a, c, s


def set_values(a):
    a.x = np.concatenate([[5, 5], X])
    a.gain = np.concatenate([[3, 3], GAIN])


@pytest.mark.parametrize("target", ["numpy", pytest.param("cython", marks=pytest.mark.slow)])
@pytest.mark.parametrize(("of", "x"), [("x", X), ("gain*x", GAIN * X)])
def test_the_target_takes_the_matrix_product(target, of, x):
    with brian_settings_kept(target):
        net, a, c, _ = network(of)
        set_values(a)
        net.run(1 * b2.ms, namespace={})
        np.testing.assert_allclose(c.total[:], W @ x, rtol=1e-13)
        np.testing.assert_allclose(c.squares[:], (W**2).sum(axis=1), rtol=1e-13)


def test_weights_that_change_act_at_the_next_step():
    with brian_settings_kept():
        net, a, c, s = network()
        set_values(a)
        s.run_regularly("w *= 2", clock=a.clock, when="end", name="learning")
        net.run(2 * b2.ms, namespace={})
        np.testing.assert_allclose(c.total[:], 2 * W @ X, rtol=1e-13)


@pytest.mark.slow
@pytest.mark.skipif(compiler() is None, reason="no C++ compiler")
def test_the_compiled_product_is_the_same(tmp_path):
    with brian_settings_kept():
        b2.set_device("cpp_standalone", build_on_run=False)
        try:
            net, a, c, _ = network("gain*x")
            set_values(a)
            net.run(1 * b2.ms, namespace={})
            b2.device.build(directory=str(tmp_path), run=True)
            np.testing.assert_allclose(c.total[:], W @ (GAIN * X), rtol=1e-13)
            np.testing.assert_allclose(c.squares[:], (W**2).sum(axis=1), rtol=1e-13)
        finally:
            b2.device.reinit()
            b2.set_device("runtime")


def test_the_diagram_knows_dense_synapses():
    with brian_settings_kept():
        net, _, c, s = network(matrix=np.abs(W))
        edge = from_network(net).edge("a_to_c")
        assert (edge.sign, edge.n_synapses, edge.plastic) == ("excitatory", 28, False)
        c.r = 0
        s.w = -np.abs(W).ravel()
        assert from_network(net).edge("a_to_c").sign == "inhibitory"
        s.w = W.ravel()
        assert from_network(net).edge("a_to_c").sign == "mixed"
        s.run_regularly("w += 0.1*x_pre", clock=c.clock, name="hebb")
        assert is_plastic(s)


def test_what_does_not_fit_is_refused():
    with brian_settings_kept():
        with pytest.raises(BuildError, match="must be 4 x 7, target x source; got 7 x 4"):
            network(matrix=W.T)
        with pytest.raises(BuildError, match="cut stores no variable 'hidden', so 'a_to_c'"):
            network(of="hidden")
        with pytest.raises(BuildError, match="c has no variable 'nowhere' for 'a_to_c'"):
            _, _, _, s = network()
            dense.take(s, of="x", into="nowhere")
