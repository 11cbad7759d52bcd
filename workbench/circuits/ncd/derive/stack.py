"""Streams stacked into one array, along an axis of variables."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from itertools import count

import numpy as np

from ..term.arrays import Array, Axis
from ..term.operators import Add
from ..term.program import Action, Keys, Machine
from ..term.terms import TIME, Reindex
from .streams import Graph, Stream, StreamNode, Use


def _stacked(
    array: Array, what: str, message: list[str], numbers: count, shown: list[str] | None = None
) -> Array:
    """An array of several like ``array``, one for each of what is ``said``."""
    t, *rest = array.axes
    number = next(numbers)
    title = f"= {len(message)}: {what}{', '.join(message if shown is None else shown)}"
    states = Axis(f"variables {number}", f"v_{number}", len(message), title)
    return Array((t, states, *rest), array.datatype, array.name)


def stack_sums(graph: Graph, kept: set[Stream], numbers: count) -> None:
    """Sums of what the same boxes give, and the same box takes, are one sum."""
    homes = {s: n for n in graph.nodes for s, _ in n.gives}
    for node in list(graph.nodes):
        if not isinstance(node.operator, Machine):
            continue
        groups: dict[tuple, list[int]] = {}
        for n, u in enumerate(node.takes):
            total = homes.get(u.stream)
            if total is None or not isinstance(total.operator, Add) or u.stream in kept:
                continue
            makers = tuple(homes[v.stream].name for v in total.takes)
            alone = all(isinstance(homes[v.stream].operator, Machine) for v in total.takes)
            if alone and len(set(makers)) == len(makers):
                groups.setdefault((*sorted(makers), u.array), []).append(n)
        for places in groups.values():
            if len(places) > 1:
                _stack_sum(graph, node, places, homes, numbers)


def _stack_sum(
    graph: Graph,
    node: StreamNode,
    places: list[int],
    homes: dict[Stream, StreamNode],
    numbers: count,
) -> None:
    totals = [homes[node.takes[n].stream] for n in places]
    message = [t.name.rstrip("+").rpartition(".")[2] for t in totals]
    target = totals[0].name.partition(".")[0].replace("_", " ")
    array = _stacked(node.takes[places[0]].array, f"what is added to {target}'s ", message, numbers)
    array = array.named("\\Delta")
    takes = []
    for u in totals[0].takes:
        home = homes[u.stream]
        keys = tuple(str(v.stream[1]) for t in totals for v in t.takes if homes[v.stream] is home)
        give_instead(home, keys, keys, array)
        takes.append(Use((home.name, keys), array))
    keys = tuple(t.name for t in totals)
    name = " ".join(keys)
    op = totals[0].operator
    graph.nodes.append(
        StreamNode(name, replace(op, title=f"sums onto {', '.join(message)} of {target}"), takes,
             [(("+", keys), array)], early=False)
    )  # fmt: skip
    for t in totals:
        graph.nodes.remove(t)
    _take_stack(graph, node, places, ("+", keys), array, keys)


def _take_stack(
    graph: Graph, node: StreamNode, places: list[int], stream: Stream, array: Array,
    keys: tuple[str, ...],
) -> None:  # fmt: skip
    """Let a box take, in the place of several streams that it reads alike, one of all of them."""
    op = node.operator
    assert isinstance(op, Machine)
    by_key = {_key(node.takes[n].stream): str(op.reads[n]) for n in places}
    reads = tuple(by_key.get(k, "") for k in keys)
    first = places[0]
    old = node.takes[first]
    again = old.reindexings
    if any(r.before for r in again):
        before = " ".join(keys)
        graph.values[before] = np.stack([graph.values[k] for k in keys])
        again = tuple(replace(r, before=before) for r in again)
    node.takes[first] = Use(stream, array, old.lag, again)
    core = op.inputs[first]
    inputs, listed = list(op.inputs), list(op.reads)
    inputs[first] = Array((core.axes[0], array.axes[1], *core.axes[1:]), core.datatype)
    listed[first] = reads
    node.operator = replace(op, inputs=tuple(inputs), reads=tuple(listed))
    gone = set(places[1:])
    left = [k for k in range(len(node.takes)) if k not in gone]
    retake(node, left, op.program)


def _key(stream: Stream) -> str:
    return str(stream[1])


def stack_states(graph: Graph, name: str, kept: set[Stream], numbers: count) -> None:
    """What boxes read of the variables of another box, or of the outside, is one array."""
    source = next((n for n in graph.nodes if n.name == name), None)
    if name and not (source and isinstance(source.operator, Machine)):
        return
    taken: dict[Stream, list[tuple[StreamNode, int]]] = {}
    for node in graph.nodes:
        for n, u in enumerate(node.takes):
            if u.stream[0] == name:
                taken.setdefault(u.stream, []).append((node, n))
    groups: dict[Array, list[Stream]] = {}
    for stream, users in taken.items():
        array = users[0][0].takes[users[0][1]].array
        if stream in kept or array.datatype != "real" or isinstance(stream[1], tuple):
            continue
        if not all(_is_state(node, n) for node, n in users):
            continue
        groups.setdefault(array, []).append(stream)
    for array, streams in groups.items():
        for part in _together(sorted(streams), lambda s: {n.name for n, _ in taken[s]}):
            _stack(graph, source, array, part, taken, numbers)


def _is_state(node: StreamNode, n: int) -> bool:
    """True for what a box reads as it is, or as it was."""
    u = node.takes[n]
    plain = all(r.axis.uid in TIME and r.by is None for r in u.reindexings)
    return isinstance(node.operator, Machine) and plain and len(u.reindexings) < 2


def _together(streams: list[Stream], users: Callable[[Stream], set[str]]) -> list[list[Stream]]:
    """Parts of two and more, such that a user of one stream of a part uses another as well."""
    parts: list[tuple[list[Stream], set[str]]] = []
    for s in streams:
        mine, all_users = [s], set(users(s))
        for part in [p for p in parts if p[1] & all_users]:
            parts.remove(part)
            mine, all_users = part[0] + mine, all_users | part[1]
        parts.append((mine, all_users))
    return [sorted(p) for p, _ in parts if len(p) > 1]


def _stack(
    graph: Graph, source: StreamNode | None, array: Array, streams: list[Stream],
    taken: dict[Stream, list[tuple[StreamNode, int]]], numbers: count,
) -> None:  # fmt: skip
    keys = tuple(_key(s) for s in streams)
    if source is None:
        message = [k.partition("?")[0].replace("_", " ") for k in keys]
        one = list(dict.fromkeys(message))
        array = _stacked(array, "random numbers of ", message, numbers, one)
    else:
        message = [k.rstrip("+").rpartition(".")[2] for k in keys]
        changes = any(">" in k for k in keys)
        what = f"{'changes by' if changes else ''} {source.name.replace('_', ' ')}: ".lstrip()
        array = _stacked(array, what, message, numbers)
    stream: Stream = (source.name if source else "", keys)
    users = {id(n): n for s in streams for n, _ in taken[s]}
    for node in users.values():
        alike: dict[tuple[Reindex, ...], list[int]] = {}
        for n, u in enumerate(node.takes):
            if u.stream in streams:
                how = tuple(replace(r, source=0, before="") for r in u.reindexings)
                alike.setdefault(how, []).append(n)
        # From the last: what comes before keeps its number.
        for places in sorted(alike.values(), reverse=True):
            _take_stack(graph, node, places, stream, array, keys)
    if source is None:
        for s in streams:
            graph.outside.pop(s)
        graph.outside[stream] = array
    else:
        give_instead(source, keys, keys, array)


# -- what a box takes and gives --------------------------------------------------------------------


def retake(node: StreamNode, left: list[int], program: tuple[Action, ...]) -> None:
    op = node.operator
    assert isinstance(op, Machine)
    node.takes = [node.takes[k] for k in left]
    node.operator = replace(
        op, inputs=tuple(op.inputs[k] for k in left), reads=tuple(op.reads[k] for k in left),
        program=program,
    )  # fmt: skip
    numbered(node)


def numbered(node: StreamNode) -> None:
    """Let the re-indexings say again which array they read."""
    for n, u in enumerate(node.takes):
        u.reindexings = tuple(replace(r, source=n) for r in u.reindexings)


def give_instead(home: StreamNode, old: Collection[str], new: Keys, array: Array) -> None:
    """Let a box give one array in the place of several."""
    op = home.operator
    assert isinstance(op, Machine)
    at = min(k for k, w in enumerate(op.writes) if w in old)
    left = [k for k, w in enumerate(op.writes) if w not in old]
    before = [k for k in left if k < at]
    after = [k for k in left if k > at]

    def put(items: Collection, item: object) -> list:
        listed = list(items)
        return [*(listed[k] for k in before), item, *(listed[k] for k in after)]

    core = op.outputs[at]
    own = core.axes
    if isinstance(new, tuple):
        own = (core.axes[0], array.axes[1], *core.axes[1:])
    home.gives = put(home.gives, ((home.name, new), array))
    home.operator = replace(
        op,
        outputs=tuple(put(op.outputs, Array(own, array.datatype))),
        writes=tuple(put(op.writes, new)),
    )  # fmt: skip
