"""Reads a built Brian2 network: populations, projections, weights. Runs where Brian2 is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import BuildError
from ..quantity import brian_unit
from .frames import NetworkInfo, Population, Projection

if TYPE_CHECKING:
    from ..model import Model

MAX_BINS = 200  # a weight matrix is sent with at most so many rows and columns


class WeightReader:
    """Reads the weights of one ``Synapses`` as arrays or as a binned matrix.

    i, j : (n_syn,) int, neuron numbers within the source and target population
    """

    def __init__(self, synapses: Any, variable: str, unit: str):
        self.i = parent_index(synapses.source, np.asarray(synapses.i[:]))
        self.j = parent_index(synapses.target, np.asarray(synapses.j[:]))
        self._variable = synapses.variables[variable]
        self._scale = 1.0 / float(brian_unit(unit))
        rows, columns = (parent(g).N for g in (synapses.target, synapses.source))
        self.bins = (min(rows, MAX_BINS), min(columns, MAX_BINS))
        row = self.j * self.bins[0] // rows
        column = self.i * self.bins[1] // columns
        self._flat = row * self.bins[1] + column
        self._counts = np.bincount(self._flat, minlength=self.bins[0] * self.bins[1])

    def values(self) -> np.ndarray:
        """(n_syn,) weights in display units."""
        value = np.asarray(self._variable.get_value(), dtype=float) * self._scale
        return np.full(len(self.i), value.ravel()[0]) if self._variable.scalar else value.copy()

    def matrix(self) -> np.ndarray:
        """(post bins, pre bins) float32: mean weight in each bin, NaN where there is no synapse."""
        total = np.bincount(self._flat, weights=self.values(), minlength=len(self._counts))
        with np.errstate(invalid="ignore"):
            return (total / np.where(self._counts, self._counts, np.nan)).reshape(self.bins)


def parent(group: Any) -> Any:
    """The whole group that a subgroup is cut from."""
    source = getattr(group, "source", None)
    return source if source is not None and hasattr(group, "start") else group


def parent_index(group: Any, index: np.ndarray) -> np.ndarray:
    """Neuron numbers within the whole group."""
    return index + (group.start if parent(group) is not group else 0)


def populations_of(net: Any, order: tuple[str, ...]) -> list[Any]:
    """Groups of the network in the declared order, then by name."""
    import brian2
    from brian2.core.spikesource import SpikeSource

    groups = {
        o.name: o
        for o in net.sorted_objects
        if isinstance(o, SpikeSource) and not isinstance(o, brian2.Subgroup)
    }
    missing = [n for n in order if n not in groups]
    if missing:
        raise BuildError(
            f"The model declares the population {missing[0]!r}, but its network has only "
            f"{', '.join(sorted(groups)) or 'none'}."
        )
    return [groups[n] for n in (*order, *sorted(set(groups) - set(order)))]


def describe(net: Any, model: Model) -> tuple[NetworkInfo, dict[str, Any], dict[str, WeightReader]]:
    """What the network consists of, its groups by name, and a reader for each projection's weights.

    raises : BuildError when the declaration and the network do not fit
    """
    import brian2

    from ..circuit.from_network import from_network, is_plastic, projection_sign, weight_variable

    groups = populations_of(net, model.populations)
    if not groups:
        raise BuildError(f"The network of {model.slug or type(model).__name__} has no neurons.")
    projections, readers = [], {}
    synapses = (o for o in net.sorted_objects if isinstance(o, brian2.Synapses))
    for s in sorted(synapses, key=lambda s: s.name):
        weight = weight_variable(s)
        unit = model.weight_unit.get(s.name, model.weight_unit.get("", ""))
        bins = (0, 0)
        if weight and len(s):
            unit = _fitting_unit(s.variables[weight], unit)
            readers[s.name] = WeightReader(s, weight, unit)
            bins = readers[s.name].bins
        projections.append(
            Projection(
                name=s.name,
                source=parent(s.source).name,
                target=parent(s.target).name,
                n_synapses=len(s),
                weight=weight,
                unit=unit or "1",
                plastic=is_plastic(s),
                sign=projection_sign(s),
                delay_ms=_delay_ms(s),
                bins=bins,
                limits=model.weight_limits(s.name),
            )
        )
    signs = {g.name: _sign(g.name, projections) for g in groups}
    populations, offset = [], 0
    for g in groups:
        populations.append(
            Population(
                name=g.name,
                size=int(g.N),
                offset=offset,
                kind="neurons" if _has_dynamics(g) else "input",
                sign=signs[g.name],
                variables=_variables(g),
            )
        )
        offset += int(g.N)
    by_name = {g.name: g for g in groups}
    traces = _traces(model, by_name)
    info = NetworkInfo(
        dt_ms=min(float(g.clock.dt) for g in groups) * 1e3,
        tick_ms=model.tick_ms,
        populations=tuple(populations),
        projections=tuple(projections),
        traces=traces,
        watched={
            name: tuple(range(min(model.watch, by_name[name.split(".")[0]].N))) for name in traces
        },
        circuit=from_network(net, title=model.title),
    )
    return info, by_name, readers


def _traces(model: Model, groups: dict[str, Any]) -> dict[str, str]:
    for name in model.traces:
        population, _, variable = name.partition(".")
        if population not in groups or variable not in groups[population].variables:
            raise BuildError(f"The model declares the trace {name!r}, which its network has not.")
    return dict(model.traces)


def _fitting_unit(variable: Any, wanted: str) -> str:
    """``wanted`` where its dimension is the variable's, else the SI unit of the variable."""
    from brian2 import get_unit, have_same_dimensions

    si = get_unit(variable.dim)
    if wanted and have_same_dimensions(brian_unit(wanted), si):
        return wanted
    return "1" if variable.dim.is_dimensionless else str(si)


def _delay_ms(synapses: Any) -> tuple[float, float] | None:
    pathway = getattr(synapses, "pre", None)
    if pathway is None or not len(synapses):
        return None
    delay = np.asarray(pathway.variables["delay"].get_value()) * 1e3
    return (round(float(delay.min()), 9), round(float(delay.max()), 9)) if delay.size else None


def _sign(name: str, projections: list[Projection]) -> Any:
    signs = {p.sign for p in projections if p.source == name} - {"unknown"}
    if not signs:
        return "none"
    return signs.pop() if len(signs) == 1 else "mixed"


def _has_dynamics(group: Any) -> bool:
    equations = getattr(group, "equations", None)
    return equations is not None and len(equations.diff_eq_names) > 0


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
