"""The fast standalone device, with arrays that can be read while the binary runs.

Needs Brian2; imported by worker processes only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import brian2
import numpy as np
from brian2.core.variables import ArrayVariable, DynamicArrayVariable
from brian2.devices.device import all_devices

from . import internals
from .fast.device import FastStandalone
from .patches import needed

NAME = "workbench_live"
_TYPES = {"float64": "d", "float32": "f", "int32": "i", "int64": "l", "bool": "b"}


class LiveDevice(FastStandalone):
    """``read(number, dtype)`` asks the running binary; None while there is none."""

    read: Callable[[int, np.dtype], np.ndarray] | None = None
    numbers: dict[Any, int]

    def get_value(self, var: Any, access_data: bool = True) -> np.ndarray:
        if self.read is None or var not in self.numbers:
            return super().get_value(var, access_data)
        value = self.read(self.numbers[var], var.dtype)
        var.size = len(value)
        return value

    def show_values(self, read: Callable[[int, np.dtype], np.ndarray]) -> None:
        """Have every array's values asked for from now on: the binary runs."""
        needed("started", self)
        self.read = read
        self.has_been_run = True

    def hide_values(self) -> None:
        """The binary is gone: what is known without it can be asked for, as before it ran."""
        self.read = None
        self.has_been_run = False

    def pathways(self, net: Any) -> list[tuple[str, str, str]]:
        """The pathways whose spikes under way can be set; (C++ name, delays, length of a step)."""
        if not self.suitable:
            return []
        return [
            (
                path.name,
                self.get_array_name(path.variables["delay"], access_data=False),
                self.get_array_name(path.variables["_source_dt"]),
            )
            for path in internals.all_pathways(net)
        ]

    def number_arrays(self) -> list[tuple[str, str, bool]]:
        """Give every readable array its number; returns (C++ name, type letter, is a vector)."""
        found = sorted(
            (
                (self.get_array_name(v, access_data=False), v)
                for v in self.arrays
                if np.dtype(v.dtype).name in _TYPES and getattr(v, "ndim", 1) == 1
            ),
            key=lambda pair: pair[0],
        )
        self.numbers = {v: k for k, (_, v) in enumerate(found)}
        return [
            (name, _TYPES[np.dtype(v.dtype).name], isinstance(v, DynamicArrayVariable))
            for name, v in found
        ]

    def network_run(self, net: Any, duration: Any, *arguments: Any, **keywords: Any) -> None:
        """As Brian2's, which sets the clocks of a network in an order that is left to chance."""
        queue, keywords["level"] = self.main_queue, keywords.get("level", 0) + 1
        first = len(queue)
        super().network_run(net, duration, *arguments, **keywords)
        clocks = {
            self.get_array_name(clock.variables[name], access_data=False)
            for clock in {o.clock for o in net.sorted_objects}
            for name in ("t", "timestep")
        }
        places = [
            k for k in range(first, len(queue))
            if queue[k][0].startswith("set_by_") and queue[k][1][0] in clocks
        ]  # fmt: skip
        ordered = sorted((queue[k] for k in places), key=lambda entry: str(entry[1][0]))
        for k, entry in zip(places, ordered, strict=True):
            queue[k] = entry

    def build(self, *arguments: Any, **keywords: Any) -> None:
        """As Brian2's; only now is it known what the code calls."""
        brian2.prefs.codegen.cpp.extra_compile_args_gcc = list(self.flags())
        super().build(*arguments, **keywords)

    def number(self, variable: Any) -> int | None:
        """Number of a variable's array; None when it has none, as a subexpression."""
        if not isinstance(variable, ArrayVariable):
            return None
        return self.numbers.get(variable)


def activate() -> LiveDevice:
    """Make a fresh live device Brian2's device."""
    device = all_devices[NAME] = LiveDevice()
    brian2.set_device(NAME, build_on_run=False)
    return device
