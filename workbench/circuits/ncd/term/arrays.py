"""Types of the wires of a diagram: axes, and arrays over axes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from workbench.errors import ParameterError

Datatype = Literal["real", "bool", "int"]


class TermError(ParameterError):
    """Raised for a term whose shapes do not match; the message names the axis."""


@dataclass(frozen=True)
class Axis:
    """One axis, drawn as one wire.

    uid    : identifies the axis throughout a diagram
    symbol : its label, TeX without dollars
    size   : length; None if known only at evaluation, as for time
    title  : meaning of its indices in words, if needed
    """

    uid: str
    symbol: str = ""
    size: int | None = None
    title: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if not self.uid:
            raise TermError("An axis needs a uid: it is how the same axis is known again.")
        if self.size is not None and self.size < 0:
            raise TermError(f"The axis {self.uid} has the size {self.size}; it must be 0 or more.")

    @property
    def label(self) -> str:
        """Symbol, or the size if there is no symbol."""
        return self.symbol or (str(self.size) if self.size is not None else self.uid)

    def __str__(self) -> str:
        name = self.symbol or self.uid
        return name if self.size is None else f"{name} = {self.size}"


@dataclass(frozen=True)
class Array:
    """An array over axes; two arrays have the same type if axes and datatype agree.

    axes : in the order of the array's dimensions, drawn from top to bottom
    name : displayed name, TeX; not part of the type
    """

    axes: tuple[Axis, ...] = ()
    datatype: Datatype = "real"
    name: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if self.datatype not in ("real", "bool", "int"):
            raise TermError(
                f"The datatype {self.datatype!r} is not known: it must be real, bool or int."
            )

    def named(self, name: str) -> Array:
        return Array(self.axes, self.datatype, name)

    def without(self, axis: Axis) -> Array:
        """Array at one index of ``axis``."""
        return Array(tuple(a for a in self.axes if a.uid != axis.uid), self.datatype, self.name)

    def __str__(self) -> str:
        inside = ", ".join(map(str, self.axes))
        return f"({inside})" + ("" if self.datatype == "real" else f" {self.datatype}")


def uids(array: Array) -> tuple[str, ...]:
    return tuple(a.uid for a in array.axes)


def same_types(given: tuple[Array, ...], wanted: tuple[Array, ...], giver: str, taker: str) -> None:
    """Raise `TermError` unless the outputs of one term match the inputs of the next."""
    if len(given) != len(wanted):
        raise TermError(
            f"{giver} gives {_arrays(len(given))} and {taker} takes {_arrays(len(wanted))}: "
            f"{_list(given)} against {_list(wanted)}."
        )
    for k, (a, b) in enumerate(zip(given, wanted, strict=True)):
        _same_type(a, b, f"Array {k + 1} from {giver} to {taker}")


def one_size(arrays: tuple[Array, ...], where: str) -> None:
    """Raise `TermError` if one axis has two sizes."""
    seen: dict[str, Axis] = {}
    for array in arrays:
        for axis in array.axes:
            other = seen.setdefault(axis.uid, axis)
            if other.size != axis.size:
                raise TermError(
                    f"{where}: the axis {axis.uid} has the size {other.size} and the size "
                    f"{axis.size}."
                )


def _same_type(a: Array, b: Array, what: str) -> None:
    if len(a.axes) != len(b.axes):
        raise TermError(f"{what}: {a} has {len(a.axes)} axes and {b} has {len(b.axes)}.")
    for k, (x, y) in enumerate(zip(a.axes, b.axes, strict=True)):
        if x.uid != y.uid or x.size != y.size:
            raise TermError(f"{what}: axis {k + 1} is {x} on one side and {y} on the other.")
    if a.datatype != b.datatype:
        raise TermError(f"{what}: {a.datatype} on one side and {b.datatype} on the other.")


def _arrays(n: int) -> str:
    return f"{n} array" + ("" if n == 1 else "s")


def _list(arrays: tuple[Array, ...]) -> str:
    return "; ".join(map(str, arrays)) or "nothing"
