"""The file of a lesson is read strictly; what is wrong is one sentence that says where."""

from __future__ import annotations

import tomllib

import pytest

from workbench.errors import ParameterError, UnknownName
from workbench.lessons import give, lesson_files, lesson_of, load_lesson, read_lesson
from workbench.lessons.declaration import Lesson, Prediction, Step, Target, entries_of
from workbench.model import registry

CUBA = registry.model_class("cuba")
MEMORY = registry.model_class("hippocampal-cam")

WHOLE = """
title = "A lesson"
[[steps]]
text = "First."
values = { w_i = "-4 mV" }
hidden = ["*"]
free = ["w_i"]
locked = ["w_e"]
[steps.predict]
ask = "How fast?"
value = 5
tolerance = 1
measure = "mean_rate"
of = "excitatory"
[steps.target]
ask = "Faster."
measure = "mean_rate"
of = "excitatory"
low = 9
high = 13
solution = { w_i = -4.5 }
"""


def read(text: str, model=CUBA) -> Lesson:
    return lesson_of("one", tomllib.loads(text), model)


def refused(text: str, model=CUBA) -> str:
    with pytest.raises((ParameterError, UnknownName)) as caught:
        read(text, model)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_lesson_is_read():
    (step,) = read(WHOLE).steps
    assert step.values == {"w_i": -4.0}
    assert [step.state_of(name) for name in ("w_i", "w_e", "tau_m")] == ["free", "locked", "hidden"]
    assert step.predict.value == 5 and step.target.solution == {"w_i": -4.5}
    assert step.target.holds(9) and step.target.holds(13)
    assert not any(map(step.target.holds, (8.99, 13.01, float("nan"))))


def test_without_a_list_all_can_be_moved():
    (step,) = read('title = "A"\n[[steps]]\ntext = "B"').steps
    assert {step.state_of(name) for name in CUBA.parameters()} == {"free"}


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('title = "A lesson"', "", "one.toml: title is missing: name of the lesson."),
        ('title = "A lesson"', "title = 3", "one.toml: title must be a text; got 3."),
        ('title = "A lesson"', 'title = ""', "one.toml: title is empty: write it."),
        ("tolerance = 1", "tolerence = 1",
         "Unknown field of one.toml, step 1, predict: 'tolerence'. Did you mean 'tolerance'?"),
        ("tolerance = 1", "", "one.toml, step 1, predict: value and tolerance belong together"),
        ("tolerance = 1", "tolerance = -1",
         "one.toml, step 1, predict: tolerance = -1 is not allowed: from 0 to 1e+06."),
        ("value = 5", "value = true", "one.toml, step 1, predict: value must be a number; got"),
        ("value = 5", 'value = "5 Hz"', "predict: value must be a number without a unit"),
        ("value = 5", "value = 5\nright = 1", "a question has either answers and right, or value"),
        ("value = 5", 'value = 5\nunit = "mV"', "unit = 'mV' is not allowed: mean_rate is in Hz."),
        ("value = 5\ntolerance = 1", 'answers = ["a", "b"]\nright = 3\nlow = 1',
         "right = 3 is not allowed: the number of an answer, 1 to 2."),
        ("value = 5\ntolerance = 1", 'answers = ["a", "a"]\nright = 1\nlow = 1',
         "answers must be 2 to 8 texts that differ; got 2."),
        ("value = 5\ntolerance = 1", 'answers = ["a", "b"]\nright = 1',
         "low or high is missing: within what range of the measure is the answer right?"),
        ('"-4 mV"', '"4 mV"', "one.toml, step 1: CUBA.w_i = 4 mV is not allowed: it must be at mo"),
        ('"-4 mV"', '"4 ms"', "CUBA.w_i = '4 ms' has the wrong unit: it is measured in mV"),
        ("w_i = \"-4 mV\"", "w_j = 1", "one.toml, step 1: Unknown parameter of cuba: 'w_j'. Did"),
        ('free = ["w_i"]', 'free = ["w_i", "w_e"]', "'w_e' is in two of free, locked and hidden"),
        ('measure = "mean_rate"', 'measure = "mean_rat"',
         "one.toml, step 1, predict: Unknown measure of cuba: 'mean_rat'. Did you mean 'mean_ra"),
        ('of = "excitatory"', 'of = "exitatory"', "Unknown population of cuba: 'exitatory'."),
        ('of = "excitatory"', "", "of is missing: the population of which mean_rate is measured."),
        ("low = 9", "low = 14", "one.toml, step 1, target: low = 14 must not be above high = 13."),
        ("solution = { w_i = -4.5 }", "", "target: solution is missing"),
        ("solution = { w_i = -4.5 }", "solution = { w_e = 1 }", "solution moves w_e, which is loc"),
        ("solution = { w_i = -4.5 }", "solution = { w_i = -30 }",
         "solution has w_i = -30 mV, outside its slider, -20 to 0."),
        ('text = "First."', 'text = "a\\u0007b"', "text holds a character that cannot be printed"),
        ('text = "First."', 'text = "First."\nevery_ms = 5', "every_ms = 5 is not allowed: it"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_a_sentence(old, new, says):
    assert old in WHOLE
    assert says in refused(WHOLE.replace(old, new, 1))


@pytest.mark.parametrize(
    ("done", "says"),
    [
        ('{ operation = "Lern", cue = 0 }', "Unknown operation of hippocampal-cam: 'Lern'."),
        ('{ operation = "Learn", queue = 0 }', "Unknown option of Learn: 'queue'."),
        ('{ operation = "Learn", cue = "0" }', "Learn.cue = 0 is not allowed: it must be like 0."),
        ('{ operation = "Learn", cue = 9, content = [1] }', "the memory has the cues 0 to 4."),
        ("{ cue = 1 }", "each of do is a table with operation = one of Learn"),
    ],
)
def test_operations_are_checked(done, says):
    assert says in refused(f'title = "A"\n[[steps]]\ntext = "B"\ndo = [{done}]', MEMORY)


def test_operations_come_in_their_order():
    (step,) = read(
        'title = "A"\n[[steps]]\ntext = "B"\ndo = ['
        '{ operation = "RecallByCue", at_ms = 60, cue = 1 },'
        '{ operation = "Learn", at_ms = 10, cue = 1, content = [2] }]', MEMORY,
    ).steps  # fmt: skip
    assert [(o.t_ms, o.describe()) for o in step.do] == [
        (10.0, "learn cue 1 {2}"), (60.0, "recall by cue 1"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [
        "do = [{ operation = [] }]",
        f"predict = {{ ask = 'A', answers = ['a', 'b'], right = {10**400} }}",
    ],
)
def test_values_of_any_type_and_size_are_refused_in_a_sentence(wrong):
    with pytest.raises((ParameterError, UnknownName)) as refused:
        read(f'title = "A"\n[[steps]]\ntext = "B"\n{wrong}')
    assert len(str(refused.value)) <= 300


def test_html_stays_text():
    assert read(WHOLE.replace("First.", "<b>First.</b>")).steps[0].text == "<b>First.</b>"


@pytest.mark.parametrize("name", ["My Lesson.toml", "lesson.txt", "a_b.toml", f"{'a' * 61}.toml"])
def test_a_file_has_a_name_that_an_address_can_have(tmp_path, name):
    (tmp_path / name).write_text(WHOLE)
    with pytest.raises(ParameterError, match="cannot be the file of a lesson"):
        read_lesson(tmp_path / name, CUBA)


def test_what_is_no_file_or_no_toml(tmp_path):
    with pytest.raises(UnknownName, match=r"none.toml' cannot be read: No such file"):
        read_lesson(tmp_path / "none.toml", CUBA)
    (tmp_path / "one.toml").write_text("title = ")
    with pytest.raises(ParameterError, match=r"one.toml is not TOML: "):
        read_lesson(tmp_path / "one.toml", CUBA)
    (tmp_path / "one.toml").write_text("a = " + "[" * 5000)
    with pytest.raises(ParameterError, match=r"brackets that are nested too deeply"):
        read_lesson(tmp_path / "one.toml", CUBA)
    (tmp_path / "one.toml").write_text(f"{'.'.join('a' * 20_000)} = 1")  # 1.5 GB if it were read
    with pytest.raises(ParameterError, match=r"has a key of more than 32 parts"):
        read_lesson(tmp_path / "one.toml", CUBA)
    (tmp_path / "one.toml").write_text("#" * 200_001)
    with pytest.raises(ParameterError, match=r"has more than 200,000 bytes\."):
        read_lesson(tmp_path / "one.toml", CUBA)


def test_a_teacher_s_lesson_is_offered_beside_those_of_the_model(tmp_path, monkeypatch):
    monkeypatch.setattr("workbench.lessons.finding._given", {})
    (tmp_path / "mine.toml").write_text(WHOLE)
    give(CUBA, tmp_path / "mine.toml")
    assert set(lesson_files(CUBA)) == {"balance", "mine"}
    assert load_lesson(CUBA, "mine").title == "A lesson"
    with pytest.raises(UnknownName, match=r"Unknown lesson of cuba: 'min'. Did you mean 'mine'"):
        load_lesson(CUBA, "min")


def test_a_lesson_of_a_model_of_one_s_own_lies_beside_it(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBENCH_MODELS", str(tmp_path))
    (tmp_path / "mine.py").write_text(
        "from workbench import Model\nclass Mine(Model):\n    slug = 'mine'\n"
    )
    (tmp_path / "mine" / "lessons").mkdir(parents=True)
    (tmp_path / "mine" / "lessons" / "one.toml").write_text('title = "A"\n[[steps]]\ntext = "B"')
    assert load_lesson(registry.model_class("mine"), "one").title == "A"


@pytest.mark.parametrize("cls", [Lesson, Step, Prediction, Target])
def test_every_field_of_the_file_is_explained(cls):
    assert all(entry.metadata["doc"] for entry in entries_of(cls).values())
