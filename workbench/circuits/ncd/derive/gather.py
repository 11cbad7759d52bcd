"""Streams of a graph gathered, so that what travels together is drawn as one array.

Nothing of what is computed changes: arrays are stacked along an axis of variables, added where
they are made instead of later, and re-indexed once for all who read them alike.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from itertools import count

import numpy as np

from ..term.arrays import Array
from ..term.operators import Add, Read
from ..term.program import Action, Machine, Ref, Statement
from ..term.terms import TIME
from .stack import give_instead, numbered, retake, stack_states, stack_sums
from .streams import Graph, Stream, StreamNode, Use


def gather(graph: Graph, wanted: Collection[Stream]) -> None:
    """Let a graph have as few streams as it can; those that are ``wanted`` stay what they are."""
    for node in graph.nodes:
        _take_once(node)
    for node in [n for n in graph.nodes if isinstance(n.operator, Add)]:
        _add_inside(graph, node)
    kept = set(wanted)
    numbers = count(1)
    stack_sums(graph, kept, numbers)
    for name in ["", *(n.name for n in graph.nodes)]:
        stack_states(graph, name, kept, numbers)
    while _read_once(graph):
        pass


# -- within a box ---------------------------------------------------------------------------------


def _take_once(node: StreamNode) -> None:
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
        retake(node, [k for k, key in enumerate(op.reads) if key not in again], program)


def _add_inside(graph: Graph, total: StreamNode) -> None:
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
        give_instead(home, keys, key, uses[0].array)
        takes.append(Use((home.name, key), uses[0].array))
    if len(takes) == 1:
        _use_instead(graph, ("+", total.name), takes[0].stream)
        graph.nodes.remove(total)
    elif len(takes) < len(total.takes):
        total.takes = takes
        total.operator = replace(total.operator, inputs=(Array(),) * len(takes))


def _use_instead(graph: Graph, old: Stream, new: Stream) -> None:
    for node in graph.nodes:
        for u in node.takes:
            if u.stream == old:
                u.stream = new


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
        graph.nodes.append(StreamNode(new[0], op, [take], [(new, made)]))
        for u in uses:
            u.stream, u.array = new, made
            u.reindexings = u.reindexings[1:]
            u.lag = 0 if late else u.lag
        for node in graph.nodes:
            numbered(node)
        return True
    return False


__all__ = ["gather"]
