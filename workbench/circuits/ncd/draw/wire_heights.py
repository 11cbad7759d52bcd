"""Heights of wires: minimum distances, and wires as straight as possible.

Bends are penalised by their absolute height, so that a few wires bend instead of all a little. This
is a linear program in the heights and the deviations from level.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .columns import Wire

# Cost per point of distance between the wires of one array, between arrays, and between arrays of
# one glyph; and per point of the height of the line.
TIGHT, CLOSE, PORTS, HIGH = 1.2, 0.02, 0.25, 0.1


@dataclass
class Demands:
    """Constraints and preferences for the heights of the wires of a line.

    least    : (upper, lower) -> minimum distance;  ``across``: the same, if possible
    friends  : wires that should have equal heights, and the weight
    close    : arrays of one glyph, which should be close together
    together : neighbours -> whether they belong to one array
    """

    order: dict[int, Wire] = field(default_factory=dict)
    least: dict[tuple[int, int], float] = field(default_factory=dict)
    across: dict[tuple[int, int], float] = field(default_factory=dict)
    friends: list[tuple[Wire, Wire, float]] = field(default_factory=list)
    close: list[tuple[Wire, Wire]] = field(default_factory=list)
    together: dict[tuple[int, int], bool] = field(default_factory=dict)

    def keep(self, upper: Wire, lower: Wire, gap: float) -> None:
        pair = id(upper), id(lower)
        self.least[pair] = max(self.least.get(pair, 0.0), gap)


def settle(asked: Demands) -> None:
    """Set heights that satisfy all minimum distances, with few bends and compact arrays."""
    from scipy.optimize import linprog

    wires = list(asked.order.values())
    if len(wires) < 2:
        return
    number = {key: k for k, key in enumerate(asked.order)}
    friends = [(number[id(a)], number[id(b)], f) for a, b, f in asked.friends if a is not b]
    n, m = len(wires), len(friends)
    top, bottom = n + m, n + m + 1  # of the whole line
    cost = np.zeros(n + m + 2)
    cost[n : n + m] = [f for _, _, f in friends]
    cost[top], cost[bottom] = -HIGH, HIGH
    for (a, b), one_array in asked.together.items():
        cost[number[b]] += TIGHT if one_array else CLOSE
        cost[number[a]] -= TIGHT if one_array else CLOSE
    for above, below in asked.close:
        cost[number[id(below)]] += PORTS
        cost[number[id(above)]] -= PORTS
    rows = _Rows()
    for (p, q), gap in asked.least.items():
        rows.add([(number[p], 1.0), (number[q], -1.0)], -gap)
    for k, (a, b, _) in enumerate(friends):
        rows.add([(a, 1.0), (b, -1.0), (n + k, -1.0)], 0.0)
        rows.add([(b, 1.0), (a, -1.0), (n + k, -1.0)], 0.0)
    for k in range(n):
        rows.add([(top, 1.0), (k, -1.0)], 0.0)
        rows.add([(k, 1.0), (bottom, -1.0)], 0.0)
    bounds = [(None, None)] * n + [(0, None)] * m + [(0, 0), (None, None)]
    found = linprog(cost, A_ub=rows.matrix(n + m + 2), b_ub=rows.most, bounds=bounds)
    for w, y in zip(wires, np.round(found.x[:n], 3), strict=True):
        w.y = float(y)
    _exact(wires, asked)


@dataclass
class _Rows:
    """Linear inequalities, with upper bounds ``most``."""

    at: list[tuple[int, int]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    most: list[float] = field(default_factory=list)

    def add(self, terms: list[tuple[int, float]], most: float) -> None:
        for k, x in terms:
            self.at.append((len(self.most), k))
            self.times.append(x)
        self.most.append(most)

    def matrix(self, wide: int) -> Any:
        from scipy.sparse import csr_array

        i, j = zip(*self.at, strict=True)
        return csr_array((self.times, (i, j)), shape=(len(self.most), wide))


def _exact(wires: list[Wire], asked: Demands) -> None:
    """Correct distances that are too small by a rounding error."""
    above: dict[int, list[tuple[Wire, float]]] = defaultdict(list)
    for (a, b), gap in asked.least.items():
        above[b].append((asked.order[a], gap))
    for w in ranked(wires, asked.least):
        w.y = max([w.y, *(v.y + gap for v, gap in above[id(w)])])


def ranked(wires: list[Wire], least: dict[tuple[int, int], float]) -> list[Wire]:
    """Topological order of wires from top to bottom; [] if there is none."""
    before: dict[int, int] = {id(w): 0 for w in wires}
    after: dict[int, list[int]] = defaultdict(list)
    for a, b in least:
        before[b] += 1
        after[a].append(b)
    known = {id(w): w for w in wires}
    ready = [id(w) for w in wires if not before[id(w)]]
    found = []
    while ready:
        now = ready.pop(0)
        found.append(known[now])
        for b in after[now]:
            before[b] -= 1
            if not before[b]:
                ready.append(b)
    return found if len(found) == len(wires) else []
