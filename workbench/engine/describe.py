"""Reads a built Brian2 network: populations, projections, weights. Runs where Brian2 is."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..brian import internals
from ..errors import BuildError
from ..model.units import brian_unit
from ..network import NetworkInfo, Population, Projection
from ..sparse import Spread, histogram, is_sparse
from .cells import compartments, spike_location, spikes, state_variables, units_of

if TYPE_CHECKING:
    from ..model.model import Model

MAX_BINS = 200  # a weight matrix is sent with at most so many rows and columns


@dataclass(frozen=True)
class Slice:
    """A population as Brian2 has it: entries ``start`` to ``stop`` of the arrays of a group."""

    name: str
    group: Any
    start: int
    stop: int

    @property
    def size(self) -> int:
        return self.stop - self.start


class WeightReader:
    """Reads the weights between two populations of one ``Synapses``.

    i, j : (n_syn,) int, neuron numbers within the source and target population
    """

    def __init__(self, synapses: Any, source: Slice, target: Slice, variable: str, unit: str):
        i = absolute(synapses.source, np.asarray(synapses.i[:]))
        j = absolute(synapses.target, np.asarray(synapses.j[:]))
        mine = (source.start <= i) & (i < source.stop) & (target.start <= j) & (j < target.stop)
        self._mine: Any = slice(None) if mine.all() else np.flatnonzero(mine)
        self.i, self.j = i[self._mine] - source.start, j[self._mine] - target.start
        self.owner = synapses
        self._variable = synapses.variables[variable]
        self._scale = 1.0 / float(brian_unit(unit))
        self.bins = (min(target.size, MAX_BINS), min(source.size, MAX_BINS))
        row = self.j * self.bins[0] // target.size
        column = self.i * self.bins[1] // source.size
        self._flat = row * self.bins[1] + column
        self._counts = np.bincount(self._flat, minlength=self.bins[0] * self.bins[1])
        rows, columns = (
            np.bincount(np.arange(n) * b // n, minlength=b)
            for n, b in zip((target.size, source.size), self.bins, strict=True)
        )
        self._pairs = np.outer(rows, columns)
        self.sparse = is_sparse(len(self.i), (target.size, source.size), self.bins)

    def synapses(self, count: int) -> np.ndarray:
        """(n_syn,) their numbers among the ``count`` of their ``Synapses``."""
        return np.arange(count)[self._mine]

    def values(self) -> np.ndarray:
        """(n_syn,) weights in display units."""
        value = np.asarray(self._variable.get_value(), dtype=float) * self._scale
        if self._variable.scalar:
            return np.full(len(self.i), value.ravel()[0])
        return value[self._mine].copy()

    def spread(self) -> Spread:
        """How dense the synapses are in each bin, and how often each weight occurs."""
        density = self._counts.reshape(self.bins) / np.maximum(self._pairs, 1)
        return Spread(density.astype(np.float32), *histogram(self.values()))

    def matrix(self) -> np.ndarray:
        """(post bins, pre bins) float: mean weight in each bin, NaN where there is no synapse."""
        if self._variable.scalar:
            value = float(np.ravel(self._variable.get_value())[0]) * self._scale
            return np.where(self._counts, value, np.nan).reshape(self.bins)
        return self.binned(self.values())

    def binned(self, values: np.ndarray) -> np.ndarray:
        """As ``matrix``, of (n_syn,) weights of another moment, or (1,) where all share one."""
        values = np.broadcast_to(values, self._flat.shape)
        total = np.bincount(self._flat, weights=values, minlength=len(self._counts))
        with np.errstate(invalid="ignore"):
            return (total / np.where(self._counts, self._counts, np.nan)).reshape(self.bins)


def whole(group: Any) -> Any:
    """The group that a subgroup is cut from; a whole group is returned as it is."""
    return group.source if hasattr(group, "start") and hasattr(group, "source") else group


def absolute(group: Any, index: np.ndarray) -> np.ndarray:
    """Neuron numbers within the whole group."""
    return index + (group.start if whole(group) is not group else 0)


def populations_of(net: Any, order: tuple[str, ...]) -> list[Slice]:
    """The populations: whole groups, or the named subgroups that a group was cut into.

    A subgroup counts when the model declares its name in ``order`` and synapses use it.
    raises : BuildError when a declared population does not exist
    """
    import brian2
    from brian2.core.spikesource import SpikeSource

    found = {
        o.name: Slice(o.name, o, 0, int(o.N))
        for o in net.sorted_objects
        if isinstance(o, SpikeSource) and not isinstance(o, brian2.Subgroup)
    }
    for s in (o for o in net.sorted_objects if isinstance(o, brian2.Synapses)):
        for cut in (s.source, s.target):
            while internals.is_synapses(cut):
                cut = cut.target
            if whole(cut) is not cut and cut.name in order and not compartments(whole(cut)):
                base = found[whole(cut).name].group
                found[cut.name] = Slice(cut.name, base, int(cut.start), int(cut.stop))
    missing = [n for n in order if n not in found]
    if missing:
        raise BuildError(
            f"The model declares the population {missing[0]!r}, but its network has only "
            f"{', '.join(sorted(found)) or 'none'}."
        )
    for name in [n for n in found if n not in order]:
        cuts = [f for f in found.values() if f.group.name == name != f.name]
        if cuts and sum(c.size for c in cuts) == found[name].size:
            del found[name]  # wholly divided into the declared subgroups
    return [found[n] for n in (*order, *sorted(set(found) - set(order)))]


def first_units(slices: list[Slice]) -> dict[str, int]:
    """Whole group -> the global number of its first unit."""
    blocks: dict[str, int] = {}
    total = 0
    for s in slices:
        if s.group.name not in blocks:
            # Spikes have the number of the compartment at which a cell spikes: its only unit.
            blocks[s.group.name] = total - (spike_location(s.group) or 0)
            total += units_of(s.group)
    return blocks


def grid_ms(slices: list[Slice]) -> float:
    """The longest step of which the step of every population is a whole multiple, ms.

    With clocks of 0.25 and 0.1 ms it is 0.05 ms: so every spike has a whole number of steps.
    """
    steps = sorted({round(float(s.group.clock.dt) * 1e9) for s in slices})  # in nanoseconds
    if len(steps) == 1:
        return float(slices[0].group.clock.dt) * 1e3
    return math.gcd(*steps) / 1e6


def warm_up_ms(net: Any, tick_ms: float) -> float:
    """How long ``build`` has simulated the network: the time that counts as 0 of a run.

    raises : BuildError unless it is a whole number of ticks
    """
    t_ms = float(net.t_) * 1e3
    ticks = round(t_ms / tick_ms)
    if abs(t_ms - ticks * tick_ms) > 1e-6 * tick_ms:
        raise BuildError(
            f"build() simulates {t_ms:g} ms before the run, which are not whole ticks of "
            f"{tick_ms:g} ms: let it simulate {max(1, ticks) * tick_ms:g} ms."
        )
    return ticks * tick_ms


def need_step(model: Model, slices: list[Slice]) -> None:
    """Raise BuildError when another step than the model's own is wanted, and the network has not.

    A clock that keeps its own step beside one that follows is the model's business.
    """
    default = type(model).dt_ms
    if model.dt_ms == default:
        return
    steps = sorted({float(s.group.clock.dt) * 1e3 for s in slices})
    if not any(math.isclose(s, model.dt_ms, rel_tol=1e-9) for s in steps):
        found = " and ".join(f"{s:.6g}" for s in steps)
        raise BuildError(
            f"dt_ms = {model.dt_ms:.6g} ms did not reach the network, whose steps are {found} ms: "
            f"in {type(model).__name__}.build(), give its clock dt=self.brian('dt_ms'), or declare "
            "in dt_fixed why the step is part of the model."
        )


def describe(net: Any, model: Model) -> tuple[NetworkInfo, dict[str, Slice], dict[str, Any]]:
    """What the network consists of, its populations, and a `WeightReader` for each projection.

    raises : BuildError when the declaration and the network do not fit
    """
    from ..circuits.read.network import from_network
    from ..circuits.read.nodes import effects, node_sign

    slices = populations_of(net, model.populations)
    if not slices:
        raise BuildError(f"The network of {model.slug or type(model).__name__} has no neurons.")
    projections, readers = _projections(net, model, slices)
    need_step(model, slices)
    blocks = first_units(slices)
    spiking = {s.name for s in slices if spikes(s.group)}
    populations = tuple(
        Population(
            name=s.name,
            size=units_of(s.group) if compartments(s.group) else s.size,
            offset=blocks[s.group.name] + (spike_location(s.group) or 0) + s.start,
            kind="neurons" if _has_dynamics(s.group) or _is_fed(s, projections) else "input",
            sign=node_sign(effects([p for p in projections if p.source == s.name], spiking)),
            variables=_variables(s.group),
            spiking=spikes(s.group),
            compartments=compartments(s.group),
            title=model.labels.get(s.name, ""),
            unit_names=tuple(model.unit_names.get(s.name, ())),
        )
        for s in slices
    )
    label = {p.name: p.label for p in populations}
    projections = [
        replace(p, titles=(label[p.source], label[p.target]))
        if {p.source, p.target} & model.labels.keys()
        else p
        for p in projections
    ]
    by_name = {s.name: s for s in slices}
    traces, maps = _traces(model, by_name)
    info = NetworkInfo(
        dt_ms=grid_ms(slices),
        tick_ms=model.tick_ms,
        populations=populations,
        projections=tuple(projections),
        traces=traces,
        watched={
            name: model.watched.get(name)
            or tuple(range(size if name in maps else min(model.watch, size)))
            for name in traces | maps
            for size in (by_name[name.split(".")[0]].size,)
        },
        circuit=from_network(
            net,
            title=model.title,
            namespace=model.run_namespace(),
            order=[s.name for s in slices],
            model=model,
        ).with_term(),
        maps=maps,
        labels=dict(model.labels),
        warm_up_ms=warm_up_ms(net, model.tick_ms),
    )
    return info, by_name, readers


def _projections(
    net: Any, model: Model, slices: list[Slice]
) -> tuple[list[Projection], dict[str, WeightReader]]:
    """One projection for each pair of populations that a ``Synapses`` joins."""
    import brian2

    from ..circuits.read.network import is_plastic, projection_sign, weight_variable

    projections: list[Projection] = []
    readers: dict[str, WeightReader] = {}
    found = [o for o in net.sorted_objects if isinstance(o, brian2.Synapses)]
    for s in sorted(found, key=lambda s: s.name):
        onto, of, sources, targets = _ends(s, slices)
        several = len(sources) * len(targets) > 1
        variable = weight_variable(s)
        unit = model.weight_unit.get(s.name, model.weight_unit.get("", ""))
        if variable:
            unit = _fitting_unit(s.variables[variable], unit)
        for source in sources:
            for target in targets:
                name = f"{source.name}_to_{target.name}" if several else s.name
                if any(p.name == name for p in projections):
                    name = f"{s.name}_{name}"
                n, bins = len(s), (0, 0)
                if variable and n and not onto and not of:
                    reader = WeightReader(s, source, target, variable, unit)
                    readers[name], bins, n = reader, reader.bins, len(reader.i)
                projections.append(
                    Projection(
                        name=name,
                        source=source.name,
                        target=target.name,
                        n_synapses=n,
                        weight=variable,
                        unit=unit if variable else "1",
                        plastic=is_plastic(s, found),
                        sign=projection_sign(s),
                        delay_ms=_delay_ms(s),
                        bins=bins,
                        limits=model.weight_limits(s.name),
                        onto=onto,
                    )
                )
    ends = Counter((p.source, p.target) for p in projections)
    named = [replace(p, parallel=ends[p.source, p.target] > 1) for p in projections]
    return named, readers


def _ends(synapses: Any, slices: list[Slice]) -> tuple[str, str, list[Slice], list[Slice]]:
    """What synapses join: ``(onto whose synapses, from whose, sources, targets)``.

    Synapses onto synapses lead to where those lead; what synapses release comes from their source.
    """
    source, target = synapses.source, synapses.target
    onto = target.name if internals.is_synapses(target) else ""
    of = source.name if internals.is_synapses(source) else ""
    while internals.is_synapses(source):
        source = source.source
    while internals.is_synapses(target):
        target = target.target
    sources, targets = _covered(source, slices), _covered(target, slices)
    return onto, of, sources[:1] if of else sources, targets[:1] if onto else targets


def _covered(group: Any, slices: list[Slice]) -> list[Slice]:
    """The populations that overlap the neurons of a (sub)group."""
    base = whole(group)
    low = group.start if base is not group else 0
    high = group.stop if base is not group else int(base.N)
    return [s for s in slices if s.group.name == base.name and s.start < high and low < s.stop]


def _traces(model: Model, slices: dict[str, Slice]) -> tuple[dict[str, str], dict[str, str]]:
    for name in (*model.traces, *model.maps):
        population, _, variable = name.partition(".")
        if population not in slices or variable not in slices[population].group.variables:
            raise BuildError(f"The model declares the trace {name!r}, which its network has not.")
    for name in model.labels:
        if name not in model.traces | model.maps and name not in slices:
            raise BuildError(
                f"The model labels {name!r}, which is none of its traces, maps and populations."
            )
    for name in model.unit_names:
        if name not in slices:
            raise BuildError(f"The model names units of {name!r}, which is no population of it.")
    return dict(model.traces), dict(model.maps)


def _fitting_unit(variable: Any, wanted: str) -> str:
    """``wanted`` where its dimension is the variable's, else the SI unit of the variable."""
    from brian2 import get_unit, have_same_dimensions

    si = get_unit(variable.dim)
    if wanted and have_same_dimensions(brian_unit(wanted), si):
        return wanted
    return "1" if variable.dim.is_dimensionless else str(si)


def _delay_ms(synapses: Any) -> tuple[float, float] | None:
    """(shortest, longest) of all pathways from the source; None where there is none."""
    found = [
        np.asarray(p.variables["delay"].get_value(), dtype=float).reshape(-1) * 1e3
        for p in internals.pathways(synapses)
        if p.prepost == "pre" and len(synapses)
    ]
    delay = np.concatenate(found or [np.empty(0)])
    return (round(float(delay.min()), 9), round(float(delay.max()), 9)) if delay.size else None


def _is_fed(s: Slice, projections: list[Projection]) -> bool:
    """Rate units without dynamics that take in what others send, such as interneurons."""
    return not spikes(s.group) and any(p.target == s.name for p in projections)


def _has_dynamics(group: Any) -> bool:
    return bool(state_variables(group))


def _variables(group: Any) -> dict[str, str]:
    import brian2

    hidden = ("i", "t", "dt", "N", "t_in_timesteps")
    return {
        name: "1" if v.dim.is_dimensionless else str(brian2.get_unit(v.dim))
        for name, v in group.variables.items()
        if isinstance(v, brian2.core.variables.ArrayVariable)
        and not v.scalar
        and not name.startswith("_")
        and name not in hidden
        and np.issubdtype(v.dtype, np.floating)
    }
