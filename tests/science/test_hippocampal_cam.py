"""The hippocampal memory against the published rasters, and controls that must fail."""

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.hippocampal_cam import HippocampalCAM, Learn, RecallByContent, RecallByCue, protocols
from models.hippocampal_cam.network import PLASTIC_PROJECTIONS
from models.hippocampal_cam.scoring import (
    firing_threshold_nA,
    memory_table,
    score,
    stored_table,
    verdicts_of,
)
from workbench.engine.compiled.cache import compiler

DATA = Path(os.environ.get("WORKBENCH_DATA", Path(__file__).parents[3] / "shared" / "data"))
RASTER = DATA / "hippocampal_cam" / "functional_raster.json"
needs_raster = pytest.mark.skipif(
    not RASTER.exists(),
    reason=f"no {RASTER.name} in {RASTER.parent}: set WORKBENCH_DATA to the reference data",
)
NAMES = {
    "INcue": "in_cue",
    "INcont": "in_content",
    "CueCue": "cue_cue",
    "ContCue": "content_cue",
    "ContCond": "content_cond",
    "ContCondInt": "content_cond_int",
    "ContCont": "content_content",
    "CueCont": "cue_content",
    "MergeCue": "merge_cue",
    "MergeCont": "merge_content",
    "OUTcue": "out_cue",
    "OUTcont": "out_content",
}
TICKS = 90
FUNCTIONAL = protocols.functional()


def published(theirs: str) -> set[tuple[int, int]]:
    ticks = json.loads(RASTER.read_text())["ticks"]
    return {(int(t), i) for t, cells in ticks.items() for i in cells.get(theirs, [])}


def cells(run, population: str) -> set[tuple[int, int]]:
    t_ms, i = run.spikes(population)
    assert np.array_equal(t_ms, np.rint(t_ms))
    return set(zip(t_ms.astype(int).tolist(), i.tolist(), strict=True))


def mismatches(run) -> int:
    """Number of (tick, population) in which the run and the published raster differ."""
    return sum(
        len({t for t, _ in cells(run, ours) ^ published(theirs)}) for theirs, ours in NAMES.items()
    )


def functional(model=None):
    return (model or HippocampalCAM()).run(
        FUNCTIONAL.duration_ms, operations=FUNCTIONAL.operations, engine="numpy"
    )


@pytest.fixture(scope="module")
def functional_run():
    return functional()


@needs_raster
@pytest.mark.parametrize("theirs", NAMES)
def test_functional_raster_is_met_spike_for_spike(functional_run, theirs):
    assert functional_run.duration_ms == TICKS
    assert cells(functional_run, NAMES[theirs]) == published(theirs)


@needs_raster
def test_functional_raster_from_input_spikes_alone():
    given = {
        ours: tuple(np.array(sorted(published(theirs))).T)
        for theirs, ours in NAMES.items()
        if ours.startswith("in_")
    }
    run = HippocampalCAM().run(TICKS, input_spikes=given, engine="numpy")
    assert mismatches(run) == 0


needs_compiler = pytest.mark.skipif(compiler() is None, reason="no C++ compiler here")
ENGINES = ("numpy", pytest.param("compiled", marks=[needs_compiler, pytest.mark.slow]))


@needs_raster
@pytest.mark.parametrize("engine", ENGINES)
def test_functional_raster_in_a_live_session(engine):
    session = HippocampalCAM().start(
        engine=engine, duration_ms=TICKS, operations=FUNCTIONAL.operations
    )
    try:
        assert session.wait(300)
        assert mismatches(session.stop()) == 0
    finally:
        session.close()


@needs_raster
@pytest.mark.parametrize("engine", ENGINES)
def test_functional_raster_by_hand(engine):
    """Operations done while the session waits act at the tick that comes next."""
    session = HippocampalCAM().start(engine=engine, paused=True)
    try:
        assert session.wait(300, until="ready")
        for operation in FUNCTIONAL.operations:
            session.do(replace(operation, t_ms=None))
            session.step(10)
            assert session.reach(operation.t_ms + 10, 120), session.status()
            assert session.status().t_ms == operation.t_ms + 10
        run = session.stop()
    finally:
        session.close()
    assert [entry["tick"] for entry in run.interventions] == [10 * k for k in range(9)]
    assert mismatches(run) == 0
    assert [v.correct for v in verdicts_of(run)] == [True] * 9


class _LossFirst(HippocampalCAM):
    """A spike pair that meets is depressed before it is potentiated."""

    slug = ""

    def build(self):
        net = super().build()
        for name in PLASTIC_PROJECTIONS:
            net[name].post.order = 1
        return net


class _NoDendriticDelay(HippocampalCAM):
    """A synapse sees its target's spikes at once."""

    slug = ""

    def build(self):
        import brian2

        net = super().build()
        for name in PLASTIC_PROJECTIONS:
            net[name].post.delay = 0 * brian2.ms
        return net


@needs_raster
@pytest.mark.parametrize(
    ("model", "wrong"),
    [
        pytest.param(_LossFirst(), 14, id="loss before growth"),
        pytest.param(_NoDendriticDelay(), 22, id="no dendritic delay"),
        pytest.param(HippocampalCAM(t_ref=0), 54, id="no refractory tick"),
    ],
)
def test_other_semantics_do_not_meet_the_raster(model, wrong):
    """The match says something only if near variants miss; how many cells is known for each."""
    assert mismatches(functional(model)) == wrong


@pytest.mark.parametrize(
    ("protocol", "operations"),
    [
        pytest.param(FUNCTIONAL, 9, id="functional"),
        pytest.param(protocols.stress(), 60, id="stress"),
        pytest.param(protocols.state_map(), 20, id="state map"),
    ],
)
def test_every_operation_gives_the_ideal_output_at_the_ideal_tick(protocol, operations):
    model = HippocampalCAM(n_cues=protocol.n_cues, n_content=protocol.n_content)
    run = model.run(protocol.duration_ms, operations=protocol.operations, engine="numpy")
    evaluated = verdicts_of(run)
    assert [v for v in evaluated if not v.correct] == []
    assert score(evaluated)["operations"] == operations


def test_state_map_answers():
    protocol = protocols.state_map()
    model = HippocampalCAM(n_cues=16, n_content=6)
    run = model.run(protocol.duration_ms, operations=protocol.operations, engine="numpy")
    answers = [v.observed for v in verdicts_of(run) if v.kind == "RecallByContent"]
    assert answers == [(2, 6, 10, 12, 13, 14), (3, 5, 11, 15), (1, 7, 9), (0, 4, 8)]


def test_what_is_stored_is_what_was_learnt(functional_run):
    values = HippocampalCAM().values()
    forward = functional_run.weight_matrix("cue_cue_to_content_cue")
    backward = functional_run.weight_matrix("content_content_to_cue_content").T
    learnt = memory_table(FUNCTIONAL.operations)
    assert stored_table(forward, firing_threshold_nA(values)) == learnt
    assert stored_table(backward, firing_threshold_nA(values, "fast")) == learnt


def test_output_does_not_depend_on_the_seed():
    first, second = (
        HippocampalCAM().run(60, seed=s, operations=FUNCTIONAL.operations, engine="numpy")
        for s in (1, 2)
    )
    assert np.array_equal(first.steps, second.steps)
    assert np.array_equal(first.units, second.units)


def test_content_recall_is_an_or_over_bits():
    operations = [Learn(0, 0, (0, 1)), Learn(20, 1, (1, 2)), Learn(40, 2, (3,))]
    asked = [RecallByContent(60, (1,)), RecallByContent(80, (0, 3)), RecallByContent(100, (5,))]
    run = HippocampalCAM().run(120, operations=[*operations, *asked], engine="numpy")
    assert [v.observed for v in verdicts_of(run)[3:]] == [(0, 1), (0, 2), ()]


def test_silent_unless_driven():
    assert len(HippocampalCAM().run(50, engine="numpy").steps) == 0


def test_recall_leaves_the_forward_memory_alone():
    operations = [Learn(0, 0, (0, 1)), *(RecallByCue(20 * k, 0) for k in range(1, 5))]
    run = HippocampalCAM().run(100, operations=operations, engine="numpy")
    assert [v.observed for v in verdicts_of(run)] == [(0, 1)] * 5
