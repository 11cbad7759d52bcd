"""A simulation that goes on compiled: one small network of everything, compiled once for all."""

from __future__ import annotations

import time
from typing import ClassVar

import numpy as np
import pytest

from workbench.brian.fast import device as fast_device
from workbench.engine.batch import run_plan
from workbench.engine.compiled import background
from workbench.engine.compiled.background import Build
from workbench.engine.compiled.built import marker, own_code
from workbench.engine.compiled.cache import compiler
from workbench.engine.compiled.simulation import CannotGoOn
from workbench.engine.handover import moved, seed_from
from workbench.engine.plan import make_plan
from workbench.engine.runtime import Runtime, StopRun, brian_settings_kept
from workbench.engine.session import Session
from workbench.engine.state import owners_of, variables_of
from workbench.errors import SimulationError
from workbench.model.model import Model
from workbench.model.operation import Inject
from workbench.model.parameter import Parameter
from workbench.paths import cache_folder
from workbench.recordings import Recording
from workbench.replay import replay, report, same_spikes

pytestmark = pytest.mark.skipif(
    compiler() is None or fast_device.digest() not in fast_device.KNOWN,
    reason="no C++ compiler here, or a Brian2 with other templates",
)

TICK = 37  # no multiple of the slow clock's step
DURATION_MS = 90.0


class Everything(Model):
    """Cells with delays of all kinds, refractoriness, plasticity, two clocks, inputs, and noise.

    Without noise nothing is random, and no function is called that NumPy rounds differently.
    """

    slug = ""
    title = "Everything"
    tick_ms = 1.0
    dt_ms = 0.1
    populations: ClassVar[tuple[str, ...]] = ("driven", "cells", "clicks", "noise")
    traces: ClassVar[dict[str, str]] = {"cells.v": "1"}
    drive = Parameter(1.4, bounds=(None, None), softbounds=(0, 3), doc="input")
    rate = Parameter(0.0, unit="Hz", bounds=(0, 5000), softbounds=(0, 100), doc="of the noise")

    def build(self):
        import brian2 as b2

        n = 24
        clock = b2.Clock(0.1 * b2.ms, name="fine_clock")
        slow = b2.Clock(2.5 * b2.ms, name="slow_clock")
        common = {"clock": clock, "namespace": {}}
        wave = b2.TimedArray(np.array([0.0, 0.2, 0.1, 0.3]), dt=20 * b2.ms, name="wave")
        driven = b2.NeuronGroup(
            3, "drive : 1", threshold="drive > 0", reset="drive = 0", name="driven", **common
        )
        cells = b2.NeuronGroup(
            n,
            """dv/dt = (drive + wave(t) + a - v)/(10*ms) : 1 (unless refractory)
            drive : 1 (shared)
            twice = 2*v : 1
            a : 1""",
            threshold="v > 1", reset="v = 0", refractory=2.3 * b2.ms, method="euler", clock=clock,
            namespace={"wave": wave}, name="cells",
        )  # fmt: skip
        cells.drive = self.brian("drive")
        cells.v = "i / 24.0"
        cells.run_regularly("a = 0.9*a + 0.01*i", clock=slow, name="adapt")
        clicks = b2.SpikeGeneratorGroup(
            4, [0, 1, 2, 3], np.array([1.0, 3.3, 7.1, 12.9]) * b2.ms, period=17 * b2.ms,
            clock=clock, name="clicks",
        )  # fmt: skip
        noise = b2.NeuronGroup(
            5, "rate : Hz (shared)", threshold="rand() < rate*dt", name="noise", **common
        )
        noise.rate = self.brian("rate")
        mixed = b2.Synapses(
            cells, cells,
            """w : 1
            dpre/dt = -pre/(20*ms) : 1 (event-driven)""",
            on_pre="v_post += w\npre = pre + 0.25", on_post="w = w + 0.001*pre",
            method="euler", name="mixed", **common,
        )  # fmt: skip
        mixed.connect(condition="i != j and (i + 3*j) % 4 == 0")
        mixed.w = "0.02 + 0.001*(i % 7)"
        mixed.pre.delay = "0.1*ms*((3*i + 5*j) % 60)"
        alike = b2.Synapses(
            cells, cells, on_pre="v_post -= 0.05", delay=6.4 * b2.ms, name="alike", **common
        )
        alike.connect(condition="(i + j) % 5 == 0")
        inputs = [
            b2.Synapses(
                source, cells, on_pre=f"v_post += {w}", name=f"from_{source.name}", **common
            )
            for source, w in ((driven, 0.3), (clicks, 0.2), (noise, 0.1))
        ]
        for each in inputs:
            each.connect(condition="j % 3 == i % 3")
        return b2.Network(driven, cells, clicks, noise, mixed, alike, *inputs, name="everything")


OPERATIONS = [Inject(t, "driven", who) for t, who in ((20.0, (1,)), (TICK, (0, 2)), (60.0, (1,)))]
CHANGES = [(25, "drive", 1.3), (TICK, "drive", 1.5), (70, "drive", 1.2)]
RECORD = {
    "cells.v": (0, 5),
    "cells.a": Recording((0, 5), every_ms=2.0, extremes=True),
    "cells.a#single": Recording((0, 5), every_ms=2.0, extremes=True, single=True),
    "mixed.w": Recording((0, 1, 2), every_ms=5.0),
}


def plan(hand_over=None, **options):
    made = make_plan(
        Everything(), engine="numpy", duration_ms=DURATION_MS, operations=OPERATIONS, record=RECORD,
        **options,
    )  # fmt: skip
    made.changes, made.hand_over = list(CHANGES), hand_over
    return made


@pytest.fixture
def at_tick():
    """Run a model on NumPy to a tick, and do something there; Brian2 is left as it was."""
    import brian2

    def run(model, tick, act):
        runtime = Runtime(model, 1, "numpy")

        def look(now):
            if now == tick:
                act(runtime)
                raise StopRun

        runtime.build()
        runtime.on_tick = look
        runtime.run(DURATION_MS)
        return runtime

    with brian_settings_kept():
        yield run
    brian2.set_device("runtime")


def test_every_array_and_every_spike_under_way_is_the_same_afterwards(at_tick):
    found = {}

    def look(runtime):
        found["state"] = runtime.state()
        simulation = moved(runtime, Everything().values(), 5, patient=True)
        try:
            read, numbers = simulation.link.read, simulation.device.numbers
            found["arrays"] = {
                key: read(numbers[v], np.dtype(v.dtype))
                for key, v in variables_of(owners_of(simulation.net)).items()
            }
            found["info"] = simulation.info
        finally:
            simulation.close()

    runtime = at_tick(Everything(), TICK, look)
    state, arrays = found["state"], found["arrays"]
    assert {("cells", "v"), ("mixed", "w"), ("mixed", "_synaptic_pre"), ("mixed_pre", "delay"),
            ("cells", "lastspike"), ("clicks", "_lastindex"), ("slow_clock", "timestep"),
            ("mixed", "lastupdate")} <= arrays.keys()  # fmt: skip
    for key, values in arrays.items():
        assert np.array_equal(values, state.arrays[key], equal_nan=True), key
    assert not arrays["cells", "not_refractory"].all()
    for path in ("mixed_pre", "alike_pre"):
        assert sum(map(len, state.arriving[path])) > 5
    assert found["info"].projections == runtime.info.projections


def test_spikes_states_and_weights_are_those_of_the_uninterrupted_run():
    whole = run_plan(Everything(), plan())
    moved_on = run_plan(Everything(), plan((TICK, 5)))
    assert len(whole.steps) > 200
    assert np.array_equal(whole.steps, moved_on.steps)
    assert np.array_equal(whole.units, moved_on.units)
    assert np.array_equal(whole.state_t, moved_on.state_t)
    assert np.array_equal(whole.states["cells.v"], moved_on.states["cells.v"])
    assert whole.recordings.keys() == moved_on.recordings.keys() == set(RECORD)
    for name, samples in whole.recordings.items():
        for part, values in samples.load().items():
            theirs = moved_on.recordings[name].load()[part]
            np.testing.assert_allclose(values, theirs, rtol=1e-14, err_msg=f"{name} {part}")
    # What decays between spikes does so by exp(), which NumPy and C++ may round differently.
    weights = (r.weights["mixed"]["w"] for r in (whole, moved_on))
    np.testing.assert_allclose(*weights, rtol=1e-14)


# -- live ------------------------------------------------------------------------------------------


def soon(condition, timeout_s=60.0):
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < timeout_s, "it did not happen in time"
        time.sleep(0.02)


@pytest.fixture
def live(monkeypatch):
    """Sessions that begin on NumPy, as where nothing was compiled; then the binary is found."""
    monkeypatch.delenv("WORKBENCH_BUILD")
    monkeypatch.setattr(background, "_builds", {})
    monkeypatch.setattr(background, "_waiting", {})
    monkeypatch.setattr(background, "_again", set())
    sessions = []

    def start(model, keep=False, **options):
        for known in marker(model, "compiled").parent.glob("*"):
            if not keep:
                known.unlink()
        session = Session(model, hand_over=True, **options).start()
        sessions.append(session)
        return session

    yield start
    for session in sessions:
        session.close()


def test_one_is_built_at_a_time_and_the_one_that_is_asked_about_is_next(monkeypatch):
    done, begun = {}, []

    def build(model, _after_s):
        begun.append(model.drive)
        return Build(model.drive, True, time.monotonic())

    monkeypatch.setattr(background, "_builds", {})
    monkeypatch.setattr(background, "_waiting", {})
    monkeypatch.setattr(background, "may_build", lambda _model: True)
    monkeypatch.setattr(background, "is_compiled", lambda *_: False)
    monkeypatch.setattr(background, "marker", lambda model, _kind: model.drive)
    monkeypatch.setattr(background, "build_now", build)
    monkeypatch.setattr(background, "exit_code", done.get)
    names = [background.build_later(Everything(drive=1 + k / 1000)) for k in range(100)]
    assert begun == [1.0]
    assert background.build_of(names[85]).seconds >= 0  # it says that it is being compiled
    done[1.0] = 0
    for name in (names[90], names[85], names[85]):  # of others, whose pages are gone
        background.build_of(name)
    assert begun == [1.0, 1.09]
    done[1.09] = 0
    assert background.build_of(names[90]).built
    background.build_of(names[85])
    assert begun == [1.0, 1.09, 1.085]
    assert background.build_of(names[1]) is None  # forgotten
    assert len(background._builds) <= background.MOST_WAITING + 3


def test_what_was_built_and_forgotten_is_built_once_more(monkeypatch):
    done, begun, there = {}, [], set()

    def build(model, _after_s):
        begun.append(model.drive)
        return Build(model.drive, True, time.monotonic())

    monkeypatch.setattr(background, "_builds", {})
    monkeypatch.setattr(background, "_waiting", {})
    monkeypatch.setattr(background, "_again", set())
    monkeypatch.setattr(background, "may_build", lambda _model: True)
    monkeypatch.setattr(background, "is_compiled", lambda model, _kind: model.drive in there)
    monkeypatch.setattr(background, "marker", lambda model, _kind: model.drive)
    monkeypatch.setattr(background, "build_now", build)
    monkeypatch.setattr(background, "exit_code", done.get)
    model = Everything(drive=1.0)
    for _ in range(3):
        name = background.build_later(model)
    assert begun == [1.0]  # it goes on
    done[1.0] = 0
    there.add(1.0)
    assert background.build_of(name).built
    background.build_later(model)
    assert begun == [1.0]  # it is there
    for _ in range(3):  # code that comes out differently each time is not built for ever
        there.clear()
        background.build_later(model)
        assert background.build_of(name).built
    assert begun == [1.0, 1.0]


class Reads(Model):
    """A cell whose equations stand in a file, which may change between two runs."""

    slug = ""
    title = "Reads"
    tick_ms = 1.0
    dt_ms = 0.1
    populations: ClassVar[tuple[str, ...]] = ("cells",)
    drive = Parameter(1.4, bounds=(None, None), softbounds=(0, 3), doc="input")

    @staticmethod
    def file():
        return cache_folder() / "equations.txt"

    def build(self):
        import brian2 as b2

        clock = b2.Clock(0.1 * b2.ms, name="fine_clock")
        cells = b2.NeuronGroup(
            2, self.file().read_text(), threshold="v > 1", reset="v = 0", method="euler",
            clock=clock, namespace={}, name="cells",
        )  # fmt: skip
        cells.drive = self.brian("drive")
        return b2.Network(cells, name="reads")


@pytest.mark.slow  # compiles twice
def test_a_binary_of_other_code_is_built_anew(live):
    for tau_ms, keep in ((10, False), (20, True)):
        Reads.file().write_text(f"dv/dt = (drive - v)/({tau_ms}*ms) : 1\ndrive : 1 (shared)")
        session = live(Reads(), keep=keep, speed=100.0)
        seen = []  # it begins on NumPy, and either goes on compiled or says why it stays
        soon(lambda session=session, seen=seen: seen.append(session.status()) or any(
            status.compiled_since_ms or status.stays for status in seen
        ))  # fmt: skip
        assert seen[-1].stays == "" and seen[-1].compiled_since_ms > 0
        run = session.stop()
        between_ms = 0.1 * np.diff(run.steps[run.units == 0])
        assert np.allclose(between_ms, tau_ms * np.log(1.4 / 0.4), atol=0.3)  # a few Euler steps


def test_a_live_run_goes_on_compiled_by_itself_and_its_replay_is_exact(live):
    session = live(Everything(rate=300.0), speed=100.0, record=RECORD)
    soon(lambda: session.status().state == "running")
    session.set("drive", 1.5)
    session.watch({"cells.v": (1,)})
    seconds = set()
    soon(lambda: seconds.add(session.status().compiling_s) or session.engine == "compiled")
    assert max(seconds) > 0.5  # it says for how long it has been compiling
    since = session.status().compiled_since_ms
    session.set("drive", 1.3)
    session.do(Inject(None, "driven", (0, 2)))
    soon(lambda: session.frames() is not None and session.status().t_ms > since + 200)
    run = session.stop()
    kinds = sorted((e.kind, e.name) for e in run.interventions)
    assert kinds == [
        ("engine", "compiled"), ("operation", "Inject"), ("set", "drive"), ("set", "drive"),
    ]  # fmt: skip
    (entry,) = (e for e in run.interventions if e.is_engine)
    assert entry.t_ms == since == entry.tick
    assert entry.args["seed"] == seed_from(session.seed, entry.tick) != session.seed
    assert (run.engine, run.engines) == ("numpy", f"numpy, compiled from {since:g} ms")
    assert run.provenance["compiled_code"] == own_code()
    assert np.array_equal(run.state_t, np.arange(len(run.state_t)))
    assert (run.steps * 0.1 > since).sum() > 100 < (run.steps * 0.1 < since).sum()
    again = replay(run, model=Everything())
    assert report(run, again).startswith(f"identical: all {len(run.steps):,} spikes")
    assert again.interventions == run.interventions
    # A run that is stopped has a sample of the tick at which it stood.
    assert np.array_equal(run.states["cells.v"][:-1], again.states["cells.v"])
    for name, samples in again.recordings.items():
        for part, values in samples.load().items():
            theirs = run.recordings[name].load()[part][: len(values)]
            assert np.array_equal(values, theirs, equal_nan=True), (name, part)


@pytest.mark.slow  # waits for another process to find the binary
def test_what_is_paused_goes_on_compiled_when_it_is_let_go(live):
    session = live(Everything(), paused=True)
    assert session.wait(60, until="ready")
    session.step(3)
    assert session.reach(3, 60)
    soon(lambda: session.engine == "compiled")
    assert session.status().state == "paused"
    assert session.status().compiled_since_ms <= 3  # wherever it stood just then
    session.step(4)
    assert session.reach(7, 60)
    run = session.stop()
    assert np.array_equal(run.state_t, np.arange(8))
    whole = Everything().run(7.0, engine="numpy")
    assert np.array_equal(run.states["cells.v"][:7], whole.states["cells.v"])


@pytest.mark.slow  # waits for another process to find the binary
def test_what_is_computed_cannot_be_sampled_there_and_numpy_goes_on(live):
    session = live(Everything(), paused=True)
    assert session.wait(60, until="ready")
    session.watch({"cells.twice": (0,)})
    soon(lambda: session.status().stays)
    assert session.status().stays.startswith("cells.twice is computed from other variables;")
    assert session.status().next_engine == "compiled"
    session.step(TICK)
    assert session.reach(TICK, 60)
    shown = [s for f in session.frames() if (s := f.states.get("cells.twice")) is not None]
    run = session.stop()
    assert run.interventions == []
    assert shown[-1][-1, 0] == 2 * run.states["cells.v"][-1, 0]


class InPython(Everything):
    """As `Everything`, with something that only Python can do."""

    def build(self):
        import brian2 as b2

        net = super().build()
        net.add(b2.NetworkOperation(lambda: None, dt=1 * b2.ms, name="in_python"))
        return net


def test_what_cannot_be_compiled_stays_and_says_why(live):
    session = live(InPython(), speed=100.0)
    soon(lambda: session.status().stays)
    assert "'in_python' runs Python code at every step" in session.status().stays
    t_ms = session.status().t_ms
    soon(lambda: session.frames() is not None and session.status().t_ms > t_ms)
    assert session.engine == "numpy"
    assert session.stop().interventions == []


def test_a_replay_that_cannot_go_on_compiled_fails_in_one_sentence():
    made = plan((TICK, 5))
    with pytest.raises(SimulationError, match=r"goes on compiled at 37 ms, .* 'in_python' runs"):
        run_plan(InPython(), made)


class DrawnAnew(Everything):
    """Its code holds a number that is another one each time."""

    drawn = 0

    def build(self):
        DrawnAnew.drawn += 1
        net = super().build()
        next(o for o in net.objects if o.name == "cells").namespace["drawn"] = self.drawn
        return net


def test_a_constant_that_comes_out_differently_is_noticed(at_tick):
    def look(runtime):
        with pytest.raises(CannotGoOn, match=r"^cells\.drawn came out differently when"):
            moved(runtime, DrawnAnew().values(), 5, patient=True)

    at_tick(DrawnAnew(), 2, look)


def test_beside_other_templates_of_brian2_it_stays_where_it_is(at_tick, monkeypatch):
    def look(runtime):
        monkeypatch.setattr(fast_device, "KNOWN", {})
        with pytest.raises(CannotGoOn, match=r"^with this version of Brian2, spikes under way"):
            moved(runtime, Everything().values(), 5)

    at_tick(Everything(), 2, look)


class Warm(Everything):
    """As `Everything`, after a warm-up of seven ticks."""

    def build(self):
        import brian2 as b2

        net = super().build()
        net.run(7 * b2.ms, namespace={})
        return net


@pytest.mark.slow  # compiles a network of its own
def test_a_network_that_was_warmed_up_goes_on_at_the_same_step():
    whole, moved_on = (run_plan(Warm(), plan(at)) for at in (None, (TICK, 5)))
    assert whole.info.warm_up_ms == 7
    assert len(whole.steps) > 200
    assert np.array_equal(whole.steps, moved_on.steps)
    assert np.array_equal(whole.units, moved_on.units)
    assert np.array_equal(whole.states["cells.v"], moved_on.states["cells.v"])


@pytest.mark.slow  # waits for another process to find the binary
def test_a_branch_goes_on_compiled_at_the_same_tick(live):
    session = live(Everything(rate=300.0), speed=100.0)
    soon(lambda: session.engine == "compiled")
    since = session.status().compiled_since_ms
    soon(lambda: session.frames() is not None and session.status().t_ms > since + 60)
    session.pause()
    assert session.wait(60, until="paused")
    branch = session.branch()
    try:
        assert branch.engine == "compiled"
        assert branch.status().t_ms == session.status().t_ms
        here, there = (s.snapshot(60) for s in (session, branch))
        for name in ("v", "lastspike", "a"):
            assert np.array_equal(here["cells"][name], there["cells"][name])
        end_ms = session.status().t_ms + 50
        for each in (session, branch):
            each.step(50)
            assert each.reach(end_ms, 60)
        runs = [each.stop() for each in (session, branch)]
        assert len(runs[0].steps) > 200
        assert same_spikes(*runs)
    finally:
        branch.close()
