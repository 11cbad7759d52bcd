"""Takes over the runs of a script: what it simulates is handed to somebody else."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from .patches import needed


@contextmanager
def intercepted(reached: Callable[[Any, float, dict[str, Any] | None], None]) -> Iterator[None]:
    """Within the block, each run of a network calls ``reached(net, duration_s, namespace)``.

    The network is not simulated, whatever the device: choosing one has no effect.
    """
    import brian2
    from brian2.core import network

    # Not ``from brian2.devices import device``, which is the active device.
    device = importlib.import_module("brian2.devices.device")

    def run(
        net: Any, duration: Any, *_: Any, namespace: dict[str, Any] | None = None, **__: Any
    ) -> None:
        reached(net, float(duration), namespace)

    def stay(*_: Any, **__: Any) -> None:
        """Choosing a device: its synapses would exist only after it has been built."""

    needed("first-run", network.Network)
    kept = [(network.Network, "run", network.Network.run)]
    for module in (brian2, brian2.devices, device):
        kept.append((module, "set_device", needed("first-run", module, "set_device")))
    target = brian2.prefs.codegen.target
    try:
        network.Network.run = run
        for module, name, _ in kept[1:]:
            setattr(module, name, stay)
        yield
    finally:
        for owner, name, function in kept:
            setattr(owner, name, function)
        brian2.prefs.codegen.target = target  # the engine decides, not the script
