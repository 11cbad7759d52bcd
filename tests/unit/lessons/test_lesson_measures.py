"""What a page measures of its latest frames is what is measured of the run."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.hippocampal_cam import HippocampalCAM, Learn, RecallByContent, RecallByCue
from tests.ui.fakes import INFO, TwoGroups, frame
from workbench.checks import CheckFailed
from workbench.checks.lesson import lesson_is_true
from workbench.errors import UnknownName
from workbench.lessons import Lesson, Measured, Prediction, Step, Target
from workbench.lessons.measures import Window, find, in_words, stretch, unit_of
from workbench.lessons.rehearsal import measured, rehearse

LEARN = Learn(10.0, 0, (0, 1, 8, 9))


def test_the_latest_frames_make_a_run():
    window = Window(INFO, 100.0, "exc.v")
    for t_ms in range(10, 210, 10):  # each with one spike of neuron 3, just before its end
        window.add([frame(float(t_ms), units=[3])])
    part = window.part(100.0, 200.0, TwoGroups(), [])
    assert part.duration_ms == 100.0 and len(part.steps) == 10
    assert part.spikes("exc")[0][0] == pytest.approx(9.9)
    assert find(TwoGroups, "mean_rate").function(part, "exc") == pytest.approx(10.0)
    assert find(TwoGroups, "cv_isi").function(part, "exc") == pytest.approx(0.0, abs=1e-9)
    assert find(TwoGroups, "mean").function(part, "exc.v") == pytest.approx(-59.0)
    assert find(TwoGroups, "sd").function(part, "exc.v") == pytest.approx(0.0)
    with pytest.raises(UnknownName):
        find(TwoGroups, "mean_rate").function(part, "nobody")


def test_it_is_known_since_when_all_spikes_are_there():
    window = Window(INFO, 100.0)
    window.add([frame(10.0, units=[3])])
    assert window.known_from_ms == 0
    lacking = frame(20.0, units=[3])
    lacking.missing = (110, 150)
    window.add([lacking, frame(30.0)])
    assert window.known_from_ms == pytest.approx(15.0)


def test_nothing_measured_is_no_number():
    part = Window(INFO, 100.0, "exc.v").part(0.0, 100.0, TwoGroups(), [])
    assert np.isnan(find(TwoGroups, "mean").function(part, "exc.v"))
    assert np.isnan(find(TwoGroups, "synchrony").function(part, "exc"))


def test_a_stretch_has_times_of_its_own():
    recall = RecallByCue(40.0, 0)
    run = HippocampalCAM().run(60.0, operations=[LEARN, recall], engine="numpy")
    part = stretch(run, 30.0, 60.0)
    assert [e.t_ms for e in part.interventions] == [-20.0, 10.0]
    t_ms, _ = run.spikes("out_content", (30.0, 60.0))
    assert part.spikes("out_content")[0] == pytest.approx(t_ms - 30.0)
    assert find(HippocampalCAM, "answers").function(part, "") == 4
    assert find(HippocampalCAM, "recall").function(part, "") == 1
    assert np.isnan(find(HippocampalCAM, "recall").function(stretch(run, 50.0, 60.0), ""))


def test_measures_say_what_they_are():
    assert in_words(TwoGroups, "mean_rate", "exc") == "mean rate of exc"
    assert in_words(TwoGroups, "sd", "exc.v") == "standard deviation of v, exc"
    assert [unit_of(TwoGroups, m, "exc.v") for m in ("mean", "mean_rate", "cv_isi")] == [
        "mV", "Hz", "",
    ]  # fmt: skip


@pytest.mark.slow
def test_what_is_asked_is_done_after_the_rest():
    step = Step(text="t", do=(LEARN,))
    what = Measured(measure="answers", over_ms=30.0)
    asked = (RecallByContent(0.0, (8,)),)
    assert measured(HippocampalCAM, step, what, {}, asked, seed=1) == 1
    assert measured(HippocampalCAM, Step(text="t"), what, {}, asked, seed=1) == 0


@pytest.mark.slow
def test_a_lesson_that_says_what_is_not_so_is_caught():
    asked = Prediction(
        ask="?", value=4, tolerance=0, measure="answers", over_ms=30.0, do=(RecallByCue(0.0, 0),)
    )
    lesson = Lesson(name="one", title="One", steps=(Step(text="t", do=(LEARN,), predict=asked),))
    lesson_is_true(lesson, HippocampalCAM)
    wrong = replace(lesson, steps=(replace(lesson.steps[0], predict=replace(asked, value=3)),))
    with pytest.raises(CheckFailed) as caught:
        lesson_is_true(wrong, HippocampalCAM)
    assert str(caught.value) == "one.toml, step 1, predict: expected 3 ± 0, measured 4."


@pytest.mark.slow
def test_a_target_that_is_reached_already_is_none():
    loop = (LEARN, RecallByContent(30.0, (1,)))
    target = Target(ask="!", measure="recall", over_ms=60.0, low=0.99, solution={"w_max": 4.0})
    step = Step(text="t", do=loop, every_ms=50.0, target=target)
    before, after = rehearse(Lesson(name="one", title="One", steps=(step,)), HippocampalCAM)
    assert not before.holds and after.holds
    hard = replace(step, values={"w_max": 2.0})
    before, after = rehearse(Lesson(name="one", title="One", steps=(hard,)), HippocampalCAM)
    assert before.holds and before.value == 0 and after.holds and after.value == 1
