"""The log of what was done to a simulation, and the plan that a log makes.

Only here is an entry of the log written, read from a file, and turned into something to do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

from .errors import ParameterError, unknown
from .model.operation import Inject, Operation
from .model.units import number_of

if TYPE_CHECKING:
    from .model.model import Model

Kind = Literal["set", "operation", "input"]


@dataclass(frozen=True)
class Intervention:
    """One entry of the log. ``entry["tick"]`` reads a field too, as when entries were dicts.

    tick, t_ms : when it took effect
    kind       : "set" of a parameter, "operation", or "input": spikes given before the run began
    name       : of the parameter, or of the operation's class
    text       : what was done, in a few words
    value, was : new and old value of the parameter, in its unit
    args       : fields of the operation, as JSON holds them
    """

    tick: int
    t_ms: float
    kind: Kind
    name: str
    text: str = ""
    value: float | None = None
    was: float | None = None
    args: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise ParameterError(
                f"An intervention of the kind {self.kind!r} is not known: it is one of "
                f"{', '.join(get_args(Kind))}."
            )

    @classmethod
    def of_change(
        cls, model: Model | type[Model], tick: int, t_ms: float, name: str, was: float, value: float
    ) -> Intervention:
        """A parameter is set while the model runs."""
        parameter = model.parameter(name)
        text = f"{parameter.symbol or name} {parameter.text(was)} → {parameter.text(value)}"
        return cls(tick, t_ms, "set", name, text, value, was)

    @classmethod
    def of_operation(
        cls, model: Model, tick: int, operation: Operation, kind: Kind = "operation"
    ) -> Intervention:
        """An operation is performed; ``kind`` is "operation" or "input"."""
        name, text = type(operation).__name__, operation.describe()
        return cls(tick, tick * model.tick_ms, kind, name, text, args=operation.args())

    @property
    def is_change(self) -> bool:
        """A parameter was set."""
        return self.kind == "set"

    @property
    def is_operation(self) -> bool:
        """An operation was performed, by a person or a protocol."""
        return self.kind == "operation"

    @property
    def is_input(self) -> bool:
        """Input spikes that were given before the run began."""
        return self.kind == "input"

    def operation(self, model: Model) -> Operation:
        """The operation again; raises UnknownName when the model has none of that name."""
        kinds = {cls.__name__: cls for cls in (*model.operations, Inject)}
        if self.name not in kinds:
            raise unknown("operation", self.name, kinds, owner=model.slug)
        args = {k: tuple(v) if isinstance(v, list) else v for k, v in self.args.items()}
        return kinds[self.name](t_ms=self.t_ms, **args)

    def describe(self) -> str:
        """A few words, also where the log has none."""
        if self.text:
            return self.text
        if self.is_change:
            was = "= " if self.was is None else f"{self.was:g} → "
            return f"{self.name} {was}{self.value:g}"
        return f"{self.name} {self.args or ''}"

    def to_json(self) -> dict[str, Any]:
        """As ``run.json`` holds it."""
        plain: dict[str, Any] = {
            "tick": self.tick, "t_ms": self.t_ms, "kind": self.kind, "name": self.name
        }  # fmt: skip
        if self.is_change:
            given = {"value": self.value, "was": self.was}
            plain |= {k: v for k, v in given.items() if v is not None}
        else:
            plain["args"] = self.args
        return {**plain, "text": self.text} if self.text else plain

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Intervention:
        """The other way; raises KeyError or TypeError when something is missing or no entry."""
        if not isinstance(plain, Mapping):
            raise TypeError(f"{plain!r} is not an intervention")
        return cls(
            tick=int(plain["tick"]),
            t_ms=plain["t_ms"],
            kind=plain["kind"],
            name=plain["name"],
            text=plain.get("text", ""),
            value=plain.get("value"),
            was=plain.get("was"),
            args=dict(plain.get("args", {})),
        )

    def __getitem__(self, name: str) -> Any:
        if name not in self.__dataclass_fields__:
            raise KeyError(name)
        return getattr(self, name)


def happened(log: Iterable[Intervention], tick_ms: float, t_ms: float) -> list[Intervention]:
    """Those of the planned entries that have happened when the simulation is at ``t_ms``.

    What is planned for a tick happens as the tick begins: at its very time it is still to come.
    """
    return [e for e in log if e.tick * tick_ms < t_ms - 1e-6 * tick_ms]


def schedule(
    log: Iterable[Intervention], model: Model
) -> tuple[list[tuple[int, Operation]], list[tuple[int, str, float]]]:
    """What a log asks for: (tick, operation), and (tick, parameter, value), in its order.

    raises : UnknownName for an operation that the model has not; ParameterError for a change
             without a value
    """
    operations: list[tuple[int, Operation]] = []
    changes: list[tuple[int, str, float]] = []
    for entry in log:
        if not entry.is_change:
            operations.append((entry.tick, entry.operation(model)))
        elif entry.value is None:
            raise ParameterError(
                f"The log does not say to what {entry.name} was set at {entry.t_ms:g} ms: the run "
                "cannot be simulated again."
            )
        else:
            changes.append((entry.tick, entry.name, entry.value))
    return operations, changes


def tick_of(t_ms: float, tick_ms: float, what: str) -> int:
    """The tick at ``t_ms``; raises ParameterError when there is none exactly there."""
    t_ms = number_of(t_ms, "ms", what=what)
    tick = round(t_ms / tick_ms)
    if t_ms < 0 or abs(tick * tick_ms - t_ms) > 1e-6 * tick_ms:
        raise ParameterError(
            f"{what} at {t_ms:g} ms is not possible: times are whole multiples of the tick, "
            f"{tick_ms:g} ms, from 0 on."
        )
    return tick
