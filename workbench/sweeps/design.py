"""Design of a sweep: grid, seeds and settings, validated before anything starts."""

from __future__ import annotations

import hashlib
import inspect
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..engine.plan import make_plan
from ..errors import ParameterError
from ..model.misread import quoted, shortened
from ..model.model import Model
from ..model.operation import Operation
from ..model.transfer import pack_model
from ..model.units import has_unit, read_whole, whole_of
from . import measures

SCHEMA = 1
MOST = 1_000_000  # runs; more is taken for a typing error
MOST_VALUES = 100_000  # of one parameter; a million take 200 MB and seconds to be made
RESERVED = ("repeat", "seed", "error", "engine", "wall_s")


@dataclass(frozen=True)
class Design:
    """A validated sweep; runs are numbered along the grid in C order, ``repeat`` being last."""

    model: Model
    vary: dict[str, tuple[float, ...]]
    repeats: int
    measure: tuple[measures.Measure, ...]
    duration_ms: float
    engine: str
    operations: tuple[Operation, ...]
    seed: int

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of values of each parameter, then the number of repeats."""
        return (*(len(v) for v in self.vary.values()), self.repeats)

    def order(self) -> list[int]:
        """All run numbers: every grid point once before any is repeated."""
        return np.arange(math.prod(self.shape)).reshape(-1, self.repeats).T.ravel().tolist()

    def values(self, k: int) -> dict[str, float]:
        """Values of the varied parameters in run ``k``."""
        at = np.unravel_index(k, self.shape)
        return {
            name: values[i]
            for (name, values), i in zip(self.vary.items(), at[:-1], strict=True)
        }  # fmt: skip

    def seed_of(self, k: int) -> int:
        """Seed of run ``k``, the same in every sweep of this shape with this seed."""
        point, repeat = divmod(k, self.repeats)
        sequence = np.random.SeedSequence(self.seed, spawn_key=(point, repeat))
        return int(sequence.generate_state(1)[0])

    def settings(self) -> dict[str, Any]:
        """All settings that determine the results, as JSON-serialisable values."""
        cls = type(self.model)
        return {
            "workbench_sweep": SCHEMA,
            "model": cls.slug or cls.__name__,
            "model_code": code_of(inspect.getmodule(cls) or cls),
            "parameters": self.model.values(),
            "vary": {k: list(v) for k, v in self.vary.items()},
            "repeats": self.repeats,
            "measure": [m.name for m in self.measure],
            "measure_code": [m.code for m in self.measure],
            "duration_ms": self.duration_ms,
            "engine": self.engine,
            "operations": [{**o.args(), "name": type(o).__name__, "t_ms": o.t_ms}
                           for o in self.operations],
            "seed": self.seed,
            "axes": {
                k: {"units": cls.parameter(k).unit, "long_name": cls.parameter(k).doc or k,
                    "symbol": cls.parameter(k).symbol or k}
                for k in self.vary
            },
        }  # fmt: skip

    def job(self) -> bytes:
        """Pickle the data that a worker needs besides a run's number, values and seed."""
        import cloudpickle

        return cloudpickle.dumps(
            {
                "model": pack_model(self.model),
                "measure": [(m.name, m.packed()) for m in self.measure],
                "duration_ms": self.duration_ms,
                "engine": self.engine,
                "operations": self.operations,
                "reserved": (*RESERVED, *self.vary),
            }
        )


def make_design(
    model: str | Model,
    vary: Mapping[str, Sequence[Any]],
    *,
    repeats: int,
    measure: Any,
    duration_ms: float,
    engine: str,
    operations: Sequence[Operation],
    seed: int,
) -> Design:
    """Validate the arguments of a sweep; raises UnknownName or ParameterError."""
    if isinstance(model, str):
        from ..model.registry import load

        model = load(model)
    if not isinstance(model, Model):
        raise ParameterError(
            f"There is no sweep of {model!r}: give a model, or the name of one, such as 'cuba'."
        )
    model = type(model)(**model.values())
    if not isinstance(vary, Mapping) or not vary:
        raise ParameterError(
            f"vary = {vary!r} is not allowed: give parameters with their values, such as "
            f"{{'{next(iter(model.parameters()), 'tau_m')}': [1, 2, 3]}}."
        )
    grid = {name: _values(model, name, given) for name, given in vary.items()}
    repeats = whole_of(repeats, what="repeats")
    if repeats < 1:
        raise ParameterError(f"repeats = {repeats!r} is not allowed: a whole number from 1 on.")
    runs = math.prod(len(v) for v in grid.values()) * repeats
    if runs > MOST:
        raise ParameterError(f"{runs:,} runs are too many: at most {MOST:,} in one sweep.")
    # The engine module checks the name of the engine.
    plan = make_plan(
        model, seed=seed, engine=engine, duration_ms=duration_ms, operations=operations
    )
    if plan.duration_ms is None:
        raise ParameterError("duration_ms is needed: how long each run is simulated, in ms.")
    chosen = list(measure) if isinstance(measure, list | tuple) else [measure]
    if not chosen:
        raise ParameterError("measure = [] is not allowed: give at least one measure.")
    return Design(
        model=model,
        vary=grid,
        repeats=repeats,
        measure=tuple(measures.find(m) for m in chosen),
        duration_ms=plan.duration_ms,
        engine=plan.engine,
        operations=tuple(operations),
        seed=plan.seed,
    )


def _values(model: Model, name: str, given: Any) -> tuple[float, ...]:
    parameter = model.parameter(name)
    if name in RESERVED:
        raise ParameterError(f"{name} cannot be varied: a sweep calls something else so.")
    items = [given] if isinstance(given, str) or not hasattr(given, "__iter__") else list(given)
    if not items:
        raise ParameterError(f"vary {name} = [] is not allowed: give at least one value.")
    found: list[float] = []
    for item in items:
        number = parameter.convert(item.item() if isinstance(item, np.generic) else item)
        parameter.check(number)
        if number in found:
            raise ParameterError(f"vary {name} has {parameter.text(number)} twice: give it once.")
        found.append(number)
    return tuple(found)


def range_of(model: type[Model], name: str, text: str) -> list[Any]:
    """Parse ``"10:40:7"`` (from, to, count), ``"1:100:5:log"`` or ``"1, 2, 3"``, with units.

    raises : UnknownName if the model has no such parameter, ParameterError for another format
    """
    parameter = model.parameter(name)
    parts = [p.strip() for p in text.split(":")]
    if len(parts) == 1:
        typed = [v.strip() for v in text.split(",") if v.strip()]
        # "1,62mV" is hardly 1 mV and 62 mV, but "1, 2 mV" are two values.
        if re.search("[0-9],[0-9]", text) and len({has_unit(v) for v in typed}) > 1:
            raise ParameterError(
                f"{name} = {quoted(text)} has values with a unit and values without: write "
                "it at each or at none, and a decimal point where the comma is a decimal one."
            )
        return typed
    try:
        count, log = read_whole(parts[2]), len(parts) == 4
        if count < 1 or len(parts) > 4 or (log and parts[3] != "log"):
            raise ParameterError("")
    except (ParameterError, IndexError):
        raise ParameterError(
            f"{name} = {quoted(text)} cannot be read: write from:to:count, such as 10:40:7, "
            "from:to:count:log, or values with commas, such as 1,2,3."
        ) from None
    if count > MOST_VALUES:
        many = shortened(f"{count:,}", 40)
        raise ParameterError(f"{many} values of {name} are too many: at most {MOST_VALUES:,}.")
    low, high = (parameter.convert(p) for p in parts[:2])
    if log and not (low > 0 and high > 0):
        raise ParameterError(f"{name} = {quoted(text)} is not possible: log needs values above 0.")
    values = (np.geomspace if log else np.linspace)(low, high, count)
    near = [parameter.near(float(v)) for v in values]  # nearest allowed values, such as integers
    if near != values.tolist():
        return sorted(set(near), reverse=low > high)
    # Avoid 0.30000000000000004: the axis shows the values as typed.
    between = [float(f"{v:.12g}") for v in values]
    return [low] if count == 1 else [low, *between[1:-1], high]


def code_of(thing: Any) -> str:
    """Short hash of a module's or class's source; "" if the source is not available."""
    try:
        source = inspect.getsource(thing)
    except (OSError, TypeError):
        return ""
    return hashlib.sha256(source.encode()).hexdigest()[:16]
