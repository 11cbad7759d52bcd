"""The network of a script's run, as a network of its own that the workbench may add to."""

from __future__ import annotations

import re
from typing import Any

from ..brian.internals import follow, give_name, network_of_its_own
from ..errors import BuildError
from .execution import RunCall

Names = list[tuple[Any, str, str]]  # (object, its own name, that of the script's variable)


def network_of(call: RunCall) -> tuple[Any, Names]:
    """The network of a run: the script's own, or one of what a bare ``run()`` collects.

    With it the objects that were given another name.

    raises : BuildError for a network that was simulated before, or has no neurons
    """
    from brian2.core.magic import MagicNetwork
    from brian2.core.spikesource import SpikeSource

    net = call.net
    if isinstance(net, MagicNetwork):
        net = network_of_its_own(net, "script_network")
    if not any(isinstance(o, SpikeSource) for o in net.sorted_objects):
        raise BuildError("The first run of the script has no neurons.")
    names = _names_of_the_script(net, call.namespace)
    _give_names(names)
    return net, names


def continued(net: Any, names: Names, call: RunCall) -> bool:
    """Whether a later run is one of the same network, which is then as it has to be for it.

    net, names : what `network_of` made of an earlier run
    """
    from brian2.core.magic import MagicNetwork

    same = follow(net, call.net) if isinstance(call.net, MagicNetwork) else call.net is net
    if same:
        _give_names(names)
    return same


def leave(net: Any, names: Names) -> None:
    """Give the script its objects back as they would be after a run of its own.

    What it has stored of them has their own names, and a bare ``run()`` goes on at the time of
    Brian2's own network.
    """
    from brian2 import magic_network

    magic_network.t_ = net.t_
    for item, own, _ in names:
        give_name(item, own)


def _give_names(names: Names) -> None:
    for item, _, given in names:
        give_name(item, given)


def simulate(call: RunCall) -> None:
    """Simulate a run as the script would."""
    import brian2

    brian2.Network.run(call.net, call.duration_s * brian2.second, namespace=call.namespace)


def _names_of_the_script(net: Any, names: dict[str, Any]) -> Names:
    """For groups and synapses without a name of their own, that of the script's variable.

    What they contain, and what draws random numbers by itself, keeps its name: names decide the
    order in which Brian2 does what it does at the same time.
    """
    import brian2

    kinds = (brian2.NeuronGroup, brian2.PoissonGroup, brian2.SpikeGeneratorGroup, brian2.Synapses)
    objects = net.sorted_objects
    here, taken = {id(o) for o in objects}, {o.name for o in objects}
    found: Names = []
    for name, item in names.items():
        done = any(item is one for one, *_ in found)
        if done or not isinstance(item, kinds) or id(item) not in here or name in taken:
            continue
        given = re.fullmatch(rf"{type(item).__name__.lower()}(_\d+)?", item.name)
        if given and re.fullmatch(r"[A-Za-z]\w*", name, re.ASCII):
            taken.add(name)
            found.append((item, item.name, name))
    return found


def namespace_of(call: RunCall) -> dict[str, Any]:
    """Names that equations may use, a copy: those of the run, without Python's own."""
    return {k: v for k, v in call.namespace.items() if not k.startswith("__")}
