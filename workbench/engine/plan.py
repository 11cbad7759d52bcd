"""What a run is asked to do, checked before anything is built."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import ParameterError, unknown
from ..interventions import Intervention, tick_of
from ..model.misread import shortened
from ..model.operation import Inject, Operation
from ..model.units import number_of, whole_of

if TYPE_CHECKING:
    from ..model.model import Model

EXAMPLES = {
    "input_spikes": "{'population': (t_ms, i)}",
    "record": "{'population.v': [0, 1]}",
}
ENGINES = ("auto", "numpy", "cython", "compiled")


@dataclass
class Plan:
    """Everything that decides the outcome of a run, besides the model's own values."""

    seed: int = 1
    engine: str = "auto"
    duration_ms: float | None = None
    operations: list[tuple[int, Operation]] = field(default_factory=list)  # (tick, operation)
    changes: list[tuple[int, str, float]] = field(default_factory=list)  # (tick, parameter, value)
    log: list[Intervention] = field(default_factory=list)  # their entries for the log
    record: Mapping[str, Sequence[int] | str] | None = None
    hand_over: tuple[int, int] | None = None  # (tick, seed) from which the compiled engine goes on


def make_plan(
    model: Model,
    *,
    seed: int = 1,
    engine: str = "auto",
    duration_ms: float | None = None,
    operations: Sequence[Operation] = (),
    input_spikes: dict[str, tuple[Any, Any]] | None = None,
    record: Mapping[str, Any] | None = None,
) -> Plan:
    """Check the wishes for a run; raises ParameterError or UnknownName with the reason."""
    if not isinstance(engine, str) or engine not in ENGINES:
        raise unknown("engine", shortened(engine), ENGINES)
    seed = whole_of(seed, what="seed")
    if not 0 <= seed < 2**32:
        raise ParameterError(
            f"seed = {shortened(seed)} is not allowed: a whole number from 0 to 2**32 - 1."
        )
    if duration_ms is not None:
        duration_ms = number_of(duration_ms, "ms", what="duration_ms")
        if duration_ms <= 0:
            raise ParameterError(
                f"duration_ms = {duration_ms:g} is not allowed: it must be above 0."
            )
    if not isinstance(operations, Sequence) or isinstance(operations, str):
        raise ParameterError(
            f"operations = {shortened(operations)} is not allowed: give a list of the model's "
            "operations."
        )
    for name, given in (("input_spikes", input_spikes), ("record", record)):
        if given is not None and not isinstance(given, Mapping):
            raise ParameterError(
                f"{name} = {shortened(given)} is not allowed: give a dict, such as "
                f"{EXAMPLES[name]}."
            )
    planned = []
    for operation in operations:
        if not isinstance(operation, Operation):
            raise ParameterError(
                f"{shortened(operation)} is not an operation; "
                f"{model.slug or type(model).__name__} knows "
                f"{', '.join(c.__name__ for c in model.operations) or 'none'}."
            )
        if operation.t_ms is None:
            raise ParameterError(f"{operation.describe()!r} needs a time: give t_ms.")
        operation.check(model)
        planned.append((tick_of(operation.t_ms, model.tick_ms, operation.describe()), operation))
    log = [Intervention.of_operation(model, tick, operation) for tick, operation in planned]
    inputs = _injections(model, input_spikes or {})
    log += [Intervention.of_operation(model, tick, done, "input") for tick, done in inputs]
    return Plan(
        seed=seed,
        engine=engine,
        duration_ms=duration_ms,
        operations=planned + inputs,
        log=log,
        record=record,
    )


def _injections(model: Model, spikes: dict[str, tuple[Any, Any]]) -> list[tuple[int, Operation]]:
    found: list[tuple[int, Operation]] = []
    for population, given in spikes.items():
        try:
            times, units = given
            if hasattr(times, "dim") and hasattr(times, "get_best_unit"):
                times = [number_of(t, "ms", what="t_ms") for t in np.atleast_1d(times)]
            t_ms, units = (np.atleast_1d(np.asarray(a)) for a in (times, units))
            if any(a.size and a.dtype.kind not in "iuf" for a in (t_ms, units)):
                raise ValueError
        except (TypeError, ValueError) as error:
            raise ParameterError(
                f"input_spikes[{population!r}] must be two arrays, (t_ms, i); got "
                f"{shortened(given)}."
            ) from error
        if t_ms.shape != units.shape or t_ms.ndim != 1:
            raise ParameterError(
                f"input_spikes[{population!r}] must be two arrays of one length, (t_ms, i); "
                f"got shapes {t_ms.shape} and {units.shape}."
            )
        if (units != np.round(units)).any():
            raise ParameterError(
                f"input_spikes[{population!r}] must have whole numbers of neurons; got "
                f"{units[units != np.round(units)][0]}."
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
    from .compiled.built import is_compiled, may_have_binary

    if engine != "auto":
        return engine
    if live and may_have_binary(model):
        return "compiled"
    return "cython" if is_compiled(model, "cython") else "numpy"
