"""Streams of a graph gathered, so that what travels together is drawn as one array.

Nothing of what is computed changes: arrays are stacked along an axis of variables, added where
they are made instead of later, and re-indexed once for all who read them alike.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from itertools import count

import numpy as np

from .graph import Graph, Node, Stream, Use
from .operators import Add, Read
from .program import Action, Keys, Machine, Ref, Statement
from .shape import Array, Axis
from .terms import TIME, Reindex


def gather(graph: Graph, wanted: Collection[Stream]) -> None:
    """Let a graph have as few streams as it can; those that are ``wanted`` stay what they are."""
    for node in graph.nodes:
        _take_once(node)
    for node in [n for n in graph.nodes if isinstance(n.operator, Add)]:
        _add_inside(graph, node)
    kept = set(wanted)
    numbers = count(1)
    _stack_sums(graph, kept, numbers)
    for name in ["", *(n.name for n in graph.nodes)]:
        _stack_states(graph, name, kept, numbers)
    while _read_once(graph):
        pass


# -- within a box ---------------------------------------------------------------------------------


def _take_once(node: Node) -> None:
    """A box takes a stream only once, if it reads it in the same way."""
    op = node.operator
    if not isinstance(op, Machine):
        return
    first: dict[tuple, int] = {}
    again: dict[str, str] = {}
    for n, u in enumerate(node.takes):
        key = op.reads[n]
        how = (u.stream, u.array, tuple(replace(r, source=0) for r in u.reindexings))
        if first.setdefault(how, n) != n and isinstance(key, str) and key.endswith("<"):
            again[key] = str(op.reads[first[how]])
    if again:
        program = tuple(
            replace(a, events=again[a.events]) if a.events in again else a for a in op.program
        )
        _retake(node, [k for k, key in enumerate(op.reads) if key not in again], program)


def _retake(node: Node, left: list[int], program: tuple[Action, ...]) -> None:
    op = node.operator
    assert isinstance(op, Machine)
    node.takes = [node.takes[k] for k in left]
    node.operator = replace(
        op, inputs=tuple(op.inputs[k] for k in left), reads=tuple(op.reads[k] for k in left),
        program=program,
    )  # fmt: skip
    _numbered(node)


def _numbered(node: Node) -> None:
    """Let the re-indexings say again which array they read."""
    for n, u in enumerate(node.takes):
        u.reindexings = tuple(replace(r, source=n) for r in u.reindexings)


def _add_inside(graph: Graph, total: Node) -> None:
    """What one box adds to the same sum in several ways, it adds up itself."""
    homes = {s: n for n in graph.nodes for s, _ in n.gives}
    by_home: dict[str, list[Use]] = {}
    for u in total.takes:
        by_home.setdefault(homes[u.stream].name, []).append(u)
    takes = []
    for uses in by_home.values():
        home = homes[uses[0].stream]
        op = home.operator
        if len(uses) < 2 or not isinstance(op, Machine):
            takes += uses
            continue
        keys = [str(u.stream[1]) for u in uses]
        target = keys[0].rpartition(">")[2]
        key = f"{home.name}+>{target}"
        graph.values[key] = np.zeros_like(graph.values[keys[0]])
        refs = tuple((f"x{k}", Ref(old)) for k, old in enumerate(keys))
        formula = " + ".join(name for name, _ in refs)
        size = len(graph.values[key])
        added = Action(
            name=f"{key} added", kind="all", size=size,
            statements=(Statement(target, "=", formula, refs, Ref(key)),),
        )  # fmt: skip
        op = replace(op, program=(*op.program, added), state=(*op.state, *keys, key))
        home.operator = replace(op, state=tuple(dict.fromkeys(op.state)))
        _give_instead(home, keys, key, uses[0].array)
        takes.append(Use((home.name, key), uses[0].array))
    if len(takes) == 1:
        _use_instead(graph, ("+", total.name), takes[0].stream)
        graph.nodes.remove(total)
    elif len(takes) < len(total.takes):
        total.takes = takes
        total.operator = replace(total.operator, inputs=(Array(),) * len(takes))


def _give_instead(home: Node, old: Collection[str], new: Keys, array: Array) -> None:
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


def _use_instead(graph: Graph, old: Stream, new: Stream) -> None:
    for node in graph.nodes:
        for u in node.takes:
            if u.stream == old:
                u.stream = new


# -- an axis of variables -------------------------------------------------------------------------


def _stacked(
    array: Array, what: str, said: list[str], numbers: count, shown: list[str] | None = None
) -> Array:
    """An array of several like ``array``, one for each of what is ``said``."""
    t, *rest = array.axes
    number = next(numbers)
    title = f"= {len(said)}: {what}{', '.join(said if shown is None else shown)}"
    states = Axis(f"variables {number}", f"v_{number}", len(said), title)
    return Array((t, states, *rest), array.datatype, array.name)


def _stack_sums(graph: Graph, kept: set[Stream], numbers: count) -> None:
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
    graph: Graph, node: Node, places: list[int], homes: dict[Stream, Node], numbers: count
) -> None:
    totals = [homes[node.takes[n].stream] for n in places]
    said = [t.name.rstrip("+").rpartition(".")[2] for t in totals]
    target = totals[0].name.partition(".")[0].replace("_", " ")
    array = _stacked(node.takes[places[0]].array, f"what is added to {target}'s ", said, numbers)
    array = array.named("\\Delta")
    takes = []
    for u in totals[0].takes:
        home = homes[u.stream]
        keys = tuple(str(v.stream[1]) for t in totals for v in t.takes if homes[v.stream] is home)
        _give_instead(home, keys, keys, array)
        takes.append(Use((home.name, keys), array))
    keys = tuple(t.name for t in totals)
    name = " ".join(keys)
    op = totals[0].operator
    graph.nodes.append(
        Node(name, replace(op, title=f"sums onto {', '.join(said)} of {target}"), takes,
             [(("+", keys), array)], early=False)
    )  # fmt: skip
    for t in totals:
        graph.nodes.remove(t)
    _take_stack(graph, node, places, ("+", keys), array, keys)


def _take_stack(
    graph: Graph, node: Node, places: list[int], stream: Stream, array: Array,
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
    _retake(node, left, op.program)


def _key(stream: Stream) -> str:
    return str(stream[1])


def _stack_states(graph: Graph, name: str, kept: set[Stream], numbers: count) -> None:
    """What boxes read of the variables of another box, or of the outside, is one array."""
    source = next((n for n in graph.nodes if n.name == name), None)
    if name and not (source and isinstance(source.operator, Machine)):
        return
    taken: dict[Stream, list[tuple[Node, int]]] = {}
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


def _is_state(node: Node, n: int) -> bool:
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
    graph: Graph, source: Node | None, array: Array, streams: list[Stream],
    taken: dict[Stream, list[tuple[Node, int]]], numbers: count,
) -> None:  # fmt: skip
    keys = tuple(_key(s) for s in streams)
    if source is None:
        said = [k.partition("?")[0].replace("_", " ") for k in keys]
        one = list(dict.fromkeys(said))
        array = _stacked(array, "random numbers of ", said, numbers, one)
    else:
        said = [k.rstrip("+").rpartition(".")[2] for k in keys]
        changes = any(">" in k for k in keys)
        what = f"{'changes by' if changes else ''} {source.name.replace('_', ' ')}: ".lstrip()
        array = _stacked(array, what, said, numbers)
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
        _give_instead(source, keys, keys, array)


# -- re-indexing ----------------------------------------------------------------------------------


def _read_once(graph: Graph) -> bool:
    """Let a stream that several read at the same place be re-indexed before it is copied."""
    alike: dict[tuple, list[Use]] = {}
    times: dict[Stream, set[int]] = {}
    for node in graph.nodes:
        for u in node.takes:
            times.setdefault(u.stream, set()).add(u.lag)
            if u.reindexings and u.reindexings[0].by is None:
                r = replace(u.reindexings[0], source=0)
                alike.setdefault((u.stream, u.array, r), []).append(u)
    for (stream, array, r), uses in alike.items():
        # What is read at many times would go on as many streams, instead of as one.
        if len(uses) < 2 or len(times[stream]) > 1:
            continue
        made = array
        if r.to != (r.axis,):
            axes = tuple(b for a in array.axes for b in (r.to if a.uid == r.axis.uid else (a,)))
            made = Array(axes, array.datatype, array.name)
        core = Array((), array.datatype)
        op = Read(r.label, (core,), (core,), title=f"read at {r.label}")
        new: Stream = (f"{stream[0]} {stream[1]} {r.label}", stream[1])
        late = r.axis.uid in TIME
        take = Use(stream, array, uses[0].lag if late else 0, (r,))
        graph.nodes.append(Node(new[0], op, [take], [(new, made)]))
        for u in uses:
            u.stream, u.array = new, made
            u.reindexings = u.reindexings[1:]
            u.lag = 0 if late else u.lag
        for node in graph.nodes:
            _numbered(node)
        return True
    return False


__all__ = ["gather"]
