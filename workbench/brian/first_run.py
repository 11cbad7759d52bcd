"""Ends a script at the first run of a network. For a process that does nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from .patches import needed


def intercept(reached: Callable[[Any, dict[str, Any] | None], NoReturn]) -> None:
    """Let the first run of any network call ``reached(net, namespace)``, whatever the device.

    reached : must raise, and not an Exception: scripts catch those
    """
    import brian2
    from brian2.core import network
    from brian2.devices import device

    def run(net: Any, *_: Any, namespace: dict[str, Any] | None = None, **__: Any) -> None:
        reached(net, namespace)

    def stay(*_: Any, **__: Any) -> None:
        """Choosing a device: its synapses would exist only after it has been built."""

    needed("first-run", network.Network)
    network.Network.run = run
    for module in (brian2, brian2.devices, device):
        needed("first-run", module, "set_device")
        module.set_device = stay
