"""Terms evaluated with NumPy: what a diagram computes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .arrays import Array, Axis, TermError, uids
from .operators import Values
from .stepping import start
from .terms import Block, Broadcast, Compose, Einsum, Iterate, Par, Rearrange, Term

DTYPES = {"real": float, "bool": bool, "int": np.int64}


def evaluate(
    term: Term,
    inputs: Sequence[Any] = (),
    values: Values | None = None,
    sizes: Mapping[str, int] | None = None,
) -> tuple[np.ndarray, ...]:
    """What a term gives for some inputs.

    inputs : one array for each of ``term.domain``, its dimensions in the order of the axes
    values : the weights and constants that the term names
    sizes  : axis uid -> length, for axes whose size is open and that no input has
    raises : TermError for inputs of the wrong number, shape or kind, and for a missing value
    """
    known: dict[str, int] = dict(sizes or {})
    arrays = _checked(term.domain, inputs, known)
    return tuple(_whole(term, arrays, values or {}, known))


def _whole(term: Term, arrays: list[Any], values: Values, sizes: dict[str, int]) -> list[Any]:
    """Evaluate over whole arrays, time included."""
    if isinstance(term, Compose):
        for part in term.terms:
            arrays = _whole(part, arrays, values, sizes)
        return arrays
    if isinstance(term, Par):
        given: list[Any] = []
        for part in term.terms:
            n = len(part.domain)
            given += _whole(part, arrays[:n], values, sizes)
            arrays = arrays[n:]
        return given
    if isinstance(term, Rearrange):
        return rearrange(term, arrays)
    if isinstance(term, Block):
        for _ in range(term.repeat):
            arrays = _whole(term.body, arrays, values, sizes)
        return arrays
    if isinstance(term, Einsum):
        return [einsum(term, arrays, None)]
    if isinstance(term, Iterate):
        return _stepped(term, arrays, values, sizes, term.along)
    assert isinstance(term, Broadcast)
    if term.operator.along is not None:
        return _stepped(term, arrays, values, sizes, term.operator.along)
    return broadcast(term, arrays, values, sizes)


def _stepped(
    term: Term, arrays: list[Any], values: Values, sizes: dict[str, int], along: Axis
) -> list[Any]:
    """Evaluate step by step along one axis, and stack what comes out."""
    length = _length(term.domain, arrays, sizes, along)
    stepper = start(term, values, sizes)
    place = [uids(a).index(along.uid) if along.uid in uids(a) else None for a in term.domain]
    made: list[list[Any]] = [[] for _ in term.codomain]
    for k in range(length):
        now = [
            a if p is None else np.take(a, k, axis=p) for a, p in zip(arrays, place, strict=True)
        ]
        for kept, new in zip(made, stepper.step(now), strict=True):
            kept.append(new)
    out = []
    for a, kept in zip(term.codomain, made, strict=True):
        axis = uids(a).index(along.uid)
        shape = tuple(x.size or 0 for x in a.axes if x.uid != along.uid)
        stacked = np.stack(kept) if kept else np.zeros((0, *shape), DTYPES[a.datatype])
        out.append(np.moveaxis(stacked, 0, axis).astype(DTYPES[a.datatype], copy=False))
    return out


def rearrange(term: Rearrange, arrays: list[Any]) -> list[Any]:
    given = []
    for n, k in enumerate(term.picks):
        order = term.order[n] if term.order else ()
        given.append(np.transpose(arrays[k], order) if order else arrays[k])
    return given


def einsum(term: Einsum, arrays: list[Any], cut: Axis | None) -> Any:
    """The sum of products; ``cut`` is an axis along which it is looked at one index at a time."""
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
    """Read the arrays as the reindexings say, line up the broadcast axes, apply the operator.

    cut      : an axis that all arrays have been taken one index of
    windowed : numbers of the arrays whose reindexing along ``cut`` is done already
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
        # Axes over which this array is the same are added with length one.
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
    """Give axes over which nothing varied their full length."""
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
    """Index an array as its reindexings say; returns it with its new axes."""
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


def _checked(domain: tuple[Array, ...], inputs: Sequence[Any], sizes: dict[str, int]) -> list[Any]:
    if len(inputs) != len(domain):
        raise TermError(f"The term takes {len(domain)} arrays and was given {len(inputs)}.")
    arrays = []
    for k, (array, given) in enumerate(zip(domain, inputs, strict=True)):
        x = np.asarray(given)
        if array.datatype == "bool" and x.dtype != bool:
            raise TermError(f"Input {k + 1} must be of bool, as {array} says; it is {x.dtype}.")
        if x.ndim != len(array.axes):
            raise TermError(f"Input {k + 1} has {x.ndim} dimensions; {array} has other.")
        for axis, n in zip(array.axes, x.shape, strict=True):
            wanted = axis.size if axis.size is not None else sizes.setdefault(axis.uid, n)
            if n != wanted:
                raise TermError(
                    f"Input {k + 1} has the length {n} along {axis.uid}; it must be {wanted}."
                )
        arrays.append(x.astype(DTYPES[array.datatype], copy=False))
    return arrays


def _length(
    domain: tuple[Array, ...], arrays: list[Any], sizes: Mapping[str, int], along: Axis
) -> int:
    for array, x in zip(domain, arrays, strict=True):
        if along.uid in uids(array):
            return int(np.shape(x)[uids(array).index(along.uid)])
    length = along.size if along.size is not None else sizes.get(along.uid)
    if length is None:
        raise TermError(
            f"How long is the axis {along.uid}? No input has it: pass sizes={{{along.uid!r}: ...}}."
        )
    return length
