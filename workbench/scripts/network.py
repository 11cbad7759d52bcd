"""The network of a script's run, as a network of its own that the workbench may add to."""

from __future__ import annotations

import re
from typing import Any

from ..brian.internals import give_name, network_of_its_own
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
    _name_as_the_script(net, call.namespace)
    return net


def _name_as_the_script(net: Any, names: dict[str, Any]) -> None:
    """Give groups and synapses without a name of their own that of the script's variable.

    What they contain, and what draws random numbers by itself, keeps its name: names decide the
    order in which Brian2 does what it does at the same time.
    """
    import brian2

    kinds = (brian2.NeuronGroup, brian2.PoissonGroup, brian2.SpikeGeneratorGroup, brian2.Synapses)
    objects = net.sorted_objects
    here, taken = {id(o) for o in objects}, {o.name for o in objects}
    for name, item in names.items():
        if not isinstance(item, kinds) or id(item) not in here or name in taken:
            continue
        given = re.fullmatch(rf"{type(item).__name__.lower()}(_\d+)?", item.name)
        if given and re.fullmatch(r"[A-Za-z]\w*", name, re.ASCII):
            taken.add(name)
            give_name(item, name)


def namespace_of(call: RunCall) -> dict[str, Any]:
    """Names that equations may use, a copy: those of the run, without Python's own."""
    return {k: v for k, v in call.namespace.items() if not k.startswith("__")}
