"""Run terms step by step along time, with buffers for past values and closed loops."""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np

from .apply import broadcast, einsum
from .arrays import Array, Axis, TermError, uids
from .operators import Values
from .terms import TIME, Block, Broadcast, Compose, Einsum, Iterate, Par, Rearrange, Term


class Later:
    """Placeholder for a fed-back value that is not yet known in this step."""

    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value: Any = None


def now(x: Any) -> Any:
    """Return the value; raises TermError if it is not yet known."""
    if isinstance(x, Later):
        if x.value is None:
            raise TermError("A loop reads its own value at the step that makes it.")
        return x.value
    return x


class Stepper:
    """A term that maps the input arrays of one step, without time axis, to its outputs."""

    def step(self, arrays: list[Any]) -> list[Any]:
        raise NotImplementedError


def start(term: Term, values: Values, sizes: dict[str, int]) -> Stepper:
    """Return a stepper at step 0."""
    if isinstance(term, Compose):
        return _Chain([start(t, values, sizes) for t in term.terms])
    if isinstance(term, Par):
        return _Stack([(len(t.domain), start(t, values, sizes)) for t in term.terms])
    if isinstance(term, Rearrange):
        return _Rearranged(term)
    if isinstance(term, Block):
        return _Chain([start(term.body, values, sizes) for _ in range(term.repeat)])
    if isinstance(term, Iterate):
        return _Loop(term, start(term.body, values, sizes))
    if isinstance(term, Einsum):
        return _Sum(term)
    assert isinstance(term, Broadcast)
    return _Operator(term, values, sizes)


class _Chain(Stepper):
    def __init__(self, parts: list[Stepper]):
        self.parts = parts

    def step(self, arrays: list[Any]) -> list[Any]:
        for part in self.parts:
            arrays = part.step(arrays)
        return arrays


class _Stack(Stepper):
    def __init__(self, parts: list[tuple[int, Stepper]]):
        self.parts = parts

    def step(self, arrays: list[Any]) -> list[Any]:
        given: list[Any] = []
        for n, part in self.parts:
            given += part.step(arrays[:n])
            arrays = arrays[n:]
        return given


class _Rearranged(Stepper):
    def __init__(self, term: Rearrange):
        self.term = term
        self.order = []
        for n, k in enumerate(term.picks):
            order = term.order[n] if term.order else ()
            axes = term.takes[k].axes
            left = [p for p in order if axes[p].uid not in TIME]
            ranks = {p: r for r, p in enumerate(sorted(left))}
            self.order.append(tuple(ranks[p] for p in left))

    def step(self, arrays: list[Any]) -> list[Any]:
        return [
            np.transpose(now(arrays[k]), order) if order else arrays[k]
            for k, order in zip(self.term.picks, self.order, strict=True)
        ]


class _Sum(Stepper):
    def __init__(self, term: Einsum):
        self.term = term
        self.axis = time_of((*term.takes, term.gives))
        if self.axis is not None and self.axis.uid not in uids(term.gives):
            raise TermError("A sum over time cannot be made step by step.")

    def step(self, arrays: list[Any]) -> list[Any]:
        return [einsum(self.term, [now(a) for a in arrays], self.axis)]


class _Loop(Stepper):
    def __init__(self, term: Iterate, body: Stepper):
        self.body, self.back = body, term.back

    def step(self, arrays: list[Any]) -> list[Any]:
        fed = [Later() for _ in range(self.back)]
        given = self.body.step([*fed, *arrays])
        for cell, value in zip(fed, given, strict=False):
            cell.value = now(value)
        return given[self.back :]


class _Operator(Stepper):
    def __init__(self, term: Broadcast, values: Values, sizes: dict[str, int]):
        self.term, self.values, self.sizes = term, values, sizes
        self.axis = time_of((*term.takes, *term.gives))
        self.pasts = [
            _Past(term.takes[r.source], r, values)
            for r in term.reindexings
            if self.axis is not None and r.axis.uid == self.axis.uid
        ]
        self.run = term.operator.start(values) if term.operator.along is not None else None  # type: ignore[attr-defined]

    def step(self, arrays: list[Any]) -> list[Any]:
        arrays = list(arrays)
        for past in self.pasts:
            arrays[past.source] = past.read(arrays[past.source])
        ready = [now(a) for a in arrays]
        if self.run is not None:
            return list(self.run.step(ready))
        windowed = frozenset(p.source for p in self.pasts)
        return broadcast(self.term, ready, self.values, self.sizes, self.axis, windowed)


class _Past:
    """Buffer of past values of one array, as long as a re-indexing needs."""

    def __init__(self, array: Array, reindex: Any, values: Values):
        self.source = reindex.source
        table = reindex.table or (0,)
        self.lags = [-(reindex.offset + d) for d in table]
        if min(self.lags) < 0:
            raise TermError(f"{reindex.axis} is read ahead of time, which no step can do.")
        self.window = reindex.by is not None
        self.kept: deque[Any] = deque(maxlen=max(self.lags) + 1)
        self.before = values[reindex.before] if reindex.before else None
        self.datatype = bool if array.datatype == "bool" else float
        self.shape = tuple(a.size for a in array.axes if a.uid not in TIME)

    def read(self, x: Any) -> Any:
        self.kept.appendleft(x)
        found = [
            now(self.kept[lag]) if lag < len(self.kept) else self._first() for lag in self.lags
        ]
        return np.stack(found) if self.window else found[0]

    def _first(self) -> Any:
        if self.before is not None:
            return np.asarray(self.before).reshape(self.shape)
        return np.zeros(self.shape, self.datatype)


def time_of(arrays: tuple[Array, ...]) -> Axis | None:
    """Time axis of the arrays, if any."""
    return next((a for array in arrays for a in array.axes if a.uid in TIME), None)
