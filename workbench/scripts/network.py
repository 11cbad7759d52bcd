"""The network of a script's run, as a network of its own that the workbench may add to."""

from __future__ import annotations

from typing import Any

from ..brian.internals import network_of_its_own
from ..errors import BuildError
from .execution import RunCall


def network_of(call: RunCall) -> Any:
    """The network of a run: the script's own, or one of what a bare ``run()`` collects.

    raises : BuildError for a network that was simulated before, or has no neurons
    """
    from brian2.core.magic import MagicNetwork
    from brian2.core.spikesource import SpikeSource

    net = call.net
    if isinstance(net, MagicNetwork):
        net = network_of_its_own(net, "script_network")
    if not any(isinstance(o, SpikeSource) for o in net.sorted_objects):
        raise BuildError("The first run of the script has no neurons.")
    return net


def namespace_of(call: RunCall) -> dict[str, Any]:
    """Names that equations may use, a copy: those of the run, without Python's own."""
    return {k: v for k, v in call.namespace.items() if not k.startswith("__")}
