"""Other integration steps: true times of spikes, delays, samples and commands on every engine."""

from __future__ import annotations

import itertools
import math
from typing import ClassVar

import numpy as np
import pytest

import workbench as wb
from workbench.engine.compiled.cache import compiler
from workbench.errors import BuildError, ParameterError
from workbench.model.operation import Inject
from workbench.replay import replay, same_spikes

DELAY_MS = 1.5
METHODS = ("euler", "exponential_euler", "rk2", "rk4")
needs_compiler = pytest.mark.skipif(compiler() is None, reason="no C++ compiler here")


class Chain(wb.Model):
    """An input whose spikes reach, after a delay, leaky cells that each of them makes spike."""

    slug = "chain"
    tick_ms = 1.0
    dt_ms = 0.1
    watch = 2
    traces: ClassVar[dict[str, str]] = {"cells.v": "1"}
    operations: ClassVar[tuple] = (Inject,)
    tau = wb.Parameter(10.0, unit="ms", bounds=(1, 100), softbounds=(5, 50), doc="leak")
    n_cells = wb.Parameter(2, bounds=(1, 9), integer=True, live=False, doc="cells")

    def build(self):
        import brian2 as b2

        clock = b2.Clock(dt=self.brian("dt_ms"), name="chain_clock")
        source = b2.NeuronGroup(
            3, "drive : 1", threshold="drive > 0", reset="drive = 0", clock=clock, namespace={},
            name="source",
        )  # fmt: skip
        cells = b2.NeuronGroup(
            self.n_cells, "dv/dt = -v/tau : 1\ntau : second (shared)", threshold="v > 1",
            reset="v = 0", method="exact", clock=clock, namespace={}, name="cells",
        )  # fmt: skip
        cells.tau = self.brian("tau")
        cells.v = 0.5
        joined = b2.Synapses(source, cells, on_pre="v_post += 5", clock=clock, namespace={},
                             delay=DELAY_MS * b2.ms, name="joined")  # fmt: skip
        joined.connect()
        return b2.Network(source, cells, joined, name="chain")


class Leak(wb.Model):
    """One leaky integrator under a constant input, from rest."""

    slug = "leak"
    tick_ms = 1.0
    dt_ms = 0.5
    traces: ClassVar[dict[str, str]] = {"leak.v": "1"}
    method = wb.Parameter(0, choices=METHODS, live=False, doc="how it is integrated")

    def build(self):
        import brian2 as b2

        clock = b2.Clock(dt=self.brian("dt_ms"), name="leak_clock")
        leak = b2.NeuronGroup(
            1, "dv/dt = (1 - v)/(10*ms) : 1", clock=clock, namespace={}, threshold="v > 2",
            reset="v = 0", method=self.chosen("method"), name="leak",
        )  # fmt: skip
        return b2.Network(leak, name="leak_network")


class Deaf(Chain):
    """Its network does not know of the step that is wanted."""

    def build(self):
        return Chain(tau=self.tau).build()


class TwoClocks(Chain):
    """A slow clock of its own beside the one that follows ``dt_ms``."""

    def build(self):
        import brian2 as b2

        net = super().build()
        slow = b2.NeuronGroup(
            1, "drive : 1", threshold="True", clock=b2.Clock(0.25 * b2.ms, name="slow_clock"),
            namespace={}, name="slow",
        )  # fmt: skip
        net.add(slow)
        return net


WISHES = {
    "seed": 2, "engine": "numpy", "operations": [Inject(7.0, "source", (1,))],
    "input_spikes": {"source": ([20.0, 33.0], [0, 2])},
}  # fmt: skip


def expect(run, dt_ms: float) -> None:
    """The input spikes when told; the cells at the step after the delay."""
    assert run.info.dt_ms == pytest.approx(dt_ms, rel=1e-12)
    assert run.parameters["dt_ms"] == dt_ms
    t, i = run.spikes("source")
    assert list(zip(t.tolist(), i.tolist(), strict=True)) == [(7.0, 1), (20.0, 0), (33.0, 2)]
    t, i = run.spikes("cells")
    assert np.allclose(t, np.repeat([7.0, 20.0, 33.0], 2) + DELAY_MS + dt_ms, rtol=0, atol=1e-9)
    # Samples are of whole ticks, whatever the step, and the leak is exact with any.
    assert run.state_t.tolist() == list(range(40))
    assert np.allclose(run.state("cells.v")[:8, 0], 0.5 * np.exp(-np.arange(8) / 10), rtol=1e-9)


@pytest.mark.parametrize("dt_ms", [0.5, 0.25, 0.1, 0.05, 0.02])
def test_times_are_true_with_any_step_in_batch(dt_ms):
    expect(Chain(dt_ms=dt_ms).run(40.0, **WISHES), dt_ms)


def test_a_step_given_later_is_used():
    model = Chain()
    model.dt_ms = 0.05
    expect(model.run(40.0, **WISHES), 0.05)


def test_a_live_session_with_another_step_is_the_batch_run_and_replays(tmp_path):
    model = Chain(dt_ms=0.05)
    batch = model.run(40.0, **WISHES)
    with model.start(speed=None, duration_ms=40.0, **WISHES) as session:
        assert session.wait(250)
        live = session.stop()
    expect(live, 0.05)
    assert same_spikes(live, batch)
    stored = wb.open_run(live.save(tmp_path / "run.zarr"))
    expect(stored, 0.05)
    assert stored.info.circuit.notes.dt_ms == 0.05
    again = replay(stored, model=Chain)
    expect(again, 0.05)
    assert same_spikes(again, batch)


@pytest.mark.slow
@needs_compiler
def test_the_compiled_engine_takes_another_step():
    model, options = Chain(dt_ms=0.05), {**WISHES, "engine": "compiled"}
    expect(model.run(40.0, **options), 0.05)
    with model.start(speed=None, duration_ms=40.0, **options) as session:
        assert session.wait(250)
        expect(session.stop(), 0.05)


def test_a_clock_of_its_own_beside_it_keeps_its_step():
    run = TwoClocks(dt_ms=0.05).run(10.0, engine="numpy")
    assert run.info.dt_ms == pytest.approx(0.05)
    assert np.allclose(run.spikes("slow")[0], np.arange(0, 10, 0.25), atol=1e-9)


def test_a_network_that_does_not_take_the_step_is_refused():
    assert Deaf().run(5.0, engine="numpy").info.dt_ms == pytest.approx(0.1)
    with pytest.raises(BuildError) as caught:
        Deaf(dt_ms=0.05).run(5.0, engine="numpy")
    assert str(caught.value) == (
        "dt_ms = 0.05 ms did not reach the network, whose steps are 0.1 ms: in Deaf.build(), give "
        "its clock dt=self.brian('dt_ms'), or declare in dt_fixed why the step is part of the "
        "model."
    )


def test_it_cannot_change_while_the_simulation_runs():
    with Chain().start(paused=True) as session:
        assert session.wait(250, until="ready")
        with pytest.raises(ParameterError, match="dt_ms cannot change while the model runs"):
            session.set("dt_ms", 0.05)


def test_two_steps_are_compared_in_a_common_one():
    # The input spikes at the same times in both, the cells a step after the delay.
    compared = wb.compare(
        Chain(), {"dt_ms": 0.25}, duration_ms=40.0, engine="numpy", seed=2,
        operations=WISHES["operations"], input_spikes=WISHES["input_spikes"],
    )  # fmt: skip
    a, b, differences = compared
    expect(a, 0.1)
    expect(b, 0.25)
    assert differences.attrs["spikes_in_both"] == 3
    assert (differences.attrs["spikes_a"], differences.attrs["spikes_b"]) == (9, 9)
    assert vars(compared.first) == {
        "t_ms": 8.6, "population": "cells", "neuron": 0, "only_in": "a",
    }  # fmt: skip
    assert np.allclose(differences["rate_difference"].sum("time"), 0)
    assert '"dt_ms": [0.1, 0.25]' in differences.attrs["changed"]


@pytest.mark.slow
def test_a_sweep_over_the_step(tmp_path):
    data = wb.sweep(
        Leak(), {"dt_ms": [0.5, 0.25]}, repeats=1, duration_ms=5.0, measure=last_v, engine="numpy",
        workers=1,
    )  # fmt: skip
    found = data["last_v"].isel(repeat=0).values
    assert np.allclose(found, [1 - (1 - dt / 10) ** round(4 / dt) for dt in (0.5, 0.25)])


def last_v(run) -> float:
    return float(run.state("leak.v")[-1, 0])


def error(method: str, dt_ms: float) -> float:
    """Largest distance from 1 - exp(-t/tau) at the ticks of 20 ms."""
    run = Leak(method=method, dt_ms=dt_ms).run(20.0, engine="numpy")
    return float(np.abs(run.state("leak.v")[:, 0] - (1 - np.exp(-run.state_t / 10))).max())


@pytest.mark.parametrize(("method", "order"), [("euler", 1), ("rk2", 2), ("rk4", 4)])
def test_the_error_falls_with_the_order_of_the_method(method, order):
    errors = [error(method, dt_ms) for dt_ms in (0.5, 0.25, 0.125)]
    for long, short in itertools.pairwise(errors):
        assert math.log2(long / short) == pytest.approx(order, abs=0.1)


def test_exponential_euler_is_exact_for_a_constant_input_with_any_step():
    for dt_ms in (1.0, 0.5, 0.125):
        assert error("exponential_euler", dt_ms) < 1e-14
