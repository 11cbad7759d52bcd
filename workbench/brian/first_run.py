"""Takes over the runs of a script: what it simulates is handed to somebody else."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from .patches import needed

BEFORE = "workbench before the runs of a binary"  # name of a stored state


class Runs:
    """The runs of a script, each of which calls ``reached(net, duration_s, namespace)``.

    reached : may wait, for as long as the script is to wait
    names   : the names around the script's statement that is executed
    late    : of a script that builds a binary first and gives it values with ``run_args``, the runs
              are those of ``device.run``
    """

    def __init__(
        self, reached: Callable[[Any, float, dict[str, Any]], None],
        names: Callable[[], dict[str, Any]], late: bool = False,
    ):  # fmt: skip
        self.reached, self.names, self.late = reached, names, late
        self._builds_first = False
        self._kept: list[tuple[Any, float, dict[str, Any]]] = []
        self._times = 0

    @contextmanager
    def taken_over(self) -> Iterator[None]:
        """Within the block, runs of networks are handed over; none is simulated.

        Choosing a device has no effect.
        """
        import brian2
        from brian2.core import network

        # Not ``from brian2.devices import device``, which is the active device.
        device = importlib.import_module("brian2.devices.device")
        needed("first-run", network.Network)
        active, target = brian2.get_device(), brian2.prefs.codegen.target
        places = [(network.Network, "run", self._run_of())]
        for module in (brian2, brian2.devices, device):
            needed("first-run", module, "set_device")
            places.append((module, "set_device", self._choose))
        kept = [(home, name, getattr(home, name)) for home, name, _ in places]
        try:
            for home, name, replacement in places:
                setattr(home, name, replacement)
            if self.late:
                active.run = self._run_binary
            yield
        finally:
            for home, name, original in kept:
                setattr(home, name, original)
            vars(active).pop("run", None) if self.late else None
            brian2.prefs.codegen.target = target  # the engine decides, not the script

    def _run_of(self) -> Callable[..., None]:
        """The method ``Network.run``."""

        def run(
            net: Any, duration: Any, *_: Any, namespace: dict[str, Any] | None = None, **__: Any
        ) -> None:
            given = self.names() if namespace is None else dict(namespace)
            if self._builds_first:
                self._kept.append((net, float(duration), given))
            else:
                self.reached(net, float(duration), given)

        return run

    def _choose(self, _device: Any = None, build_on_run: bool = True, **_: Any) -> None:
        """Instead of ``set_device``: synapses would exist only after it has been built."""
        self._builds_first = self.late and not build_on_run

    def _run_binary(self, *_: Any, run_args: Any = None, **__: Any) -> None:
        """Instead of ``device.run``: each begins with the network as it was built."""
        import brian2

        for net in {id(net): net for net, *_ in self._kept}.values():
            if self._times:
                brian2.Network.restore(net, BEFORE)
            else:
                brian2.Network.store(net, BEFORE)
        self._times += 1
        for what, values in dict(run_args or {}).items():
            if isinstance(what, brian2.TimedArray):
                what.values[:] = np.asarray(values)
            else:
                what.set_item(slice(None), values)
        for call in self._kept:
            self.reached(*call)
