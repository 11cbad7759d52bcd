"""Nodes put into columns: a graph of streams made into a term.

What depends on itself becomes an iteration along time; all else is a composition from left to
right, in which a stream that is used twice is copied and one that is used later passes by.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..draw.order import Row, Rows
from ..term.arrays import Array, Axis
from ..term.operators import Add
from ..term.program import Machine
from ..term.terms import Broadcast, Compose, Iterate, Par, Rearrange, Term, identity
from .streams import Graph, Stream, StreamNode


@dataclass
class Item:
    """A term to be placed, and the streams that it takes and gives.

    turns : what it takes, and what it gives, can change places
    """

    name: str
    term: Term
    takes: list[Stream]
    gives: list[Stream]
    early: bool = True
    turns: bool = False

    def turned(self, takes: list[Stream], gives: list[Stream]) -> Term:
        """The term with what it takes and gives in another order."""
        if (takes, gives) == (self.takes, self.gives):
            return self.term
        ins = [self.takes.index(s) for s in takes]
        outs = [self.gives.index(s) for s in gives]
        assert isinstance(self.term, Broadcast)
        op = self.term.operator
        op = replace(
            op, inputs=tuple(op.inputs[k] for k in ins), outputs=tuple(op.outputs[k] for k in outs)
        ) if not isinstance(op, Machine) else replace(
            op, inputs=tuple(op.inputs[k] for k in ins), reads=tuple(op.reads[k] for k in ins),
            outputs=tuple(op.outputs[k] for k in outs), writes=tuple(op.writes[k] for k in outs),
        )  # fmt: skip
        again = sorted(
            (replace(r, source=ins.index(r.source)) for r in self.term.reindexings),
            key=lambda r: r.source,
        )
        return Broadcast(
            op, tuple(self.term.takes[k] for k in ins), tuple(self.term.gives[k] for k in outs),
            tuple(again),
        )  # fmt: skip


def arrange(graph: Graph, wanted: Sequence[Stream]) -> tuple[Term, list[Stream], list[Stream]]:
    """The term of a graph that gives the ``wanted`` streams.

    returns : the term, the streams from outside that it takes, and those that it gives, in order
    """
    maker = {s: n for n in graph.nodes for s, _ in n.gives}
    arrays = {s: a for n in graph.nodes for s, a in n.gives} | graph.outside
    needed = _needed(graph.nodes, maker, wanted)
    items = []
    for part in _components(needed, maker):
        loops = any(maker.get(u.stream) in part for n in part for u in n.takes)
        if loops:
            used = {u.stream for n in needed if n not in part for u in n.takes} | set(wanted)
            items.append(_loop(part, maker, arrays, used, graph.axes.time))
        else:
            items.append(_item(part[0]))
    given = list(dict.fromkeys(s for i in items for s in i.takes if s in graph.outside))
    return _columns(items, given, list(wanted), arrays, 0)


def _needed(
    nodes: list[StreamNode], maker: dict[Stream, StreamNode], wanted: Iterable[Stream]
) -> list[StreamNode]:
    """The nodes on which the wanted streams depend."""
    found: dict[str, StreamNode] = {}
    front = [maker[s] for s in wanted if s in maker]
    while front:
        node = front.pop()
        if node.name not in found:
            found[node.name] = node
            front += [maker[u.stream] for u in node.takes if u.stream in maker]
    return [n for n in nodes if n.name in found]


def _item(node: StreamNode, rename: dict[Stream, Stream] | None = None) -> Item:
    """A node as a term; ``rename`` for streams that are read from a loop."""
    takes = [(rename or {}).get(u.stream, u.stream) for u in node.takes]
    term = Broadcast(
        node.operator,
        tuple(u.array for u in node.takes),
        tuple(a for _, a in node.gives),
        node.reindexings,
    )
    gives = [s for s, _ in node.gives]
    turns = isinstance(node.operator, Add | Machine) and len(set(takes)) == len(takes)
    return Item(node.name, term, takes, gives, node.early, turns)


def _loop(
    part: list[StreamNode], maker: dict[Stream, StreamNode], arrays: dict[Stream, Array], used: set[Stream],
    along: Axis,
) -> Item:  # fmt: skip
    """Nodes that depend on one another, as an iteration."""
    order = _ordered(part, maker)
    place = {n.name: k for k, n in enumerate(order)}
    back: dict[Stream, Stream] = {}
    items = []
    for n in order:
        rename = {}
        for u in n.takes:
            source = maker.get(u.stream)
            if source is not None and source.name in place and place[source.name] >= place[n.name]:
                back[u.stream] = (f"back {u.stream[0]}", u.stream[1])
                rename[u.stream] = back[u.stream]
        items.append(_item(n, rename))
    outside = list(
        dict.fromkeys(u.stream for n in order for u in n.takes if maker.get(u.stream) not in part)
    )
    gives = [s for n in order for s, _ in n.gives if s in used]
    known = arrays | {new: arrays[old] for old, new in back.items()}
    fed = len(back)
    body, takes, made = _columns(
        items, [*back.values(), *outside], [*back, *gives], known, fed
    )  # fmt: skip
    name = " and ".join(x.name for x in order if x.early)
    return Item(name, Iterate(body, along, fed), takes[fed:], made[fed:])


def _ordered(part: list[StreamNode], maker: dict[Stream, StreamNode]) -> list[StreamNode]:
    """An order in which few streams run backwards, and none that is read in its own step."""
    left, done = list(part), []
    while left:
        names = {n.name for n in left}

        def cost(n: StreamNode, names: set[str] = names) -> tuple[int, int, int]:
            sources = [(maker[u.stream].name, u.lag) for u in n.takes if u.stream in maker]
            open_now = sum(s in names and not lag for s, lag in sources)
            open_late = sum(s in names and bool(lag) and s != n.name for s, lag in sources)
            return (open_now, open_late, int(n.early))

        best = min(left, key=cost)
        left.remove(best)
        done.append(best)
    return done


def _columns(
    items: list[Item], given: list[Stream], wanted: list[Stream], arrays: dict[Stream, Array],
    back: int,
) -> tuple[Term, list[Stream], list[Stream]]:  # fmt: skip
    """Items one after the other and, where they do not wait for each other, above each other.

    back    : how many streams, the first given and the first wanted ones, are fed back
    returns : the term, and the order of what it takes and of what it gives
    """
    level = _levels(items, wanted)
    live = list(given)
    columns: list[list[Row]] = []
    terms_of: dict[int, Item] = {}
    for depth in range(max(level.values(), default=-1) + 1):
        now = [i for i in items if level[i.name] == depth]
        later = {s for i in items if level[i.name] > depth for s in i.takes} | set(wanted)
        rows = [(_place(i.takes, live), 1, _row(i, terms_of)) for i in now]
        rows += [
            (float(k), 0, Row([s], [s], passes=True)) for k, s in enumerate(live) if s in later
        ]
        rows.sort(key=lambda r: r[:2])
        columns.append([row for _, _, row in rows])
        live = [s for row in columns[-1] for s in row.gives]
    room = {s: len(a.axes) + 0.6 for s, a in arrays.items()}
    found = Rows(columns, list(given), list(wanted), back, room)
    found.improve()
    terms: list[Term] = []
    live = found.left
    for column in found.columns:
        terms += _moved(live, [s for row in column for s in row.takes], arrays)
        cells = [
            terms_of[id(row)].turned(row.takes, row.gives) if id(row) in terms_of
            else identity(arrays[row.takes[0]])
            for row in column
        ]  # fmt: skip
        terms.append(cells[0] if len(cells) == 1 else Par(tuple(cells)))
        live = [s for row in column for s in row.gives]
    terms += _moved(live, found.right, arrays)
    if not terms:
        terms = [identity(*(arrays[s] for s in found.left))]
    return terms[0] if len(terms) == 1 else Compose(tuple(terms)), found.left, found.right


def _row(item: Item, known: dict[int, Item]) -> Row:
    row = Row(list(item.takes), list(item.gives), item.turns)
    known[id(row)] = item
    return row


def _moved(live: list[Stream], takes: list[Stream], arrays: dict[Stream, Array]) -> list[Term]:
    if live == takes:
        return []
    return [Rearrange(tuple(arrays[s] for s in live), tuple(live.index(s) for s in takes))]


def _place(takes: list[Stream], live: list[Stream]) -> float:
    if not takes:
        return float(len(live))
    return sum(live.index(s) for s in takes) / len(takes)


def _levels(items: list[Item], wanted: Sequence[Stream]) -> dict[str, int]:
    """Column of each item: as far left as it can be, or as far right."""
    maker = {s: i for i in items for s in i.gives}
    level: dict[str, int] = {}

    def first(item: Item) -> int:
        if item.name not in level:
            level[item.name] = 0
            level[item.name] = 1 + max(
                (first(maker[s]) for s in item.takes if s in maker), default=-1
            )
        return level[item.name]

    for item in items:
        first(item)
    last = max(level.values(), default=0)
    for item in sorted(items, key=lambda i: -level[i.name]):
        users = [level[i.name] for i in items if set(item.gives) & set(i.takes)]
        if not item.early:
            level[item.name] = min(users, default=last + 1) - 1
    used = sorted(set(level.values()))
    return {name: used.index(depth) for name, depth in level.items()}


def _components(nodes: list[StreamNode], maker: dict[Stream, StreamNode]) -> list[list[StreamNode]]:
    """Nodes that depend on one another, each such part after those that it needs."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[StreamNode] = []
    found: list[list[StreamNode]] = []

    def visit(n: StreamNode) -> None:
        number[n.name] = low[n.name] = len(number)
        stack.append(n)
        for u in n.takes:
            m = maker.get(u.stream)
            if m is None:
                continue
            if m.name not in number:
                visit(m)
                low[n.name] = min(low[n.name], low[m.name])
            elif m in stack:
                low[n.name] = min(low[n.name], number[m.name])
        if low[n.name] == number[n.name]:
            part: list[Any] = []
            while not part or part[-1] is not n:
                part.append(stack.pop())
            found.append(part[::-1])

    for n in nodes:
        if n.name not in number:
            visit(n)
    return found
