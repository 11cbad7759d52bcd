"""Operations: what a person or a protocol does to a running model, as writes at exact ticks."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

if TYPE_CHECKING:
    from .model import Model


@dataclass(frozen=True)
class Write:
    """Set ``variable[index]`` of the object ``target`` to ``value`` at tick ``tick``."""

    tick: int
    target: str
    variable: str
    index: np.ndarray
    value: float | np.ndarray


def option(default: Any, doc: str, choices: tuple[str, ...] = ()) -> Any:
    """A field of an operation: its default, and what it is, with its unit.

    ``cue: int = option(0, "number of the cue")``

    choices : the texts that it can be, of which a page offers a list; the operation checks them
    """
    return field(default=default, metadata={"doc": doc, "choices": choices})


@dataclass(frozen=True)
class Operation:
    """Base of a model's operations. A subclass adds fields and says which writes it makes."""

    t_ms: float | None = option(
        None, "simulated time at which it starts, ms; None in a live session: at the next tick"
    )

    verb: ClassVar[str] = "operate"
    former_names: ClassVar[tuple[str, ...]] = ()  # that logs of older runs may hold

    def check(self, model: Model) -> None:
        """Raise ParameterError if the fields do not fit ``model``."""

    def writes(self, model: Model, tick: int) -> list[Write]:
        """The writes this operation makes when it starts at ``tick``."""
        raise NotImplementedError

    def args(self) -> dict[str, Any]:
        """The fields without the time, as JSON holds them."""
        fields = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        fields.pop("t_ms")
        return {k: list(v) if isinstance(v, tuple) else v for k, v in fields.items()}

    def describe(self) -> str:
        """A few words for the log."""
        return " ".join([self.verb, *(f"{k} {v}" for k, v in self.args().items())])


@dataclass(frozen=True)
class Inject(Operation):
    """Make units of an input population spike at once."""

    population: str = option("", "name of a population with a ``drive`` variable")
    units: tuple[int, ...] = option((), "neuron numbers")

    verb: ClassVar[str] = "inject"

    def writes(self, model: Model, tick: int) -> list[Write]:
        return [Write(tick, self.population, "drive", np.asarray(self.units, dtype=int), 1.0)]


def options_of(kind: type[Operation]) -> dict[str, tuple[Any, str]]:
    """The fields of an operation but its time: name -> (default, doc); "" for one without."""
    return {
        f.name: (f.default, f.metadata.get("doc", ""))
        for f in dataclasses.fields(kind)
        if f.name != "t_ms"
    }


def choices_of(kind: type[Operation]) -> dict[str, tuple[str, ...]]:
    """Name -> the texts that the field can be; empty for one that is not chosen from a list."""
    return {f.name: f.metadata.get("choices", ()) for f in dataclasses.fields(kind)}
