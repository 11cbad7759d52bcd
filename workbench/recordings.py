"""What is recorded of a run besides its spikes: `Recording` asks for it, `Samples` holds it.

A recording is named after what it samples, ``"population.variable"`` or ``"projection.variable"``;
with ``#`` and any text after it the same variable can be recorded in several ways at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import ParameterError, unknown
from .model.misread import quoted, shortened
from .model.units import number_of, whole_of

if TYPE_CHECKING:
    from .network import NetworkInfo, Recordable

Indices = str | int | slice | Sequence[int] | np.ndarray
SUCH_AS = "'all', '0:10, 42' or [0, 1, 2]"
FEW = 16  # traces of up to so many neurons keep what lies between two samples
NUMBER_BYTES, SINGLE_BYTES = 8, 4
CHUNK_ROWS, CHUNK_BYTES = 4096, 2**21  # at most, in a chunk of the store
SINGLE = "single"  # last word of a recording's text
WIDE = 256  # entries; live, those of a recording with more are drawn as a map, not as lines


@dataclass(frozen=True)
class Recording:
    """What to record of one variable, or of one event.

    indices  : neurons, compartments or synapses: "all", numbers, or text such as "0:10, 42",
               where the end of a stretch does not count
    every_ms : time between two samples, a whole number of time steps; None for once a tick.
               Text with a unit is read too. Events are recorded whenever they happen
    extremes : also keep the smallest and the largest value since the sample before, at every step
    single   : keep the samples in single precision (float32, some 7 digits, up to 3e38): half the
               size. Simulated is as before
    raises   : ParameterError
    """

    indices: Indices = "all"
    every_ms: float | None = None
    extremes: bool = False
    single: bool = False

    def __post_init__(self) -> None:
        if self.every_ms is not None:
            every = number_of(self.every_ms, "ms", what="every_ms")
            if not every > 0:
                raise ParameterError(f"every_ms = {every:g} is not allowed: it must be above 0.")
            object.__setattr__(self, "every_ms", every)
        if not isinstance(self.indices, str | int | slice):
            object.__setattr__(self, "indices", _whole_numbers(self.indices))

    def entries(self, size: int, name: str = "indices") -> np.ndarray:
        """The numbers that are meant of ``size``, in the order given; raises ParameterError."""
        return indices_of(self.indices, size, name)

    def steps(self, dt_ms: float, tick_ms: float, name: str = "every_ms") -> int:
        """How many time steps lie between two samples; raises ParameterError.

        By default those of a tick; of what changes more seldom than that, each one.
        """
        if self.every_ms is None:
            return max(1, round(tick_ms / dt_ms))
        every = self.every_ms
        n = round(every / dt_ms)
        if n < 1 or abs(every - n * dt_ms) > 1e-6 * dt_ms:
            raise ParameterError(
                f"{name} cannot be recorded every {every:g} ms: give a whole number of its time "
                f"steps of {dt_ms:g} ms, such as {max(1, n) * dt_ms:g}."
            )
        return n


def indices_of(given: Indices, size: int, name: str = "indices") -> np.ndarray:
    """Numbers from ``0`` to ``size - 1`` out of text, a slice or numbers; raises ParameterError."""
    if isinstance(given, slice):
        found = np.arange(size)[given]
    elif isinstance(given, str):
        found = _from_text(given, size, name)
    else:
        found = np.asarray(_whole_numbers(given), np.int64)
    if found.size and not (found.min() >= 0 and found.max() < size):
        bad = int(found.min() if found.min() < 0 else found.max())
        raise ParameterError(f"{name} has the entries 0 to {size - 1}; {bad} is not one of them.")
    if len(set(found.tolist())) < found.size:
        raise ParameterError(f"{name} = {quoted(given)} names an entry twice: name it once.")
    if not found.size:
        raise ParameterError(f"{name} = {quoted(given)} names no entry: give {SUCH_AS}.")
    return found


def _from_text(text: str, size: int, name: str) -> np.ndarray:
    if text.strip() in ("all", ":"):
        return np.arange(size)
    found: list[int] = []
    for part in text.split(","):
        ends = [end.strip() for end in part.split(":")]
        try:
            numbers = [int(end) if end.isdecimal() and end.isascii() else None for end in ends]
            if len(ends) == 1 and numbers[0] is not None:
                found.append(numbers[0])
                continue
            given = all(n is not None or not end for n, end in zip(numbers, ends, strict=True))
            if not (2 <= len(ends) <= 3 and given) or (len(ends) == 3 and not numbers[2]):
                raise ValueError
        except ValueError:
            raise ParameterError(
                f"{name} = {quoted(text)} cannot be read at {quoted(part.strip())}: give {SUCH_AS}."
            ) from None
        start, stop = numbers[0] or 0, size if numbers[1] is None else numbers[1]
        if stop > size:
            raise ParameterError(
                f"{name} has the entries 0 to {size - 1}; {part.strip()} goes beyond them."
            )
        found += range(start, stop, numbers[2] or 1 if len(ends) == 3 else 1)
    return np.asarray(found, np.int64)


def _whole_numbers(given: Any) -> tuple[int, ...]:
    if isinstance(given, int | np.integer):
        return (int(given),)
    try:
        return tuple(whole_of(n, what="indices") for n in np.asarray(given).ravel().tolist())
    except (TypeError, ValueError) as error:
        raise ParameterError(
            f"indices = {shortened(given)} is not allowed: give {SUCH_AS}."
        ) from error


def read_recording(text: str) -> tuple[str, Recording]:
    """Name and `Recording` out of text: ``NAME``, ``NAME=INDICES``, either with ``@ STEP``.

    ``"hh.v=0:10, 42 @ 0.1 ms"``; with ``single`` behind it, in single precision.

    raises : ParameterError
    """
    *before, last = text.split(" ")
    single = bool(before) and last == SINGLE
    what, at, step = (" ".join(before) if single else text).partition("@")
    name, equals, which = what.partition("=")
    if not name.strip() or (equals and not which.strip()) or (at and not step.strip()):
        raise ParameterError(
            f"{quoted(text)} is no recording: write NAME=INDICES @ STEP, such as "
            "'hh.v=0:10, 42 @ 0.1 ms', and 'single' behind it for single precision."
        )
    every: Any = step.strip() or None
    return name.strip(), Recording(which.strip() or "all", every, single=single)


def variable_of(key: str) -> str:
    """What a recording samples: its name without ``#`` and what follows."""
    return key.partition("#")[0]


def recordable(info: NetworkInfo, key: str) -> Recordable:
    """What the network says of it; raises UnknownName with the nearest name."""
    name = variable_of(key)
    for each in info.recordables:
        if each.name == name:
            return each
    raise unknown("variable or event", name, [r.name for r in info.recordables])


def check(info: NetworkInfo, record: Mapping[str, Any]) -> dict[str, Recording]:
    """Wishes as `Recording`, checked against the network; today's short forms are read too.

    raises : UnknownName, ParameterError
    """
    found = {}
    for key, given in record.items():
        option = given if isinstance(given, Recording) else Recording(given)
        what = recordable(info, key)
        option.entries(what.entries, key)
        if what.of != "events":
            option.steps(what.dt_ms, info.tick_ms, key)
        found[key] = option
    return found


def every_of(info: NetworkInfo, name: str, option: Recording) -> float:
    """The time between two samples of a variable, ms; raises UnknownName, ParameterError."""
    dt_ms = recordable(info, name).dt_ms
    return option.steps(dt_ms, info.tick_ms, name) * dt_ms


@dataclass(frozen=True)
class Cost:
    """What recordings take on disk, before compression.

    mb_per_s : MB (10**6 bytes) for a simulated second, by recording; events are not counted, as
               nobody knows how many there will be
    """

    mb_per_s: dict[str, float]

    @property
    def total(self) -> float:
        return sum(self.mb_per_s.values())

    def __str__(self) -> str:
        if not self.mb_per_s:
            return "Nothing is recorded besides spikes."
        return (
            f"Recording takes {mb(self.total)} per simulated second, before compression, and "
            "16 bytes a spike."
        )


def rows_in_chunk(width: int, single: bool = False) -> int:
    """How many samples of so many entries make a chunk of the store."""
    row_bytes = (SINGLE_BYTES if single else NUMBER_BYTES) * max(1, width)
    return min(CHUNK_ROWS, max(1, CHUNK_BYTES // row_bytes))


def mb(size: float) -> str:
    """A size in MB as text: "0.24 MB", "32 MB"."""
    return f"{size:.2g} MB" if size < 10 else f"{size:,.0f} MB"


def cost_of(info: NetworkInfo, record: Mapping[str, Any] | None = None) -> Cost:
    """What these recordings take; without ``record``, what is recorded by itself.

    raises : UnknownName, ParameterError for what cannot be recorded
    """
    by_name: dict[str, float] = {}
    options: Mapping[str, Any] = info.watched if record is None else record
    for key, option in check(info, options).items():
        what = recordable(info, key)
        if what.of == "events":
            continue
        n = len(option.entries(what.entries, key))
        at_ticks = not isinstance(options[key], Recording)
        every = info.tick_ms if at_ticks else every_of(info, key, option)
        numbers = n * (3 if option.extremes else 1)
        if at_ticks and n <= FEW and what.stored:
            # Of a few neurons, what lies between two ticks is kept too.
            numbers += 1 + 3 * n if what.dt_ms < every * (1 - 1e-9) else 0
        row_bytes = NUMBER_BYTES + (SINGLE_BYTES if option.single else NUMBER_BYTES) * numbers
        by_name[key] = row_bytes * 1000 / every / 1e6
    return Cost(by_name)


class Samples:
    """What was recorded of one variable, or of one event.

    name     : "population.variable" or "projection.variable"
    t_ms     : (T,) times;  values : (T, n), in ``unit``
    low, high : (T, n) smallest and largest value since the sample before, or None
    index    : (n,) which neurons, compartments or synapses
    pre, post : (n,) neurons that the synapses join, or None
    of       : "neurons", "compartments", "synapses" or "events"; of events, ``values`` (T, 1) holds
               the neuron
    every_ms : time between two samples;  single : kept in single precision
    load     : gives t_ms, values, low and high when they are first asked for
    """

    def __init__(
        self,
        name: str,
        *,
        index: np.ndarray,
        unit: str = "1",
        of: str = "neurons",
        every_ms: float = 1.0,
        extremes: bool = False,
        single: bool = False,
        pre: np.ndarray | None = None,
        post: np.ndarray | None = None,
        load: Callable[[], Mapping[str, Any]],
    ):
        self.name, self.unit, self.of = name, unit, of
        self.index = np.asarray(index, np.int64)
        self.pre, self.post = (
            None if numbers is None else np.asarray(numbers, np.int64) for numbers in (pre, post)
        )
        self.every_ms, self.extremes, self.single = every_ms, extremes, single
        self._loader = load
        self._loaded: Mapping[str, Any] | None = None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Samples):
            return NotImplemented
        mine, theirs = (
            {**s.metadata(), **s.block().parts(), "name": s.name} for s in (self, other)
        )
        return mine.keys() == theirs.keys() and all(
            np.array_equal(np.asarray(v), np.asarray(theirs[k])) for k, v in mine.items()
        )

    __hash__ = None  # type: ignore[assignment]

    def load(self) -> Mapping[str, Any]:
        """Read the samples now, where they lie on disk; later they may be gone from there."""
        if self._loaded is None:
            self._loaded = self._loader()
        return self._loaded

    def _part(self, name: str) -> Any:
        return self.load().get(name)

    @property
    def t_ms(self) -> np.ndarray:
        return self._part("t_ms")

    @property
    def values(self) -> np.ndarray:
        return self._part("values")

    @property
    def low(self) -> np.ndarray | None:
        return self._part("low")

    @property
    def high(self) -> np.ndarray | None:
        return self._part("high")

    def at(self, t_ms: float) -> tuple[float, np.ndarray]:
        """The latest sample at ``t_ms`` or before, and its time: (ms, (n,)).

        raises : ParameterError when there is none
        """
        if not len(self.t_ms):
            raise ParameterError(f"{self.name} has no samples.")
        k = int(np.searchsorted(self.t_ms, t_ms * (1 + 1e-12) + 1e-9, side="right")) - 1
        if k < 0:
            raise ParameterError(
                f"{self.name} was recorded from {self.t_ms[0]:g} to {self.t_ms[-1]:g} ms; "
                f"{t_ms:g} ms is before."
            )
        return float(self.t_ms[k]), self.values[k]

    def ends(self) -> dict[str, np.ndarray]:
        """``index``, and of synapses ``pre`` and ``post``."""
        found = {"index": self.index, "pre": self.pre, "post": self.post}
        return {name: data for name, data in found.items() if data is not None}

    def metadata(self) -> dict[str, Any]:
        """What is said of the samples: the arguments that make such a recording again."""
        plain = {"unit": self.unit, "of": self.of, "every_ms": self.every_ms}
        return {**plain, "extremes": self.extremes, "single": self.single, **self.ends()}

    def block(self) -> Block:
        """All samples in one piece."""
        return Block(self.t_ms, self.values, self.low, self.high)

    def option(self) -> Recording:
        """The `Recording` that gives the same again."""
        return Recording(self.index, self.every_ms, self.extremes, self.single)


@dataclass
class Block:
    """Samples that follow one another: (T,) ms, (T, n), and (T, n) extremes or None."""

    t_ms: np.ndarray
    values: np.ndarray
    low: np.ndarray | None = None
    high: np.ndarray | None = None

    @property
    def nbytes(self) -> int:
        return sum(a.nbytes for a in (self.t_ms, self.values, self.low, self.high) if a is not None)

    def part(self, rows: np.ndarray | slice, columns: np.ndarray | slice = slice(None)) -> Block:
        """The samples of some times (mask or indices) and some entries."""
        low, high = (None if a is None else a[rows][:, columns] for a in (self.low, self.high))
        return Block(self.t_ms[rows], self.values[rows][:, columns], low, high)

    def parts(self) -> dict[str, np.ndarray]:
        found = {"t_ms": self.t_ms, "values": self.values, "low": self.low, "high": self.high}
        return {k: v for k, v in found.items() if v is not None}


def joined(blocks: Iterable[Block]) -> Block:
    """One block of several."""
    blocks = list(blocks)
    if len(blocks) == 1:
        return blocks[0]
    t_ms = np.concatenate([b.t_ms for b in blocks])
    values = np.concatenate([b.values for b in blocks])
    if all(b.low is None for b in blocks):
        return Block(t_ms, values)
    low = np.concatenate([b.values if b.low is None else b.low for b in blocks])
    high = np.concatenate([b.values if b.high is None else b.high for b in blocks])
    return Block(t_ms, values, low, high)


def thinned(block: Block, rows: int) -> Block:
    """At most about ``rows`` samples; what lies between them is in their extremes.

    Of more than `WIDE` entries the samples alone are left: a map does not show their extremes, and
    to find and send them costs as much as to record.
    """
    n = len(block.t_ms)
    wide = block.values.shape[1] > WIDE
    if n <= rows and not (wide and block.low is not None):
        return block
    ends = np.linspace(0, n - 1, min(n, rows)).round().astype(int)  # the first and the last stay
    if wide:
        return Block(block.t_ms[ends], block.values[ends])
    starts = np.concatenate([[0], ends[:-1] + 1])
    low = block.values if block.low is None else block.low
    high = block.values if block.high is None else block.high
    return Block(
        block.t_ms[ends],
        block.values[ends],
        np.fmin.reduceat(low, starts),
        np.fmax.reduceat(high, starts),
    )


def until(block: Block, end_ms: float) -> Block:
    """The samples before ``end_ms``."""
    n = int(np.searchsorted(block.t_ms, end_ms - 1e-6))
    if n == len(block.t_ms):
        return block
    parts = (block.t_ms, block.values, block.low, block.high)
    return Block(*(None if p is None else p[:n] for p in parts))  # type: ignore[arg-type]
