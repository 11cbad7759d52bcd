"""A network that ``build`` has run begins its run at t = 0, and the log tells what happened."""

from __future__ import annotations

from typing import ClassVar

import brian2 as b2
import numpy as np
import pytest

import workbench as wb
from workbench import Inject, Model, Parameter
from workbench.errors import BuildError
from workbench.interventions import Intervention, happened
from workbench.replay import same_spikes

WARM_UP_MS = 50


class Compiled(Model):
    """Two leaky neurons and an input; ``build`` runs them first."""

    slug = "warm"
    title = "Warm"
    traces: ClassVar[dict] = {"cells.v": "1"}
    operations = (Inject,)
    drive_0 = Parameter(1.5, bounds=(0, 9), softbounds=(0, 9), live=False, doc="drive of the cells")
    w = Parameter(0.5, bounds=(0, 9), softbounds=(0, 9), doc="weight of the input")
    warm_up = Parameter(50.0, unit="ms", bounds=(0, 999), live=False, doc="simulated by build()")

    def build(self):
        clock = b2.Clock(0.1 * b2.ms, name="warm_clock")
        source = b2.NeuronGroup(
            2, "drive : 1", threshold="drive > 0", reset="drive = 0", clock=clock, name="source",
            namespace={},
        )  # fmt: skip
        cells = b2.NeuronGroup(
            2, "dv/dt = (I - v)/(10*ms) : 1 (unless refractory)\nI : 1 (constant)",
            threshold="v > 1", reset="v = 0", refractory=3 * b2.ms, method="exact", clock=clock,
            name="cells", namespace={},
        )  # fmt: skip
        cells.I = [self.drive_0, 0]
        s = b2.Synapses(
            source, cells, "w : 1 (shared)", on_pre="v_post += w", clock=clock, name="s",
            namespace={},
        )  # fmt: skip
        s.connect(j="i")
        s.pre.delay = 2 * b2.ms
        s.w = self.w
        net = b2.Network(source, cells, s, name="warm")
        if self.warm_up:
            net.run(self.brian("warm_up"), namespace={})
        return net


def bare(warm_up_ms: float, more_ms: float) -> np.ndarray:
    """Spike times of cell 0 after the warm-up, ms, by Brian2 alone."""
    before, b2.prefs.codegen.target = b2.prefs.codegen.target, "numpy"
    try:
        net = Compiled(warm_up=warm_up_ms).build()
        monitor = b2.SpikeMonitor(net["cells"])
        net.add(monitor)
        net.run(more_ms * b2.ms, namespace={})
    finally:
        b2.prefs.codegen.target = before
    return np.asarray(monitor.t / b2.ms)[np.asarray(monitor.i) == 0] - warm_up_ms


ENGINES = ["numpy", pytest.param("compiled", marks=pytest.mark.slow)]


@pytest.mark.parametrize("engine", ENGINES)
def test_time_begins_where_build_ends(engine):
    inject = [Inject(10.0, "source", (1,)), Inject(12.0, "source", (1,))]
    run = Compiled().run(60, engine=engine, operations=inject)
    t, i = run.spikes("cells")
    assert t[i == 0] == pytest.approx(bare(WARM_UP_MS, 60), abs=1e-6)
    assert run.spikes("source")[0].tolist() == [10.0, 12.0]
    # Half a step of the membrane, from 12 and 14 ms on, after the delay of 2 ms.
    v = run.states["cells.v"][:, 1]
    assert run.state_t[[0, -1]].tolist() == [0.0, 59.0]
    assert v[12] == 0 and v[13] > 0.4
    assert (run.duration_ms, run.outcome, run.info.warm_up_ms) == (60, "finished", 50)
    assert [e["t_ms"] for e in run.interventions] == [10.0, 12.0]


def test_a_warm_up_leaves_its_state_behind():
    """The first spike of a run that was warmed up is not where that of a fresh one is."""
    compiled, fresh = (
        Compiled(warm_up=ms).run(30, engine="numpy").spikes("cells")[0][0] for ms in (50, 0)
    )
    assert compiled != pytest.approx(fresh)
    assert fresh == pytest.approx(bare(0, 30)[0])


def test_a_live_run_after_a_warm_up_is_that_of_a_batch(tmp_path):
    inject = [Inject(10.0, "source", (1,))]
    with Compiled().start(engine="numpy", speed=None, duration_ms=60, operations=inject) as session:
        assert session.wait(60)
        live = session.stop()
    batch = Compiled().run(60, engine="numpy", operations=inject)
    assert same_spikes(live, batch) and len(batch.steps)
    again = wb.open_run(batch.save(tmp_path / "run.zarr"))
    assert again.info.warm_up_ms == 50


def test_part_of_a_tick_is_refused():
    with pytest.raises(BuildError) as caught:
        Compiled(warm_up=50.4).run(5, engine="numpy")
    assert str(caught.value) == (
        "build() simulates 50.4 ms before the run, which are not whole ticks of 1 ms: let it "
        "simulate 50 ms."
    )


def test_what_was_only_planned_is_not_in_the_log():
    later = [Inject(10.0, "source", (0,)), Inject(30.0, "source", (1,)), Inject(80.0, "source")]
    run = Compiled().run(30, engine="numpy", operations=later)
    assert [e["t_ms"] for e in run.interventions] == [10.0]
    stopped = Compiled().run(
        10_000, engine="numpy", operations=later, progress=lambda fraction: fraction < 0
    )
    assert stopped.outcome == "stopped"
    assert all(e["t_ms"] < stopped.duration_ms for e in stopped.interventions)


def test_a_session_tells_what_has_happened(tmp_path):
    later = [Inject(5.0, "source", (0,)), Inject(30.0, "source", (1,))]
    with Compiled().start(engine="numpy", paused=True, operations=later) as session:
        assert session.reach(0, 60)
        assert session.interventions == []
        session.step(10)
        assert session.reach(10, 60)
        assert [e["t_ms"] for e in session.interventions] == [5.0]
        with session.branch() as other:  # and the rest is still to come, in a branch too
            other.step(25)
            assert other.reach(35, 60)
            run = other.stop()
        assert run.spikes("source")[0].tolist() == [5.0, 30.0]
        assert [e["t_ms"] for e in run.interventions] == [5.0, 30.0]
        assert [e["t_ms"] for e in session.stop().interventions] == [5.0]


def test_a_tick_has_happened_when_it_is_over():
    log = [Intervention(k, 0.5 * k, "set", "g") for k in (0, 9, 10, 11)]
    assert happened(log, 0.5, 5.0) == log[:2]
    assert happened(log, 0.5, 0.0) == []
