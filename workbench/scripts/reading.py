"""Looks at the first run of a script, in its process: what an `Opening` says of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..brian.constants import constants_of
from ..errors import ParameterError
from ..model.units import brian_unit
from .execution import RunCall
from .literals import Literal, literals
from .model import ScriptModel
from .network import namespace_of, network_of
from .opening import Opening, Slider
from .ranges import range_of

MOST_TRACES = 6
OF_MEMBRANES = ("uF/cm**2", "mS/cm**2", "uA/cm**2", "ohm*cm")  # as they are given in papers
LONGEST_TICK_MS = 1000.0


def read(first_run: Callable[[], RunCall], path: Path) -> Opening:
    """The `Opening` of a script."""
    folder, source = str(Path.cwd()), path.read_bytes()
    call = first_run()
    return opening_of(call, network_of(call)[0], path, folder, source)


def opening_of(call: RunCall, net: Any, path: Path, folder: str, source: bytes) -> Opening:
    """What is known of a script at its first run.

    net    : of the run, as `network_of` made it
    folder : where the script was started
    """
    import brian2

    names = namespace_of(call)
    steps = _steps(net)
    traces, watched = _traces(net)
    net.run(0 * brian2.second, namespace=names)  # its code then says which constants it reads
    left_out: list[str] = []
    known = literals(source)
    sliders = [
        *_constants(net, known, left_out),
        *_shared(net, known, left_out),
    ]
    taken = {s.name for s in sliders}
    sliders += _literals({k: v for k, v in known.items() if k not in taken}, names, left_out)
    return Opening(
        path=str(path),
        source=source,
        args=(),
        folder=folder,
        sliders=tuple(sliders),
        traces=traces,
        watched=watched,
        dt_ms=min(steps),
        tick_ms=tick_of(steps),
        duration_ms=call.duration_s * 1e3,
        left_out=tuple(dict.fromkeys(left_out)),
        weight_units=_weight_units(net),
    )


# -- sliders ---------------------------------------------------------------------------------------


def _constants(net: Any, known: Mapping[str, Literal], left_out: list[str]) -> list[Slider]:
    found = []
    for name, constants in sorted(constants_of(net).items()):
        values = {float(c.get_value()) for c in constants if _is_number(c.get_value())}
        if len(values) != 1 or name.startswith("_"):
            if len(values) > 1:
                left_out.append(f"{name} has no slider: it has several values in the network.")
            continue
        value, integer = values.pop(), all(np.issubdtype(c.dtype, np.integer) for c in constants)
        slider = _slider(name, value, constants[0].dim, "constant", known, integer, left_out)
        found += [] if slider is None else [slider]
    return found


def _shared(net: Any, known: Mapping[str, Literal], left_out: list[str]) -> list[Slider]:
    """Variables that equations declare ``(shared)``."""
    by_name: dict[str, list[Any]] = {}
    for item in net.sorted_objects:
        for name, equation in (getattr(item, "equations", None) or {}).items():
            if equation.type == "parameter" and "shared" in equation.flags:
                variable = item.variables[name]
                if variable.constant or not np.issubdtype(variable.dtype, np.number):
                    continue
                by_name.setdefault(name, []).append(variable)
    found = []
    for name, variables in sorted(by_name.items()):
        values = {float(np.ravel(v.get_value())[0]) for v in variables}
        if len(values) > 1 or len({v.dim for v in variables}) > 1:
            left_out.append(f"{name} has no slider: it has several values in the network.")
            continue
        integer = all(np.issubdtype(v.dtype, np.integer) for v in variables)
        slider = _slider(name, values.pop(), variables[0].dim, "variable", known, integer, left_out)
        found += [] if slider is None else [slider]
    return found


def _literals(
    known: Mapping[str, Literal], names: Mapping[str, Any], left_out: list[str]
) -> list[Slider]:
    """Numbers that the script reads while it makes its network; they need it to run again."""
    found = []
    for literal in known.values():
        if not literal.read or literal.name.startswith("_") or hasattr(ScriptModel, literal.name):
            continue
        try:
            brian_unit(literal.unit)
        except ParameterError:
            continue  # no unit, but a name of the script
        low, high = range_of(literal.name, literal.number, literal.unit)
        found.append(
            Slider(
                literal.name, literal.number, literal.unit, False, "literal", low, high,
                literal.comment, literal.line, isinstance(literal.number, int)
                and literal.unit == "1",
            )
        )  # fmt: skip
    return found


def _slider(
    name: str, si: float, dim: Any, kind: str, known: Mapping[str, Literal], integer: bool,
    left_out: list[str],
) -> Slider | None:  # fmt: skip
    """A slider whose value, times its unit, is what the network has.

    For a variable exactly so: it is written before the run begins.
    """
    if hasattr(ScriptModel, name):
        left_out.append(f"{name} has no slider: the workbench uses this name; give it another one.")
        return None
    if not math.isfinite(si):
        left_out.append(f"{name} has no slider: it is {si:g}.")
        return None
    literal = known.get(name)
    wanted = [] if literal is None else [literal.unit]
    for unit in (*wanted, *_units(si, dim)):
        value = in_unit(si, dim, unit, exact=kind == "variable")
        if value is not None:
            break
    else:
        left_out.append(f"{name} has no slider: its dimension, {dim}, has no unit here.")
        return None
    low, high = range_of(name, value, unit)
    comment, line = ("", 0) if literal is None else (literal.comment, literal.line)
    whole = integer and unit == "1"
    number = int(value) if whole else value
    return Slider(name, number, unit, True, kind, low, high, comment, line, whole)


def _units(si: float, dim: Any) -> list[str]:
    import brian2

    if dim.is_dimensionless:
        return ["1"]
    best = brian2.Quantity(si, dim=dim).get_best_unit()
    base = brian2.get_unit(dim)
    usual = [u for u in OF_MEMBRANES if brian_unit(u).dim is dim]
    return [*usual, f"{best!s}", f"{best!r}", f"{base!s}", f"{base!r}"]


def in_unit(si: float, dim: Any, unit: str, exact: bool) -> float | None:
    """The number that, times the unit, is ``si``; None where there is none."""
    import brian2

    try:
        scale = brian_unit(unit)
    except ParameterError:
        return None
    if not brian2.have_same_dimensions(scale, brian2.Quantity(si, dim=dim)):
        return None
    size = float(scale)
    near = si / size
    tries = (float(f"{near:.15g}"), float(f"{near:.16g}"), near)
    found = next((x for x in tries if float(x * scale) == si), None)
    return tries[0] if found is None and not exact else found


def _is_number(value: Any) -> bool:
    return (
        np.ndim(value) == 0
        and isinstance(value, int | float | np.number)
        and not isinstance(value, bool | np.bool_)
    )


# -- time, traces, weights -------------------------------------------------------------------------


def _steps(net: Any) -> list[float]:
    """The time steps of the neurons, inputs and synapses of a network, ms."""
    import brian2
    from brian2.core.spikesource import SpikeSource

    things = [o for o in net.sorted_objects if isinstance(o, SpikeSource | brian2.Synapses)]
    return sorted({round(float(o.clock.dt) * 1e3, 9) for o in things})


def tick_of(steps_ms: list[float]) -> float:
    """The shortest time of at least 1 ms that is a whole number of each step.

    Where that would be longer than a second, only of the shortest step.
    """
    whole = [max(1, round(s * 1e6)) for s in steps_ms]  # in nanoseconds
    exact = all(abs(w - s * 1e6) < 1e-3 for w, s in zip(whole, steps_ms, strict=True))
    common = math.lcm(*whole) / 1e6 if exact else math.inf
    if common > LONGEST_TICK_MS:
        common = steps_ms[0]
    return round(common * max(1, math.ceil(round(1.0 / common, 9))), 9)


def _traces(net: Any) -> tuple[dict[str, str], dict[str, tuple[int, ...]]]:
    """What the script's own StateMonitors record of neurons; else their first state variables."""
    import brian2

    traces: dict[str, str] = {}
    watched: dict[str, tuple[int, ...]] = {}
    for monitor in (o for o in net.sorted_objects if isinstance(o, brian2.StateMonitor)):
        group, start = monitor.source, 0
        if isinstance(group, brian2.Subgroup):
            group, start = group.source, int(group.start)
        if not isinstance(group, brian2.NeuronGroup):
            continue
        neurons = [int(i) + start for i in np.ravel(monitor.record)][: ScriptModel.watch]
        for variable in monitor.record_variables:
            name = f"{group.name}.{variable}"
            if name not in traces and not group.variables[variable].scalar:
                traces[name] = _display_unit(group.variables[variable].dim)
                watched[name] = tuple(neurons)
    if not traces:
        for group in (o for o in net.sorted_objects if isinstance(o, brian2.NeuronGroup)):
            for variable in sorted(
                group.equations.diff_eq_names, key=lambda v: (v not in ("v", "V", "vm"), v)
            )[:1]:
                traces[f"{group.name}.{variable}"] = _display_unit(group.variables[variable].dim)
    return dict(list(traces.items())[:MOST_TRACES]), watched


def _display_unit(dim: Any) -> str:
    """The unit in which numbers of neurons are usual: mV, nS, pA; else the SI unit."""
    import brian2

    if dim.is_dimensionless:
        return "1"
    usual = {"mV": brian2.mV, "nS": brian2.nS, "pA": brian2.pA, "ms": brian2.ms, "Hz": brian2.Hz}
    for name, unit in usual.items():
        if unit.dim is dim:
            return name
    for text in (str(brian2.get_unit(dim)), repr(brian2.get_unit(dim))):
        try:
            brian_unit(text)
        except ParameterError:
            continue
        return text
    return "1"


def _weight_units(net: Any) -> dict[str, str]:
    """Synapses -> the unit that suits their weights."""
    import brian2

    found = {}
    for synapses in (o for o in net.sorted_objects if isinstance(o, brian2.Synapses)):
        for name in ("w", "weight", "g", "J"):
            variable = synapses.variables.get(name)
            if variable is not None and not variable.dim.is_dimensionless:
                found[synapses.name] = _display_unit(variable.dim)
                break
    return found
