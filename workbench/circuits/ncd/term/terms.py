"""Terms: compositions of operators in series and in parallel.

A term maps a tuple of arrays to a tuple of arrays. Its shapes are checked when it is created. The
same term is drawn (`workbench.circuits.ncd.draw`) and evaluated
(`workbench.circuits.ncd.term.evaluate`). It is plain data without weights, which are supplied by
name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .arrays import Array, Axis, TermError, one_size, same_types, uids
from .operators import Operator


@dataclass(frozen=True)
class Term:
    """Base class of all terms. ``a >> b``: a, then b. ``a @ b``: a above b."""

    @property
    def domain(self) -> tuple[Array, ...]:
        """Input arrays."""
        raise NotImplementedError

    @property
    def codomain(self) -> tuple[Array, ...]:
        """Output arrays."""
        raise NotImplementedError

    @property
    def words(self) -> str:
        """Name in a sentence."""
        return type(self).__name__.lower()

    def __rshift__(self, other: Term) -> Compose:
        return Compose((*_parts(self, Compose), *_parts(other, Compose)))

    def __matmul__(self, other: Term) -> Par:
        return Par((*_parts(self, Par), *_parts(other, Par)))

    def delay(self, i: int, o: int) -> int | None:
        """Minimum lag of output ``o`` behind input ``i``, in steps; None if independent."""
        return 0

    def delays(self, i: int) -> dict[int, int]:
        """`delay` of every output that depends on input ``i``."""
        found = {o: self.delay(i, o) for o in range(len(self.codomain))}
        return {o: lag for o, lag in found.items() if lag is not None}


@dataclass(frozen=True)
class Compose(Term):
    """Composition in series, drawn from left to right."""

    terms: tuple[Term, ...]

    def __post_init__(self) -> None:
        if not self.terms:
            raise TermError("A composition of nothing has no shape: use identity().")
        for a, b in zip(self.terms, self.terms[1:], strict=False):
            same_types(a.codomain, b.domain, a.words, b.words)
        one_size(tuple(x for t in self.terms for x in (*t.domain, *t.codomain)), self.words)

    @property
    def domain(self) -> tuple[Array, ...]:
        return self.terms[0].domain

    @property
    def codomain(self) -> tuple[Array, ...]:
        return self.terms[-1].codomain

    @property
    def words(self) -> str:
        return f"{self.terms[0].words} … {self.terms[-1].words}"

    def delay(self, i: int, o: int) -> int | None:
        return self.delays(i).get(o)

    def delays(self, i: int) -> dict[int, int]:
        reached: dict[int, int] = {i: 0}
        for term in self.terms:
            following: dict[int, int] = {}
            for place, lag in reached.items():
                for k, more in term.delays(place).items():
                    following[k] = min(following.get(k, lag + more), lag + more)
            reached = following
        return reached


@dataclass(frozen=True)
class Par(Term):
    """Composition in parallel, drawn one above the other."""

    terms: tuple[Term, ...]

    def __post_init__(self) -> None:
        one_size((*self.domain, *self.codomain), self.words)

    @property
    def domain(self) -> tuple[Array, ...]:
        return tuple(x for t in self.terms for x in t.domain)

    @property
    def codomain(self) -> tuple[Array, ...]:
        return tuple(x for t in self.terms for x in t.codomain)

    @property
    def words(self) -> str:
        return "a stack of " + ", ".join(t.words for t in self.terms)

    def delay(self, i: int, o: int) -> int | None:
        return self.delays(i).get(o)

    def delays(self, i: int) -> dict[int, int]:
        before = 0
        for term in self.terms:
            if i < len(term.domain):
                return {before + o: lag for o, lag in term.delays(i).items()}
            i -= len(term.domain)
            before += len(term.codomain)
        return {}


@dataclass(frozen=True)
class Rearrange(Term):
    """Permutes, copies and deletes arrays, and permutes the axes within them.

    takes : input arrays
    picks : for each output, the index of its input
    order : for each output, its axes as indices into the input's axes; () leaves them unchanged
    """

    takes: tuple[Array, ...]
    picks: tuple[int, ...]
    order: tuple[tuple[int, ...], ...] = ()

    def __post_init__(self) -> None:
        for k in self.picks:
            if not 0 <= k < len(self.takes):
                raise TermError(
                    f"A rearrangement of {len(self.takes)} arrays cannot pick number {k}."
                )
        if self.order and len(self.order) != len(self.picks):
            raise TermError("A rearrangement gives the order of axes for every array, or for none.")
        for k, order in zip(self.picks, self.order, strict=False):
            if order and sorted(order) != list(range(len(self.takes[k].axes))):
                raise TermError(f"{order} is no order of the axes of {self.takes[k]}.")

    @property
    def domain(self) -> tuple[Array, ...]:
        return self.takes

    @property
    def codomain(self) -> tuple[Array, ...]:
        given = []
        for n, k in enumerate(self.picks):
            a = self.takes[k]
            order = self.order[n] if self.order else ()
            given.append(Array(tuple(a.axes[p] for p in order), a.datatype, a.name) if order else a)
        return tuple(given)

    @property
    def is_identity(self) -> bool:
        return self.picks == tuple(range(len(self.takes))) and not any(self.order)

    @property
    def words(self) -> str:
        return "a rearrangement"

    def delay(self, i: int, o: int) -> int | None:
        return 0 if self.picks[o] == i else None


@dataclass(frozen=True)
class Reindex:
    """Re-indexing of an array: the index along one axis is an affine function of other indices.

    ``index of axis = offset + sum of the indices of to, + table[index of by]``

    axis   : the axis of the array;  ``source``: index of the array among the inputs
    to     : the axes that give the index, broadcast axes or axes of the operator
    offset : added to the index; -k reads k steps earlier
    by     : the axis that ``table`` is indexed with, or None
    label  : TeX, for the hexagon or tag;  ``title``: its meaning
    before : key of the values at negative indices; zeros by default
    """

    source: int
    axis: Axis
    to: tuple[Axis, ...]
    offset: int = 0
    by: Axis | None = None
    table: tuple[int, ...] = ()
    label: str = ""
    before: str = ""
    title: str = ""

    def __post_init__(self) -> None:
        if self.by is not None and self.by.size != len(self.table):
            raise TermError(
                f"The reindexing of {self.axis} by {self.by} needs as many entries in its table, "
                f"not {len(self.table)}."
            )

    @property
    def lag(self) -> int:
        """Minimum lag in steps; negative if it reads ahead."""
        return -self.offset - (max(self.table) if self.table else 0)


@dataclass(frozen=True)
class Broadcast(Term):
    """An operator, broadcast over the axes that it does not take.

    takes, gives : whole arrays; the uid of an axis decides if it belongs to the operator
    reindexings  : re-indexings of input axes that are not read at the same index
    """

    operator: Operator
    takes: tuple[Array, ...]
    gives: tuple[Array, ...]
    reindexings: tuple[Reindex, ...] = ()

    def __post_init__(self) -> None:
        op, words = self.operator, self.words
        if (len(self.takes), len(self.gives)) != (len(op.inputs), len(op.outputs)):
            raise TermError(
                f"{words} takes {len(op.inputs)} and gives {len(op.outputs)} arrays, not "
                f"{len(self.takes)} and {len(self.gives)}."
            )
        one_size((*self.takes, *self.gives, *op.inputs, *op.outputs), words)
        degree = {a.uid for a in self.degree}
        for k, (whole, core) in enumerate(zip(self.takes, op.inputs, strict=True)):
            read = self._read(k, whole)
            missing = [a for a in core.axes if a.uid not in read]
            if missing:
                raise TermError(
                    f"{words} needs the axis {missing[0]} in array {k + 1}; it has {whole}."
                )
            core_uids = set(uids(core))
            extra = [u for u in read if u not in core_uids and u not in degree]
            if extra:
                raise TermError(
                    f"{words}: the axis {extra[0]} of array {k + 1} goes in and does not come out."
                )
            if whole.datatype != core.datatype:
                raise TermError(
                    f"{words} takes {core.datatype} numbers as array {k + 1}, not {whole.datatype}."
                )
        for k, (whole, core) in enumerate(zip(self.gives, op.outputs, strict=True)):
            if set(uids(core)) - set(uids(whole)) or core.datatype != whole.datatype:
                raise TermError(f"{words} gives {core} as array {k + 1}, which is not in {whole}.")
            without = degree - set(uids(whole))
            if without:
                raise TermError(
                    f"{words} is broadcast over {sorted(without)[0]}, which array {k + 1} that it "
                    "gives has not."
                )

    def _read(self, k: int, whole: Array) -> list[str]:
        """Axes of array ``k`` after re-indexing."""
        changed = {r.axis.uid: r for r in self.reindexings if r.source == k}
        unknown = set(changed) - set(uids(whole))
        if unknown:
            raise TermError(f"{self.words} reindexes {min(unknown)}, which {whole} has not.")
        found: list[str] = []
        for u in uids(whole):
            r = changed.get(u)
            found += [u] if r is None else [*uids(Array(r.to)), *([r.by.uid] if r.by else [])]
        return list(dict.fromkeys(found))

    @property
    def degree(self) -> tuple[Axis, ...]:
        """Axes over which the operator is broadcast, in output order."""
        own = {u for a in self.operator.outputs for u in uids(a)}
        found = {a.uid: a for g in self.gives for a in g.axes if a.uid not in own}
        return tuple(found.values())

    @property
    def domain(self) -> tuple[Array, ...]:
        return self.takes

    @property
    def codomain(self) -> tuple[Array, ...]:
        return self.gives

    @property
    def words(self) -> str:
        return self.operator.words or type(self.operator).__name__.lower()

    def delay(self, i: int, o: int) -> int | None:
        lags = [r.lag for r in self.reindexings if r.source == i and r.axis.uid in TIME]
        return max(lags, default=0)


@dataclass(frozen=True)
class Einsum(Term):
    """Multilinear map drawn with wires only: axes without output are summed over."""

    takes: tuple[Array, ...]
    gives: Array

    def __post_init__(self) -> None:
        one_size((*self.takes, self.gives), self.words)
        known = {u for a in self.takes for u in uids(a)}
        for a in self.gives.axes:
            if a.uid not in known:
                raise TermError(f"The sum gives the axis {a}, which nothing that it takes has.")
        if len(set(uids(self.gives))) != len(self.gives.axes):
            raise TermError(f"The sum gives one axis twice: {self.gives}.")

    @property
    def domain(self) -> tuple[Array, ...]:
        return self.takes

    @property
    def codomain(self) -> tuple[Array, ...]:
        return (self.gives,)

    @property
    def words(self) -> str:
        return "a sum over products"


@dataclass(frozen=True)
class Block(Term):
    """Titled part drawn in a frame; ``repeat`` applies it several times in series."""

    title: str
    body: Term
    repeat: int = 1

    def __post_init__(self) -> None:
        if self.repeat < 1:
            raise TermError(f"The block {self.title} is repeated {self.repeat} times; at least 1.")
        if self.repeat > 1:
            same_types(self.body.codomain, self.body.domain, self.title, f"{self.title} again")

    @property
    def domain(self) -> tuple[Array, ...]:
        return self.body.domain

    @property
    def codomain(self) -> tuple[Array, ...]:
        return self.body.codomain

    @property
    def words(self) -> str:
        return self.title

    def delay(self, i: int, o: int) -> int | None:
        return self.body.delay(i, o)


@dataclass(frozen=True)
class Iterate(Term):
    """A part whose first outputs are fed back to its first inputs, step by step along an axis.

    Fed-back arrays may only be read at earlier steps: every path from a fed-back input contains a
    re-indexing to an earlier step.

    back : number of fed-back arrays
    """

    body: Term
    along: Axis
    back: int
    title: str = ""

    def __post_init__(self) -> None:
        body, n = self.body, self.back
        if not 0 < n <= min(len(body.domain), len(body.codomain)):
            raise TermError(f"{self.words} cannot feed back {n} arrays.")
        same_types(body.codomain[:n], body.domain[:n], body.words, "the next step")
        for a in (*body.domain[:n], *body.codomain):
            if self.along.uid not in uids(a):
                raise TermError(f"{self.words} runs along {self.along}, which {a} has not.")
        for i in range(n):
            for lag in body.delays(i).values():
                if lag < 1:
                    name = body.domain[i].name or f"number {i + 1}"
                    raise TermError(
                        f"The fed-back array {name} is read at the very step that makes it: let it "
                        "pass a reindexing that looks back at least one step."
                    )

    @property
    def domain(self) -> tuple[Array, ...]:
        return self.body.domain[self.back :]

    @property
    def codomain(self) -> tuple[Array, ...]:
        return self.body.codomain[self.back :]

    @property
    def words(self) -> str:
        return self.title or f"an iteration along {self.along.symbol or self.along.uid}"


TIME = frozenset({"t"})  # uids of axes along which a term can run step by step


def time(symbol: str = "t", size: int | None = None) -> Axis:
    """Time axis, in steps."""
    return Axis("t", symbol, size)


def identity(*arrays: Array) -> Rearrange:
    """Return the identity on arrays."""
    return Rearrange(arrays, tuple(range(len(arrays))))


def apply(
    operator: Operator,
    over: tuple[Axis, ...] = (),
    reindexings: tuple[Reindex, ...] = (),
    side: Literal["before", "after"] = "before",
) -> Broadcast:
    """Broadcast an operator over axes before (or after) its own axes in every array.

    A re-indexed axis of an input takes the position of the axis that replaces it.
    """

    def around(core: Array, source: int | None) -> Array:
        axes = (*over, *core.axes) if side == "before" else (*core.axes, *over)
        if source is not None:
            changed = [r for r in reindexings if r.source == source]
            gone = {r.by.uid for r in changed if r.by} | {a.uid for r in changed for a in r.to[1:]}
            swap = {r.to[0].uid: r.axis for r in changed if r.to}
            axes = tuple(swap.get(a.uid, a) for a in axes if a.uid not in gone)
        return Array(axes, core.datatype, core.name)

    return Broadcast(
        operator,
        tuple(around(a, k) for k, a in enumerate(operator.inputs)),
        tuple(around(a, None) for a in operator.outputs),
        reindexings,
    )


def _parts(term: Term, kind: type) -> tuple[Term, ...]:
    return term.terms if type(term) is kind else (term,)  # type: ignore[attr-defined]
