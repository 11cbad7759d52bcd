"""The network that a model builds, set and stepped by hand: what facts about equations look at.

A fact that compares a run with a closed form sees a few numbers of a few neurons. Here a network is
put into any state, run for some steps, and every variable is compared with what the published
equations, written a second time with the published numbers, make of that state.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from workbench.model.model import Model


class Built:
    """A built network of Brian2 objects; values are plain numbers in SI units."""

    def __init__(self, runtime: Any):
        self._runtime = runtime
        self.net: Any = runtime.build_network()
        self.dt_ms: float = runtime.model.dt_ms

    def __getitem__(self, name: str) -> Any:
        return self.net[name]

    def steps(self, t_ms: float) -> int:
        """How many time steps so many ms are: the equations have to hold at any step."""
        return round(t_ms / self.dt_ms)

    def get(self, owner: str, variable: str) -> np.ndarray:
        """A copy of a variable's values, (n,), SI units; one number for a shared one."""
        return np.array(getattr(self[owner], variable + "_"), dtype=float)

    def put(self, owner: str, **values: Any) -> None:
        """Set variables, SI units."""
        for variable, value in values.items():
            setattr(self[owner], variable + "_", value)

    def set(self, **values: float) -> None:
        """Move sliders: parameters in their own units, wherever the network holds them."""
        for name, value in values.items():
            self._runtime.set_parameter(name, value)

    def record(self, owner: str, *variables: str, steps: int) -> list[np.ndarray]:
        """Values of variables at the end of each step, each (steps, n), the owner running alone."""
        import brian2
        from brian2.core.variables import ArrayVariable

        group = self[owner]
        found = [group.variables[name] for name in variables]
        watch: Any
        if all(isinstance(variable, ArrayVariable) for variable in found):
            # Not a monitor: that refuses the namespace of a group with dense projections.
            seen: list[list[np.ndarray]] = [[] for _ in found]

            def look() -> None:
                for values, variable in zip(seen, found, strict=True):
                    values.append(np.array(variable.get_value(), dtype=float))

            watch = brian2.NetworkOperation(
                look, clock=group.clock, when="end", name="seen_by_a_fact"
            )
        else:
            watch = brian2.StateMonitor(
                group,
                list(variables),
                record=True,
                clock=group.clock,
                when="end",
                name="seen_by_a_fact",
            )
        brian2.Network(group, watch).run(steps * self.dt_ms * brian2.ms, namespace={})
        if isinstance(watch, brian2.NetworkOperation):
            return [np.array(values) for values in seen]
        return [np.array(getattr(watch, name + "_")).T for name in variables]

    def run(self, steps: int) -> None:
        """Run some steps of the model's dt."""
        import brian2

        with np.errstate(all="ignore"):
            self.net.run(steps * self.dt_ms * brian2.ms, namespace={})


@contextmanager
def built(model: Model, seed: int = 1) -> Iterator[Built]:
    """The network of ``model`` on NumPy, in this process, as a run of this seed begins with it."""
    import brian2

    from workbench.engine.runtime import Runtime, brian_settings_kept

    # A network that is only looked at is not run; Brian2 would take that for a mistake.
    brian2.BrianLogger.suppress_name("unused_brian_object")
    with brian_settings_kept():
        yield Built(Runtime(type(model)(**model.values()), seed, "numpy"))


def apart(ours: Any, theirs: Any) -> float:
    """Largest difference between two arrays; infinite when their shapes differ or one is nan."""
    ours, theirs = np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float)
    if ours.shape != theirs.shape or not (np.isfinite(ours).all() and np.isfinite(theirs).all()):
        return float("inf")
    return float(np.abs(ours - theirs).max(initial=0.0))
