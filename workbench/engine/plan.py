"""What a run is asked to do, checked before anything is built."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import ParameterError, unknown
from ..model.operation import Inject, Operation, tick_of

if TYPE_CHECKING:
    from ..model.model import Model

ENGINES = ("auto", "numpy", "cython", "compiled")


@dataclass
class Plan:
    """Everything that decides the outcome of a run, besides the model's own values."""

    seed: int = 1
    engine: str = "auto"
    duration_ms: float | None = None
    operations: list[tuple[int, Operation]] = field(default_factory=list)  # (tick, operation)
    changes: list[tuple[int, str, float]] = field(default_factory=list)  # (tick, quantity, value)
    log: list[dict[str, Any]] = field(default_factory=list)  # their entries for the log
    record: Mapping[str, Sequence[int] | str] | None = None


def make_plan(
    model: Model,
    *,
    seed: int = 1,
    engine: str = "auto",
    duration_ms: float | None = None,
    operations: Sequence[Operation] = (),
    input_spikes: dict[str, tuple[Any, Any]] | None = None,
    record: dict[str, Sequence[int] | str] | None = None,
) -> Plan:
    """Check the wishes for a run; raises ParameterError or UnknownName with the reason."""
    if engine not in ENGINES:
        raise unknown("engine", engine, ENGINES)
    if isinstance(seed, bool) or int(seed) != seed or not 0 <= seed < 2**32:
        raise ParameterError(f"seed = {seed!r} is not allowed: a whole number from 0 to 2**32 - 1.")
    if duration_ms is not None and not (math.isfinite(duration_ms) and duration_ms > 0):
        raise ParameterError(f"duration_ms = {duration_ms!r} is not allowed: it must be above 0.")
    planned = []
    for operation in operations:
        if not isinstance(operation, Operation):
            raise ParameterError(
                f"{operation!r} is not an operation; {model.slug or type(model).__name__} knows "
                f"{', '.join(c.__name__ for c in model.operations) or 'none'}."
            )
        if operation.t_ms is None:
            raise ParameterError(f"{operation.describe()!r} needs a time: give t_ms.")
        operation.check(model)
        planned.append((tick_of(operation.t_ms, model.tick_ms, operation.describe()), operation))
    log = [entry(tick, model, operation) for tick, operation in planned]
    inputs = _injections(model, input_spikes or {})
    log += [entry(tick, model, operation, kind="input") for tick, operation in inputs]
    return Plan(
        seed=int(seed),
        engine=engine,
        duration_ms=duration_ms,
        operations=planned + inputs,
        log=log,
        record=record,
    )


def entry(tick: int, model: Model, operation: Operation, kind: str = "operation") -> dict[str, Any]:
    """One line of the intervention log; ``kind`` is "operation" or "input"."""
    return {
        "tick": tick,
        "t_ms": tick * model.tick_ms,
        "kind": kind,
        "name": type(operation).__name__,
        "args": operation.args(),
        "text": operation.describe(),
    }


def _injections(model: Model, spikes: dict[str, tuple[Any, Any]]) -> list[tuple[int, Operation]]:
    found: list[tuple[int, Operation]] = []
    for population, given in spikes.items():
        try:
            t_ms, units = (np.atleast_1d(np.asarray(a)) for a in given)
        except (TypeError, ValueError) as error:
            raise ParameterError(
                f"input_spikes[{population!r}] must be two arrays, (t_ms, i); got {given!r}."
            ) from error
        if t_ms.shape != units.shape or t_ms.ndim != 1:
            raise ParameterError(
                f"input_spikes[{population!r}] must be two arrays of one length, (t_ms, i); "
                f"got shapes {t_ms.shape} and {units.shape}."
            )
        by_tick: dict[int, list[int]] = defaultdict(list)
        for t, unit in zip(t_ms.tolist(), units.tolist(), strict=True):
            by_tick[tick_of(t, model.tick_ms, f"An input spike of {population}")].append(int(unit))
        found += [
            (tick, Inject(tick * model.tick_ms, population, tuple(sorted(set(who)))))
            for tick, who in sorted(by_tick.items())
        ]
    return found


def choose_target(engine: str, model: Model, live: bool = False) -> str:
    """What runs for an engine name: for "auto", the fastest that nothing need be compiled for.

    live : a session; "auto" in a blocking run stays in this process, which a binary would not
    """
    from .compiled.built import is_warm

    if engine != "auto":
        return engine
    if live and is_warm(model, "compiled"):
        return "compiled"
    return "cython" if is_warm(model, "cython") else "numpy"
