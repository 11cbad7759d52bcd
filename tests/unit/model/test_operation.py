"""Operations: their writes, and what the command line makes of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import pytest

from models.hippocampal_cam import HippocampalCAM, Learn, RecallByContent, RecallByCue
from workbench.cli.parse import operation, operation_name, operation_syntax
from workbench.errors import ParameterError, UnknownName, WorkbenchError
from workbench.model.experiment import Option
from workbench.model.experiment import labels_of as experiment_labels
from workbench.model.experiment import options_of as experiment_options
from workbench.model.operation import Inject, Operation, options_of

if TYPE_CHECKING:
    from pathlib import Path


def test_inject_writes_the_drive():
    (write,) = Inject(2.0, "source", (0, 2)).writes(HippocampalCAM(), 2)
    assert (write.tick, write.target, write.variable, write.value) == (2, "source", "drive", 1.0)
    assert write.index.tolist() == [0, 2]


def test_args_are_json_and_describe_is_short():
    learn = Learn(t_ms=4.0, cue=1, content=(3, 2))
    assert learn.args() == {"cue": 1, "content": [2, 3]}
    assert learn.describe() == "learn cue 1 {2, 3}"
    assert Inject(0.0, "source", (1,)).describe() == "inject population source units [1]"


def test_an_operation_that_writes_nothing_must_be_written():
    with pytest.raises(NotImplementedError):
        Operation().writes(HippocampalCAM(), 0)


# -- as typed on the command line ------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("learn cue=0 content=0,1,8,9 at=0", Learn(0.0, 0, (0, 1, 8, 9))),
        ("Learn content=3 at=12 cue=2", Learn(12.0, 2, (3,))),
        ("recall-by-cue cue=4 at=7", RecallByCue(7.0, 4)),
        ("RecallByCue at=7", RecallByCue(7.0, 0)),
        ("recall_by_content content=1,2 at=9.0", RecallByContent(9.0, (1, 2))),
    ],
)
def test_typed_operations(text, meant):
    assert operation(HippocampalCAM(), text) == meant


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lern cue=0 at=0", "Unknown operation of hippocampal-cam: 'lern'. Did you mean 'learn'?"),
        ("learn cue=0 content=1", "has no time: write 'learn cue=INT content=INT,INT,... at=MS'."),
        ("learn cue=x content=1 at=0", "cue = 'x' cannot be read: write a whole number."),
        ("learn cue=1 content=a at=0", "content = 'a' cannot be read: write a whole number."),
        (
            "learn cue=1 contnt=1 at=0",
            "argument of learn: 'contnt'. Did you mean 'content'?",
        ),
        ("learn cue at=0", "'cue' cannot be read: write name=value, such as at=MS."),
        ("learn cue=1 cue=2 at=0", "'cue' is given twice; give it once."),
        ("learn cue=1 content=1 at=soon", "at = 'soon' cannot be read: write a number in ms."),
        ("", "cannot be read: write 'learn cue=INT"),
    ],
)
def test_typed_operations_that_cannot_be_meant(text, message):
    with pytest.raises((ParameterError, UnknownName)) as caught:
        operation(HippocampalCAM(), text)
    assert message in str(caught.value)


def test_a_model_without_operations_says_so():
    from models.cuba import CUBA

    with pytest.raises(UnknownName) as caught:
        operation(CUBA(), "learn at=0")
    assert str(caught.value) == "Unknown operation of cuba: 'learn'. Allowed: (none)."


def test_names_and_syntax_are_made_from_the_class():
    @dataclass(frozen=True)
    class PressKey(Operation):
        strength: float = 1.0
        key: str = "a"
        held: bool = False
        fingers: tuple[int, ...] | None = None

    assert operation_name(PressKey) == "press-key"
    assert operation_syntax(RecallByCue) == "recall-by-cue cue=INT at=MS"


def test_options_stand_in_the_fields():
    assert options_of(Inject) == {
        "population": ("", "name of a population with a ``drive`` variable"),
        "units": ((), "neuron numbers"),
    }
    assert RecallByCue().t_ms is None


def test_options_of_an_experiment_stand_in_the_signature_of_its_function():
    def run(model, progress, *, n: Annotated[int, Option("repeats")] = 3, other: Path = ()):
        raise NotImplementedError

    assert experiment_options(run) == {"n": (3, "repeats"), "other": ((), "")}
    assert experiment_labels(run) == {"n": "N", "other": "Other"}

    def named(
        model,
        spacing_ms: Annotated[float, Option("between two, ms")] = 3.0,
        keep: Annotated[str, Option("folder", "Results folder")] = "",
    ):
        raise NotImplementedError

    assert experiment_labels(named) == {"spacing_ms": "Spacing (ms)", "keep": "Results folder"}

    def bad(model, progress, n: Annotated[int, Option("repeats")]):
        raise NotImplementedError

    with pytest.raises(WorkbenchError) as caught:
        experiment_options(bad)
    assert str(caught.value).endswith(
        "bad has an option 'n' without a default: write n: Annotated[its type, "
        "Option('what it is')] = its default."
    )
