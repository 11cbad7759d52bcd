"""Brian2's private names that the workbench reads: one function each, and nowhere else.

`patches.py` lists them. A name that is missing raises `MissingInternal` with one sentence.
"""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from .patches import BY_NAME, leave_out, missing, needed


def is_synapses(owner: Any) -> bool:
    """True for ``Synapses``, whose entries are synapses and not neurons."""
    from brian2 import Synapses

    return isinstance(owner, Synapses)


def pathways(synapses: Any) -> tuple[Any, ...]:
    """The pathways of ``Synapses``, in order of their definition; none for other objects.

    ``pre`` and ``post`` are documented attributes, but not which named pathways there are; all are
    among the objects that ``Synapses`` contains.
    """
    if not is_synapses(synapses):
        return ()
    return tuple(o for o in synapses.contained_objects if is_pathway(o))


def is_pathway(item: Any) -> bool:
    """True for a pathway of ``Synapses``."""
    from brian2.synapses.synapses import SynapticPathway

    return isinstance(item, SynapticPathway)


def all_pathways(net: Any) -> list[Any]:
    """Every pathway of a network that is simulated, by name."""
    paths = [p for o in net.sorted_objects for p in pathways(o) if p.active]
    return sorted(paths, key=lambda p: str(p.name))


def refractory(group: Any) -> Any:
    """The refractory period of a ``NeuronGroup`` as given: False, a time or an expression."""
    from brian2 import NeuronGroup

    return needed("refractory", group) if isinstance(group, NeuronGroup) else False


def driven_by(poisson_input: Any) -> Any:
    """The group that a ``PoissonInput`` drives."""
    return needed("driven-by", poisson_input)


def resolve_external(group: Any, name: str, namespace: Mapping[str, Any]) -> Any:
    """What a name stands for that is no variable of the group: a constant or a function."""
    from brian2.groups.group import Group

    # Called as a plain function: a group without a `resolve` of its own has it all the same.
    return needed("resolve-external", Group)(group, name, run_namespace=namespace)


def numpy_source(expression: str) -> str:
    """An expression of Brian2 as NumPy evaluates it."""
    return _class_of("numpy-source")().render_expr(expression)


def numpy_function(function: Any, owner: Any) -> Any:
    """A ``Function`` of the user as NumPy calls it for ``owner``: SI numbers in and out."""
    by_class, numpy = function.implementations, _class_of("numpy-function")
    try:
        return by_class[numpy].get_code(owner)
    except KeyError:  # as Brian2 does at the first run
        by_class.add_numpy_implementation(function.pyfunc)
        return by_class[numpy].get_code(owner)


def mark_used(net: Any) -> None:
    """Have Brian2 not warn that nobody simulated the objects of ``net``."""
    for item in net.objects:
        if not hasattr(item, "_network"):
            leave_out("mark-used", "_network is not there")
            return
        item._network = net.id


def was_used(item: Any) -> bool:
    """Whether an object is part of a network that has been run, or is being run."""
    return needed("collected", item) is not None


def network_of_its_own(magic: Any, name: str) -> Any:
    """A network of what a bare ``run()`` has collected, and not simulated yet."""
    import brian2

    found = list(magic.objects)
    inside = {id(part) for item in found for part in item.contained_objects}
    for item in found:
        needed("collected", item)
        item._network = None
    return brian2.Network(*(item for item in found if id(item) not in inside), name=name)


def take_out(net: Any, items: Iterable[Any]) -> None:
    """Remove objects from a network, so that they can be added to one again."""
    for item in items:
        net.remove(item)
        needed("collected", item)
        item._network = None


def follow(net: Any, magic: Any) -> bool:
    """Give a network that was made by `network_of_its_own` what a later bare ``run()`` collects.

    Its time is then that of Brian2's own network. False where that run is of other objects.
    """
    found = list(magic.objects)
    inside = {id(part) for item in found for part in item.contained_objects}
    before = {id(item) for item in net.objects}
    top = [item for item in found if id(item) not in inside]
    if not any(id(item) in before and item.invalidates_magic_network for item in top):
        return False
    take_out(net, [item for item in net.objects if item not in top])
    for item in found:
        if item._network == magic.id:  # collected now for the first time
            item._network = None
    net.add([item for item in top if id(item) not in before])
    net.t_ = magic.t_
    return True


def give_name(item: Any, name: str) -> None:
    """Another name for an object that has not been simulated yet."""
    needed("give-name", item)
    item._name = name


def empty(monitor: Any) -> None:
    """Forget all that a ``SpikeMonitor`` has recorded."""
    needed("empty-monitor", monitor)(0)
    monitor.variables["N"].get_value()[...] = 0


@contextlib.contextmanager
def names_as_if_alone() -> Iterator[None]:
    """Within this block, objects are named as in a process that has no others yet.

    Names that Brian2 makes up are part of generated code, and of the name of its binary.
    """
    from brian2.core.names import Nameable

    names = needed("names", Nameable)()
    before = set(names)
    names.clear()
    try:
        yield
    finally:
        names.update(before)


def arriving(pathway: Any) -> list[np.ndarray]:
    """Synapses that the spikes under way in a pathway reach, in the order in which they will.

    To be asked at the start of a time step, of a network that runs in this process.

    returns : for this step, the next one, and so on, the numbers of synapses, int32
    """
    state = needed("under-way", pathway.queue)()
    if len(state) == 2:  # Brian2's queue in C++: a ring, and where in it the present is
        now, ring = state
        return [np.asarray(part, np.int32) for part in (*ring[now:], *ring[:now])]
    _, spikes, (steps, _) = state  # in Python: (S, 2) steps from now, and synapses
    return [spikes[spikes[:, 0] == k, 1].astype(np.int32) for k in range(steps)]


def _class_of(name: str) -> Any:
    """The class that is the target of a patch, out of its module."""
    module, _, attribute = BY_NAME[name].target[0].rpartition(".")
    try:
        return needed(name, importlib.import_module(module))
    except ModuleNotFoundError:
        raise missing(f"{module}.{attribute}") from None
