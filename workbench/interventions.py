"""The intervention log of a simulation, and the schedule for repeating it.

Entries of the log are created, read from files and converted to operations only here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

from .errors import ParameterError, unknown
from .model.operation import Inject, Operation
from .model.units import number_of
from .numerals import numeral

if TYPE_CHECKING:
    from .model.model import Model

Kind = Literal["set", "operation", "input", "engine"]


@dataclass(frozen=True)
class Intervention:
    """One entry of the log; ``entry["tick"]`` also reads a field, for code written for dicts.

    tick, t_ms : when it took effect
    kind       : "set" (a parameter), "operation", "input" (spikes given before the run began), or
                 "engine" (from here on another one simulates)
    name       : name of the parameter, of the operation's class, or of the engine
    text       : short description
    value, was : new and old value of the parameter, in its unit
    args       : fields of the operation, as JSON values; of an engine, its ``seed``
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
        """Create the entry for setting a parameter while the model runs."""
        parameter = model.parameter(name)
        text = f"{parameter.symbol or name} {parameter.text(was)} → {parameter.text(value)}"
        return cls(tick, t_ms, "set", name, text, value, was)

    @classmethod
    def of_operation(
        cls, model: Model, tick: int, operation: Operation, kind: Kind = "operation"
    ) -> Intervention:
        """Create the entry for an operation; ``kind`` is "operation" or "input"."""
        name, text = type(operation).__name__, operation.describe()
        return cls(tick, tick * model.tick_ms, kind, name, text, args=operation.args())

    @classmethod
    def of_engine(cls, tick: int, t_ms: float, engine: str, seed: int) -> Intervention:
        """Create the entry for going on with another engine, and the seed that it begins with."""
        return cls(tick, t_ms, "engine", engine, f"{engine} from here on", args={"seed": seed})

    @property
    def is_change(self) -> bool:
        """Whether a parameter was set."""
        return self.kind == "set"

    @property
    def is_operation(self) -> bool:
        """Whether an operation was performed, by the user or a protocol."""
        return self.kind == "operation"

    @property
    def is_input(self) -> bool:
        """Whether these are input spikes given before the run began."""
        return self.kind == "input"

    @property
    def is_engine(self) -> bool:
        """Whether another engine goes on from here."""
        return self.kind == "engine"

    def operation(self, model: Model) -> Operation:
        """Recreate the operation; raises UnknownName if the model has none of that name."""
        kinds: dict[str, type[Operation]] = {}
        operations: tuple[type[Operation], ...] = (*model.operations, Inject)
        for cls in operations:
            kinds |= dict.fromkeys((cls.__name__, *cls.former_names), cls)
        if self.name not in kinds:
            raise unknown("operation", self.name, kinds, owner=model.slug)
        args = {k: tuple(v) if isinstance(v, list) else v for k, v in self.args.items()}
        return kinds[self.name](t_ms=self.t_ms, **args)

    def describe(self) -> str:
        """Short description, generated if the entry has no text."""
        if self.text:
            return self.text
        if self.is_change and self.value is not None:
            was = "= " if self.was is None else f"{numeral(self.was)} → "
            return f"{self.name} {was}{numeral(self.value)}"
        return f"{self.name} {self.args or ''}"

    def to_json(self) -> dict[str, Any]:
        """Convert to plain values, as stored in ``run.json``."""
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
        """Inverse of `to_json`; raises KeyError or TypeError for missing fields or other data."""
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
    """Scheduled entries that have taken effect when the simulation is at ``t_ms``.

    Entries take effect at the beginning of their tick: at exactly that time they are still pending.
    """
    return [e for e in log if e.tick * tick_ms < t_ms - 1e-6 * tick_ms]


def schedule(
    log: Iterable[Intervention], model: Model
) -> tuple[list[tuple[int, Operation]], list[tuple[int, str, float]]]:
    """Convert a log to (tick, operation) and (tick, parameter, value) tuples, in its order.

    A change of the engine is neither: see `hand_over_in`.

    raises : UnknownName for an operation that the model lacks; ParameterError for a change
             without a value
    """
    operations: list[tuple[int, Operation]] = []
    changes: list[tuple[int, str, float]] = []
    for entry in log:
        if entry.is_engine:
            continue
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


def hand_over_in(log: Iterable[Intervention]) -> tuple[int, int] | None:
    """(tick, seed) at which the compiled engine went on, and with which seed; None if it did not.

    raises : ParameterError for an entry without a seed
    """
    for entry in log:
        if entry.is_engine:
            seed = entry.args.get("seed")
            if not isinstance(seed, int):
                raise ParameterError(
                    f"The log does not say with which seed {entry.name} went on at "
                    f"{entry.t_ms:g} ms: the run cannot be simulated again."
                )
            return entry.tick, seed
    return None


def tick_of(t_ms: float, tick_ms: float, what: str) -> int:
    """Tick at ``t_ms``; raises ParameterError if it is not a multiple of the tick."""
    t_ms = number_of(t_ms, "ms", what=what)
    tick = round(t_ms / tick_ms)
    if t_ms < 0 or abs(tick * tick_ms - t_ms) > 1e-6 * tick_ms:
        raise ParameterError(
            f"{what} at {t_ms:g} ms is not possible: times are whole multiples of the tick, "
            f"{tick_ms:g} ms, from 0 on."
        )
    return tick
