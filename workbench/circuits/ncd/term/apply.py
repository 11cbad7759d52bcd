"""Apply single operations of a term to arrays with NumPy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .arrays import Array, Axis, TermError, uids
from .operators import Values
from .terms import Broadcast, Einsum, Rearrange


def rearrange(term: Rearrange, arrays: list[Any]) -> list[Any]:
    given = []
    for n, k in enumerate(term.picks):
        order = term.order[n] if term.order else ()
        given.append(np.transpose(arrays[k], order) if order else arrays[k])
    return given


def einsum(term: Einsum, arrays: list[Any], cut: Axis | None) -> Any:
    """Sum of products; ``cut`` is an axis of which the arrays hold a single index."""
    letters: dict[str, str] = {}

    def spell(array: Array) -> str:
        kept = [u for u in uids(array) if cut is None or u != cut.uid]
        return "".join(letters.setdefault(u, chr(ord("a") + len(letters))) for u in kept)

    taken = ",".join([spell(a) for a in term.takes])
    return np.einsum(f"{taken}->{spell(term.gives)}", *(np.asarray(a, float) for a in arrays))


def broadcast(
    term: Broadcast,
    arrays: list[Any],
    values: Values,
    sizes: Mapping[str, int],
    cut: Axis | None = None,
    windowed: frozenset[int] = frozenset(),
) -> list[Any]:
    """Re-index the arrays, align the broadcast axes and apply the operator.

    cut      : an axis of which all arrays hold a single index
    windowed : indices of arrays that are already re-indexed along ``cut``
    """
    op = term.operator
    degree = [a for a in term.degree if cut is None or a.uid != cut.uid]
    ready = []
    for k, (whole, core) in enumerate(zip(term.takes, op.inputs, strict=True)):
        axes = [a for a in whole.axes if cut is None or a.uid != cut.uid]
        mine = [r for r in term.reindexings if r.source == k]
        if k in windowed and cut is not None:
            first = [r for r in mine if r.axis.uid == cut.uid]
            mine = [r for r in mine if r.axis.uid != cut.uid]
            axes = [r.by for r in first if r.by is not None] + axes
        x, axes = _read(np.asarray(arrays[k]), axes, mine, values, sizes)
        names = [a.uid for a in axes]
        lead = [a.uid for a in degree if a.uid in names]
        wanted = [a.uid for a in core.axes if cut is None or a.uid != cut.uid]
        x = np.transpose(x, [names.index(u) for u in (*lead, *wanted)])
        # Broadcast axes that this array does not have get length one.
        x = x[tuple(slice(None) if a.uid in names else None for a in degree)]
        ready.append(x)
    made = op.apply(ready, values)
    out = []
    for y, core, whole in zip(made, op.outputs, term.gives, strict=True):
        y = np.asarray(y)
        names = [a.uid for a in degree] + [a.uid for a in core.axes]
        y = _filled(y, degree, sizes, ready, len(core.axes))
        axes = [a for a in whole.axes if cut is None or a.uid != cut.uid]
        out.append(np.transpose(y, [names.index(a.uid) for a in axes]))
    return out


def _filled(
    y: np.ndarray, degree: list[Axis], sizes: Mapping[str, int], inputs: list[Any], core: int
) -> np.ndarray:
    """Broadcast axes of length one to their full length."""
    missing = len(degree) + core - y.ndim
    y = y.reshape((1,) * missing + y.shape)
    shape = list(y.shape)
    for k, axis in enumerate(degree):
        if shape[k] == 1:
            given = max((x.shape[k] for x in inputs), default=1)
            shape[k] = axis.size if axis.size is not None else sizes.get(axis.uid, given)
    return np.broadcast_to(y, shape)


def _read(
    x: np.ndarray,
    axes: list[Axis],
    reindexings: list[Any],
    values: Values,
    sizes: Mapping[str, int],
) -> tuple[np.ndarray, list[Axis]]:
    """Re-index an array; returns it with its new axes."""
    if not reindexings:
        return x, axes
    changed = {r.axis.uid: r for r in reindexings}
    new: dict[str, Axis] = {}
    for a in axes:
        r = changed.get(a.uid)
        for b in (a,) if r is None else (*r.to, *((r.by,) if r.by else ())):
            new.setdefault(b.uid, b)
    order = list(new)
    lengths: dict[str, int] = {}
    for a, n in zip(axes, x.shape, strict=True):
        lengths.setdefault(a.uid, n)
    shape = [
        a.size if a.size is not None else lengths.get(u, sizes.get(u, 0)) for u, a in new.items()
    ]

    def index(axis: Axis) -> np.ndarray:
        where = order.index(axis.uid)
        return np.arange(shape[where]).reshape([-1 if k == where else 1 for k in range(len(order))])

    at, outside = [], np.zeros([1] * len(order), dtype=bool)
    for a, n in zip(axes, x.shape, strict=True):
        r = changed.get(a.uid)
        if r is None:
            at.append(index(a))
            continue
        places = np.asarray(r.offset) + sum((index(b) for b in r.to), np.zeros((), dtype=int))
        if r.by is not None:
            places = places + np.asarray(r.table)[index(r.by)]
        if places.max(initial=0) >= n:
            raise TermError(
                f"The reindexing of {a} reads index {int(places.max())}; there are {n}."
            )
        outside = outside | (places < 0)
        at.append(np.maximum(places, 0))
    y = np.broadcast_to(x[tuple(np.broadcast_arrays(*at))], shape)
    if outside.any():
        before = next((values[r.before] for r in reindexings if r.before), 0)
        y = np.where(np.broadcast_to(outside, shape), before, y).astype(x.dtype)
    return y, list(new.values())
