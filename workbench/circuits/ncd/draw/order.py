"""Order the rows of a diagram so that few wires cross or bend far.

A layered graph: between two columns, streams run from the rows of the left column to those of the
right column. The order of rows in each column, and of a box's inputs and outputs if free, is
improved until no exchange of two neighbours lowers the cost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SWEEPS = 6
PASSES = 12
MANY = 150  # rows in total; with more, neighbours are not exchanged: each trial evaluates all rows
STEEP = 0.03  # cost per unit of height by which a wire bends; a crossing costs 1

Name = Any  # of a stream, any hashable


@dataclass(eq=False)
class Row:
    """One cell of a column: a box, or a passing stream.

    turns : the order of its inputs and outputs is free
    """

    takes: list[Name]
    gives: list[Name]
    turns: bool = False
    passes: bool = False


@dataclass
class Rows:
    """The columns of a diagram.

    left  : streams at its left end;  right: at its right end
    back  : number of fed-back streams, the first of both; they have the same order on both sides
    room  : stream -> height that it takes
    """

    columns: list[list[Row]]
    left: list[Name]
    right: list[Name]
    back: int = 0
    room: Mapping[Name, float] = field(default_factory=dict)
    _known: dict[tuple, float] = field(default_factory=dict)

    def improve(self) -> None:
        """Find an order with few crossings; deterministic."""
        if not self.columns:
            return
        best, cost = self._kept(), self._cost()
        few = sum(map(len, self.columns)) <= MANY
        for _ in range(SWEEPS):
            self._forward()
            self._backward()
            for turn in (self._climb, self._forward) if few else (self._turn, self._forward):
                turn()
                if self._cost() < cost - 1e-9:
                    best, cost = self._kept(), self._cost()
        self._restore(best)
        if few:
            self._climb()
        self._turn()

    # -- cost ---------------------------------------------------------------------------------

    def _cost(self) -> float:
        self._turn()
        live = tuple(self.left)
        total = 0.0
        for column in self.columns:
            takes = tuple(s for row in column for s in row.takes)
            total += self._gap(live, takes)
            live = tuple(s for row in column for s in row.gives)
        return total + self._gap(live, tuple(self.right))

    def _gap(self, live: tuple, takes: tuple) -> float:
        key = (live, takes)
        if key not in self._known:
            at = {s: k for k, s in enumerate(live)}
            ends = [at[s] for s in takes]
            crossed = sum(a > b for k, a in enumerate(ends) for b in ends[k + 1 :])
            start, end = self._heights(live), self._heights(takes)
            middle = (start[-1] - end[-1]) / 2 if live and takes else 0.0
            bent = sum(
                abs(start[at[s]] - end[k] - middle) * self.room.get(s, 1.0)
                for k, s in enumerate(takes)
            )
            self._known[key] = crossed + STEEP * bent
        return self._known[key]

    def _heights(self, streams: tuple) -> list[float]:
        y, found = 0.0, []
        for s in streams:
            found.append(y)
            y += self.room.get(s, 1.0)
        return [*found, y]

    def _turn(self) -> None:
        """Sort the inputs and outputs of boxes with free order by the position of the streams."""
        live = {s: k for k, s in enumerate(self.left)}
        for n, column in enumerate(self.columns):
            after = self.columns[n + 1] if n + 1 < len(self.columns) else None
            used: dict[Name, list[int]] = {}
            for k, row in enumerate(after or ()):
                for s in row.takes:
                    used.setdefault(s, []).append(k)
            for k, s in enumerate(self.right if after is None else ()):
                used.setdefault(s, []).append(k)
            for row in column:
                if row.turns:
                    row.takes.sort(key=lambda s: live[s])
                    places = {s: sum(used.get(s, [0])) / len(used.get(s, [0])) for s in row.gives}
                    row.gives.sort(key=lambda s: places[s])
            live = {s: k for k, s in enumerate(s for row in column for s in row.gives)}

    # -- moves --------------------------------------------------------------------------------

    def _kept(self) -> tuple:
        rows = [[(r, list(r.takes), list(r.gives)) for r in c] for c in self.columns]
        return list(self.left), rows, list(self.right)

    def _restore(self, kept: tuple) -> None:
        left, rows, right = kept
        self.left[:], self.right[:] = left, right
        for column, saved in zip(self.columns, rows, strict=True):
            column[:] = [r for r, _, _ in saved]
            for r, takes, gives in saved:
                r.takes[:], r.gives[:] = takes, gives

    def _forward(self) -> None:
        """Sort rows by the mean position of their inputs."""
        live = list(self.left)
        for column in self.columns:
            at = {s: k for k, s in enumerate(live)}
            here = {id(r): k * len(live) / max(len(column), 1) for k, r in enumerate(column)}
            column.sort(
                key=lambda r: sum(at[s] for s in r.takes) / len(r.takes) if r.takes
                else here[id(r)]
            )  # fmt: skip
            live = [s for row in column for s in row.gives]
        at = {s: k for k, s in enumerate(live)}
        self._end(self.right, self.left, at)

    def _backward(self) -> None:
        """Sort rows by the mean position of the rows that use their outputs."""
        wanted = list(self.right)
        for column in reversed(self.columns):
            at = _mean_places(wanted)
            here = {id(r): k * len(wanted) / max(len(column), 1) for k, r in enumerate(column)}

            def place(r: Row, at: Mapping = at, here: Mapping = here) -> float:
                found = [at[s] for s in r.gives if s in at]
                return sum(found) / len(found) if found else here[id(r)]

            column.sort(key=place)
            wanted = [s for row in column for s in row.takes]
        self._end(self.left, self.right, _mean_places(wanted))

    def _end(self, one: list[Name], other: list[Name], at: Mapping) -> None:
        """Sort the streams at one end; fed-back streams are sorted equally at both ends."""
        n = self.back
        pairs = sorted(zip(one[:n], other[:n], strict=True), key=lambda p: at.get(p[0], 0))
        one[:n], other[:n] = [a for a, _ in pairs], [b for _, b in pairs]
        one[n:] = sorted(one[n:], key=lambda s: at.get(s, 0))

    def _climb(self) -> None:
        """Exchange neighbours as long as that lowers the cost."""
        cost = self._cost()
        for _ in range(PASSES):
            before = cost
            for column in self.columns:
                for k in range(len(column) - 1):
                    cost = self._try(cost, [(column, k)])
            for stretch in self._stretches():
                for step in (-1, 1):
                    cost = self._slide(cost, stretch, step)
            n = self.back
            for ends, low, high in (
                ([self.left], n, len(self.left)), ([self.right], n, len(self.right)),
                ([self.left, self.right], 0, n),
            ):  # fmt: skip
                for k in range(low, high - 1):
                    cost = self._try(cost, [(x, k) for x in ends])
            if cost > before - 1e-9:
                break

    def _stretches(self) -> list[list[tuple[list[Row], Row]]]:
        """Streams that pass several columns."""
        found: dict[Name, list[tuple[list[Row], Row]]] = {}
        for column in self.columns:
            for row in column:
                if row.passes:
                    found.setdefault(row.takes[0], []).append((column, row))
        return [x for x in found.values() if len(x) > 1]

    def _slide(self, cost: float, stretch: list[tuple[list[Row], Row]], step: int) -> float:
        """Move a stream by one row in all columns that it passes."""
        swaps = []
        for column, row in stretch:
            k = column.index(row) + min(step, 0)
            if 0 <= k < len(column) - 1:
                swaps.append((column, k))
        return self._try(cost, swaps)

    def _try(self, cost: float, swaps: list[tuple[list, int]]) -> float:
        for x, k in swaps:
            x[k], x[k + 1] = x[k + 1], x[k]
        new = self._cost()
        if new < cost - 1e-9:
            return new
        for x, k in swaps:
            x[k], x[k + 1] = x[k + 1], x[k]
        return cost


def _mean_places(streams: list[Name]) -> dict[Name, float]:
    found: dict[Name, list[int]] = {}
    for k, s in enumerate(streams):
        found.setdefault(s, []).append(k)
    return {s: sum(ks) / len(ks) for s, ks in found.items()}
