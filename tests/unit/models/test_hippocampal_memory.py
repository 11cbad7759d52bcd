"""Operations and verdicts of the hippocampal memory, without simulating."""

import numpy as np
import pytest

from models.hippocampal_cam import Freeze, HippocampalCAM, Learn, RecallByContent, RecallByCue
from models.hippocampal_cam.closed_forms import wilson
from models.hippocampal_cam.network import PLASTIC_PROJECTIONS
from models.hippocampal_cam.scoring import (
    expected_outputs,
    expected_spikes,
    firing_threshold_nA,
    memory_table,
    operations_of,
    score,
    stored_table,
    verdicts,
)
from workbench.errors import ParameterError
from workbench.interventions import Intervention

MODEL = HippocampalCAM()


def ideal(operations) -> dict[str, tuple[list[int], list[int]]]:
    """Output spikes of a memory that does everything right."""
    memory, cells = {}, set()
    for operation in operations:
        cells |= {
            (int(operation.t_ms) + d, p, n) for d, p, n in expected_outputs(operation, memory)
        }
        if isinstance(operation, Learn):
            memory[operation.cue] = operation.content
    return {
        p: ([t for t, q, _ in cells if q == p], [n for _, q, n in cells if q == p])
        for p in ("out_cue", "out_content")
    }


def without(spikes, t, population, neuron):
    kept = [s for s in zip(*spikes[population], strict=True) if s != (t, neuron)]
    return {**spikes, population: tuple(zip(*kept, strict=True)) or ((), ())}


OPERATIONS = [
    Learn(0, 0, (0, 1)),
    Learn(10, 1, (1, 2)),
    RecallByCue(20, 0),
    RecallByContent(30, (1,)),
    Learn(40, 0, (3,)),
    RecallByContent(50, (1,)),
]


def test_operations_take_positions_numpy_and_lists():
    assert Learn(0, np.int64(2), np.array([3, 1])) == Learn(t_ms=0, cue=2, content=(1, 3))
    assert RecallByContent(0, [2, 2]).content == (2,)
    assert RecallByContent(0, 2).content == (2,)
    assert Learn(cue=0, content=(0, 1)).t_ms is None


@pytest.mark.parametrize(
    ("operation", "sentence"),
    [
        (Learn(0, 5, (1,)), "cue = 5 is not allowed: the memory has the cues 0 to 4."),
        (RecallByCue(0, -1), "cue = -1 is not allowed: the memory has the cues 0 to 4."),
        (
            Learn(0, 0, (1, 10)),
            "content bit 10 is not allowed: the memory has the content bits 0 to 9.",
        ),
        (
            RecallByContent(0, ()),
            "content is empty: name at least one content bit; a memory without any cannot be told "
            "from no memory.",
        ),
    ],
)
def test_operations_say_what_is_allowed(operation, sentence):
    with pytest.raises(ParameterError) as error:
        operation.check(MODEL)
    assert str(error.value) == sentence


@pytest.mark.parametrize("wrong", [1.5, True, "1", None])
def test_a_cue_is_a_whole_number(wrong):
    with pytest.raises(ParameterError, match="it must be a whole number"):
        RecallByCue(0, wrong)


def test_learning_drives_both_inputs_for_three_ticks():
    writes = Learn(0, 2, (1, 3)).writes(MODEL, 7)
    assert sorted((w.tick, w.target, w.index.tolist()) for w in writes) == sorted(
        [(7 + k, "in_cue", [2]) for k in range(3)]
        + [(7 + k, "in_content", [1, 3]) for k in range(3)]
    )


def test_ideal_answers_are_correct():
    evaluated = verdicts(OPERATIONS, ideal(OPERATIONS), 60)
    assert [v.state for v in evaluated] == ["correct"] * 6
    assert evaluated[3].expected == (0, 1)
    assert evaluated[4].expected == (3,)
    assert evaluated[5].expected == evaluated[5].observed == (1,)
    assert score(evaluated) == {
        "operations": 6, "correct": 6, "accuracy": 1.0, "precision": 1.0, "recall": 1.0,
    }  # fmt: skip


def test_a_missing_cue_is_missed():
    verdict = verdicts(OPERATIONS, without(ideal(OPERATIONS), 36, "out_cue", 1), 60)[3]
    assert verdict.state == "missing"
    assert verdict.missing == ((36, "out_cue", 1),)
    assert (verdict.precision, verdict.recall) == (1.0, 0.5)


def test_a_wrong_cue_is_extra():
    spikes = ideal(OPERATIONS)
    spikes["out_cue"] = ([*spikes["out_cue"][0], 36], [*spikes["out_cue"][1], 4])
    verdict = verdicts(OPERATIONS, spikes, 60)[3]
    assert verdict.state == "extra"
    assert verdict.observed == (0, 1, 4)
    assert (verdict.precision, verdict.recall) == (2 / 3, 1.0)


def test_a_late_answer_is_missing_and_extra():
    spikes = without(ideal(OPERATIONS), 36, "out_cue", 1)
    spikes["out_cue"] = ([*spikes["out_cue"][0], 38], [*spikes["out_cue"][1], 1])
    assert verdicts(OPERATIONS, spikes, 60)[3].state == "missing and extra"


def test_an_operation_is_pending_until_its_last_output():
    spikes = ideal(OPERATIONS)
    assert verdicts(OPERATIONS, spikes, 56)[5].state == "pending"
    assert verdicts(OPERATIONS, spikes, 57)[5].state == "correct"


def test_nothing_happened():
    assert verdicts([], {}, 10) == []
    assert np.isnan(score([])["accuracy"])


def test_memory_table_keeps_the_latest_lesson():
    assert memory_table(OPERATIONS) == {0: (3,), 1: (1, 2)}
    assert memory_table(OPERATIONS, until_tick=40) == {0: (0, 1), 1: (1, 2)}


def test_stored_table_reads_strong_synapses():
    weights = np.array([[6.0, 0.0], [3.08, np.nan], [3.4, 0.0]])
    assert stored_table(weights, 3.29) == {0: (0, 2)}


def test_firing_thresholds():
    values = MODEL.values()
    kinds = ("slow", "fast", "out")
    assert [round(firing_threshold_nA(values, k), 2) for k in kinds] == [3.29, 3.36, 2.74]


def test_expected_spikes():
    assert expected_spikes(Learn(0, 0, (0, 1, 2, 3)), {}) == 50
    assert expected_spikes(Learn(0, 0, (0,)), {0: (0, 5, 6)}) == 30
    assert expected_spikes(RecallByCue(0, 0), {0: (0, 1, 2, 3)}) == 17
    assert expected_spikes(RecallByContent(0, (1,)), {0: (1,)}) == 9


def test_operations_come_back_from_the_log():
    log = [
        Intervention(3, 3.0, "set", "w_max"),
        Intervention(5, 5.0, "operation", "Learn", args={"cue": 1, "content": [2, 3]}),
    ]
    assert operations_of(MODEL, log) == [Learn(5.0, 1, (2, 3))]


def test_a_freeze_comes_back_from_the_log_too():
    frozen = Intervention.of_operation(MODEL, 20, Freeze(20.0))
    assert frozen.operation(MODEL) == Freeze(20.0)
    lesson = Intervention.of_operation(MODEL, 5, Learn(5.0, 1, (2, 3)))
    asked = operations_of(MODEL, [lesson, frozen])
    assert memory_table(asked) == {1: (2, 3)}  # it is neither a lesson nor a question
    assert {(w.target, w.variable, w.value) for w in Freeze(20.0).writes(MODEL, 20)} == {
        (projection, variable, 0.0)
        for projection in PLASTIC_PROJECTIONS
        for variable in ("A_plus", "A_minus")
    }


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [(0, 10, 0.0, 0.278), (5, 10, 0.237, 0.763), (10, 10, 0.722, 1.0), (0, 0, 0.0, 1.0)],
)
def test_wilson_interval(hits, n, low, high):
    """Textbook values to three digits."""
    assert wilson(hits, n) == pytest.approx((low, high), abs=5e-4)
