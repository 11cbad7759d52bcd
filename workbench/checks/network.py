"""Checks of the network that a model builds; Brian2 is imported when a check runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from ..model.model import Model
from ..model.time_step import NAME as STEP
from ..model.units import brian_unit
from ..network import NetworkInfo
from .check import CheckFailed, check, need
from .declaration import ends

if TYPE_CHECKING:
    from ..engine.runtime import Runtime

END_TICKS = 3  # how long each end of a slider is simulated


@check("names every object, so that a rebuild gives the same names")
def names_every_object(cls: type[Model]) -> None:
    # Brian2 numbers automatic names while the first object exists, so keep both networks.
    _expect_unused_objects()
    from ..engine.runtime import brian_settings_kept

    with brian_settings_kept():
        first, second = cls().build(), cls().build()
    own, again = _names(first), _names(second)
    new = sorted(set(again) - set(own))
    need(
        not new,
        f"Built a second time, the network has the object {new[0] if new else ''!r} instead of the "
        "first one's: pass name= when it is made.",
    )


@check("has clocks of its own, and needs no magic")
def has_own_clocks(cls: type[Model]) -> None:
    from ..engine.runtime import brian_settings_kept

    _expect_unused_objects()
    with brian_settings_kept():
        net = cls().build()
    for item in _objects(net):
        clock = getattr(item, "clock", None)
        need(
            clock is None or clock.name != "defaultclock",
            f"{item.name} runs on Brian2's shared default clock: pass clock= or dt= to it.",
        )
    # With an empty namespace, only names in the model's own namespaces are resolved.
    with brian_settings_kept():
        net.run(cls.dt_ms * brian_unit("ms"), namespace={})


@check("runs in the steps that it declares, and in others where they are not part of it")
def runs_in_its_steps(cls: type[Model]) -> None:
    for dt_ms in (cls.dt_ms,) if cls.dt_fixed else (cls.dt_ms, cls.dt_ms / 2):
        with built(cls(dt_ms=dt_ms)) as runtime:
            steps = {
                round(float(s.group.clock.dt) * 1e3, 9): name for name, s in runtime.slices.items()
            }
        need(
            round(dt_ms, 9) in steps,
            f"dt_ms is {dt_ms:g} ms, but the steps of {next(iter(steps.values()))} are "
            f"{next(iter(steps)):g} ms: give its clock dt=self.brian('dt_ms').",
        )


@check("lets every live parameter reach its shared variables, and changes nothing else by it")
def live_parameters_reach_the_network(cls: type[Model]) -> None:
    from ..engine.runtime import Runtime, brian_settings_kept

    class Watched(Runtime):
        """Compares every array before and after the live parameters are written."""

        def write_live_parameters(self) -> None:
            before = _arrays(self.net)
            super().write_live_parameters()
            live = {n for n, q in cls.parameters().items() if q.live}
            self._need_only(live, before, "When the network was built, the live parameters")

        def change(self, name: str, value: float) -> None:
            before = _arrays(self.net)
            self.set_parameter(name, value)
            message = f"{name} = {cls.parameter(name).text(value)}"
            self._need_only({name}, before, message)
            for variable in self.live_variables(name):
                found = np.asarray(variable.get_value(), dtype=float)
                wanted = float(value * brian_unit(cls.parameter(name).unit))
                need(
                    bool(np.allclose(found, wanted, rtol=1e-12, atol=0)),
                    f"{message} did not reach {variable.owner.name}.{name}.",
                )

        def _need_only(self, names: set[str], before: dict[Any, np.ndarray], who: str) -> None:
            for variable, value in _arrays(self.net).items():
                if variable.scalar and variable.name in names:
                    continue
                need(
                    np.array_equal(value, before[variable], equal_nan=value.dtype.kind == "f"),
                    f"{who} changed {variable.owner.name}.{variable.name}, which is no shared "
                    "variable of that name.",
                )

    _expect_unused_objects()
    with brian_settings_kept():
        runtime = Watched(cls(), 1, "numpy")
        runtime.build()
        for name, q in cls.parameters().items():
            for value in (*ends(q.softbounds), q.default) if q.live else ():
                runtime.change(name, value)


@check("stays finite at both ends of every slider", slow=True)
def finite_at_both_ends(cls: type[Model]) -> None:
    live = {n: q for n, q in cls.parameters().items() if q.live}
    fixed = {n: q for n, q in cls.parameters().items() if not q.live}
    # One run moves each live slider to both ends and back, as a user would.
    drags = [(n, float(v)) for n, q in live.items() for v in (*ends(q.softbounds), q.default)]
    model = cls()
    with built(model) as runtime:
        _stimulate(runtime, END_TICKS * len(drags) + 1)
        last: tuple[str, float] | None = None

        def drag(tick: int) -> None:
            nonlocal last
            if tick % END_TICKS == 0:
                _need_finite(runtime, last)
                if tick // END_TICKS < len(drags):
                    last = drags[tick // END_TICKS]
                    runtime.set_parameter(*drags[tick // END_TICKS])

        runtime.on_tick = drag
        runtime.run((END_TICKS * len(drags) + 1) * cls.tick_ms)
        _need_finite(runtime, last)
    # Try parameters that need a rebuild one at a time, the others small: sizes multiply.
    small = {n: ends(q.softbounds)[0] for n, q in fixed.items() if n != STEP}
    tried: list[dict[str, float]] = []
    for name, q in fixed.items():
        for value in ends(q.softbounds):
            values = {**small, name: value}
            if values not in tried:  # all of them small is the same network for each parameter
                tried.append(values)
                with built(cls(**values)) as runtime:
                    _stimulate(runtime, END_TICKS)
                    runtime.run(END_TICKS * cls.tick_ms)
                    _need_finite(runtime, (name, value))


@check("yields a circuit diagram")
def yields_a_circuit(cls: type[Model]) -> None:
    info = default_network(cls)
    circuit = info.circuit
    names = {p.name for p in info.populations}
    # A population of which only parts send or receive is drawn as its parts.
    of = {n.name: n.group if n.group in names and n.name not in names else n.name
          for n in circuit.nodes}  # fmt: skip
    sizes = dict.fromkeys(names, 0)
    for n in circuit.nodes:
        if of[n.name] in names:
            sizes[of[n.name]] += n.size
    missing = sorted(p.name for p in info.populations if sizes[p.name] < p.size)
    need(not missing, f"The circuit leaves out the population {missing[0] if missing else ''!r}.")
    joined = {(of.get(e.source), of.get(e.target)) for e in circuit.edges}
    for p in info.projections:
        need(
            p.n_synapses == 0 or (p.source, p.target) in joined,
            f"The circuit leaves out the projection {p.name!r}.",
        )


@contextmanager
def built(model: Model, seed: int = 1) -> Iterator[Runtime]:
    """Yield a runtime with its network built in this process, on the NumPy target."""
    from ..engine.runtime import Runtime, brian_settings_kept

    _expect_unused_objects()
    with brian_settings_kept():
        runtime = Runtime(model, seed, "numpy")
        runtime.build()
        yield runtime


@lru_cache(maxsize=1)  # the checks of one model come one after the other
def default_network(cls: type[Model]) -> NetworkInfo:
    """Return what the network with default values consists of."""
    with built(cls()) as runtime:
        return runtime.info


def drivable(runtime: Runtime) -> dict[str, int]:
    """Input populations that operations can make spike, with their sizes."""
    return {
        p.name: p.size
        for p in runtime.info.populations
        if "drive" in runtime.slices[p.name].group.variables and p.kind == "input"
    }


def _expect_unused_objects() -> None:
    """Suppress Brian2's warnings about unused objects: some networks are built but not run."""
    import brian2

    brian2.BrianLogger.suppress_name("unused_brian_object")


def _stimulate(runtime: Runtime, ticks: int) -> None:
    """Make every input spike at every other tick, so that the network is active."""
    from ..model.operation import Inject

    for population, size in drivable(runtime).items():
        for tick in range(0, ticks, 2):
            runtime.plan(tick, Inject(None, population, tuple(range(size))))


def _need_finite(runtime: Runtime, last: tuple[str, float] | None) -> None:
    from ..errors import SimulationError

    try:
        runtime.check_finite()
    except SimulationError as error:
        at = "the defaults"
        if last is not None:
            at = f"{last[0]} = {runtime.model.parameter(last[0]).text(last[1])}"
        raise CheckFailed(f"With {at}: {error}") from error


def _arrays(net: Any) -> dict[Any, np.ndarray]:
    """Copy every array of a network: variable -> values."""
    from brian2.core.variables import ArrayVariable

    return {
        v: np.array(v.get_value())
        for o in _objects(net)
        for v in getattr(o, "variables", {}).values()
        if isinstance(v, ArrayVariable) and getattr(v.owner, "name", "") == o.name
    }


def _objects(net: Any) -> list[Any]:
    found = []
    for item in net.sorted_objects:
        found += [item, *item.contained_objects]
    return list({id(o): o for o in found}.values())


def _names(net: Any) -> list[str]:
    # Brian2 names the solver of a cable equation itself; the name cannot be set.
    items = [o for o in _objects(net) if type(o).__name__ != "SpatialStateUpdater"]
    clocks = {id(o.clock): o.clock for o in items if getattr(o, "clock", None) is not None}
    return sorted({o.name for o in (*items, *clocks.values())})


__all__ = ["built", "drivable"]
