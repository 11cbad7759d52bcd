"""What is sampled of a network besides its ticks: any variable, at any number of time steps.

A `Stream` says what; `Streams` samples it in this process, at the start of a time step, as Brian2's
``StateMonitor`` does. The compiled engine samples the same streams in its binary.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from ..network import NetworkInfo
from ..recordings import FEW, Block, Recording, check, joined, recordable, variable_of
from .recordable import Target

KEPT_NUMBERS = 2**16  # so many wait at most until their extremes are found


@dataclass(frozen=True)
class Stream:
    """Samples of some entries of one variable.

    key      : name of the recording
    every    : time steps between two samples;  dt_ms : length of a step of the variable's clock
    extremes : with the smallest and largest value since the sample before
    single   : samples are kept in single precision
    rows     : how many samples of this key are recorded already
    """

    key: str
    target: Target
    index: np.ndarray
    every: int
    dt_ms: float
    extremes: bool
    single: bool = False
    rows: int = 0

    @property
    def every_ms(self) -> float:
        return round(self.every * self.dt_ms, 9)

    def times(self, steps: np.ndarray) -> np.ndarray:
        """(T,) ms of time steps, rounded to what a step can mean."""
        return np.round(np.asarray(steps) * self.dt_ms, 9)

    def kept(self, samples: np.ndarray) -> np.ndarray:
        """Samples in the precision in which they are kept."""
        return samples.astype(np.float32, copy=False) if self.single else samples

    def metadata(self) -> dict[str, Any]:
        """Arguments of the `Samples` that hold what is sampled, but for the samples."""
        ends: dict[str, Any] = {}
        if self.target.recordable.of == "synapses" and self.target.ends is not None:
            ends = dict(
                zip(("pre", "post"), (e[self.index] for e in self.target.ends), strict=True)
            )
        return {
            "index": self.index,
            "unit": self.target.recordable.unit,
            "of": self.target.recordable.of,
            "every_ms": self.every_ms,
            "extremes": self.extremes,
            "single": self.single,
            **ends,
        }


def streams_of(
    targets: Mapping[str, Target], info: NetworkInfo, options: Mapping[str, Any]
) -> tuple[list[Stream], list[Stream]]:
    """The streams of variables, and those of events, that recordings ask for.

    raises : UnknownName, ParameterError
    """
    variables, events = [], []
    for key, option in check(info, options).items():
        message = recordable(info, key)
        index = option.entries(message.entries, key)
        target = targets[variable_of(key)]
        if message.of == "events":
            events.append(Stream(key, target, index, 1, info.dt_ms, False))
        else:
            every = option.steps(message.dt_ms, info.tick_ms, key)
            extremes = option.extremes and every > 1
            variables.append(
                Stream(key, target, index, every, message.dt_ms, extremes, option.single)
            )
    return variables, events


def between_ticks(info: NetworkInfo, watched: Mapping[str, Iterable[int]]) -> dict[str, Recording]:
    """What keeps the extremes of the few neurons whose state is sampled once a tick."""
    found = {}
    for name, entries in watched.items():
        entries = tuple(entries)
        message = next((r for r in info.recordables if r.name == name), None)
        if message is None or not (0 < len(entries) <= FEW and message.stored):
            continue
        steps = info.tick_ms / message.dt_ms
        if steps > 1.5 and abs(steps - round(steps)) < 1e-6:
            found[name] = Recording(entries, None, True)
    return found


class Streams:
    """Samples streams in this process; each of ``on_clock`` is to be told of every time step."""

    def __init__(self) -> None:
        self._by_clock: dict[float, list[_Sampled]] = {}

    def on_clock(self, dt_ms: float) -> list[_Sampled]:
        """What is sampled on a clock; the list stays the same, and its content changes."""
        return self._by_clock.setdefault(dt_ms, [])

    def start(self, streams: Iterable[Stream], now_ms: float | None = None) -> None:
        """Sample these from now on, and no others.

        now_ms : within a run, the present, at which new ones are sampled too
        """
        before = {id(s): (each, k) for each in self._all() for k, s in enumerate(each.streams)}
        together: dict[Any, list[Stream]] = {}
        for stream in streams:
            variable, _ = stream.target.array(stream.index)
            # Of one variable, in one call; there is nothing to share where it is read at once.
            alone = stream.key if variable is None or not stream.extremes else id(variable)
            together.setdefault((stream.dt_ms, stream.every, alone), []).append(stream)
        made: dict[float, list[_Sampled]] = {}
        for (dt_ms, _, _), group in together.items():
            known = [before.get(id(s)) for s in group]
            one = known[0][0] if known[0] is not None else None
            if one is None or list(map(id, one.streams)) != list(map(id, group)):
                one = _Sampled(group, known, None if now_ms is None else round(now_ms / dt_ms))
            made.setdefault(dt_ms, []).append(one)
        for dt_ms in {*self._by_clock, *made}:
            self.on_clock(dt_ms)[:] = made.get(dt_ms, [])

    def begun(self) -> dict[str, tuple[int, np.ndarray | None, np.ndarray | None]]:
        """By recording: the step sampled last, and the extremes since then, in SI units."""
        return {s.key: each.begun(k) for each in self._all() for k, s in enumerate(each.streams)}

    def take(self) -> dict[str, Block]:
        """What was sampled since the last call, by recording."""
        return {key: block for each in self._all() for key, block in each.take().items()}

    def _all(self) -> list[_Sampled]:
        return [each for clock in self._by_clock.values() for each in clock]


class _Sampled:
    """Streams that are read in one call: one, or several of one variable, with extremes.

    Between two samples numbers are only copied; the smallest and the largest of all these steps
    are found at the second one, since a call of NumPy costs more than a few numbers do.

    before : of each stream that was sampled until now, by whom and as which; else None
    now    : the present step, at which the others are sampled; None: they begin later
    """

    def __init__(
        self, streams: list[Stream], before: list[tuple[_Sampled, int] | None], now: int | None
    ):
        self.streams = streams
        self._every, self._extremes = streams[0].every, streams[0].extremes
        ends = np.cumsum([0, *(len(s.index) for s in streams)])
        self._columns = [slice(a, b) for a, b in itertools.pairwise(ends.tolist())]
        # The values of the steps since the last sample, that one included: (steps, n) in SI.
        self._steps = np.empty((0, 0))
        self._places: list[np.ndarray] = []
        self._n_steps = 0
        self._last = [-1] * len(streams)
        self._rows: list[tuple[int, np.ndarray, Any, Any]] = []
        self._blocks: dict[str, list[Block]] = {}  # of streams that did not begin together
        if now is not None or any(before):
            self._go_on(before, now)

    def _begin(self) -> None:
        """Make room; not before it is read, as reading may draw random numbers."""
        self._copy, dtype, n = _copier(self.streams)
        at_once = max(3, KEPT_NUMBERS // max(1, n))
        steps = min(self._every + 1, at_once) if self._extremes else 1
        self._steps = np.empty((steps, n), dtype)
        self._places = list(self._steps)

    def _go_on(self, before: list[tuple[_Sampled, int] | None], now: int | None) -> None:
        self._begin()
        present = self._places[0]
        self._copy(out=present)
        present = present.copy()
        low, high = present.copy(), present.copy()
        for k, (stream, columns, earlier) in enumerate(
            zip(self.streams, self._columns, before, strict=True)
        ):
            if earlier is not None:
                theirs, which = earlier
                self._blocks.update({s: [b] for s, b in theirs.take_of(which).items()})
                self._last[k], their_low, their_high = theirs.begun(which)
                if their_low is not None:
                    low[columns], high[columns] = their_low, their_high
            elif now is not None and now % self._every == 0:
                self._last[k] = now
                values = stream.kept(present[None, columns] * stream.target.scale)
                extremes = (values, values) if self._extremes else (None, None)
                block = Block(stream.times(np.array([now])), values, *extremes)
                self._blocks[stream.key] = [block]
        if self._extremes:
            self._steps[0], self._steps[1] = low, high
            self._n_steps = 2

    def begun(self, which: int) -> tuple[int, np.ndarray | None, np.ndarray | None]:
        columns = self._columns[which]
        if not self._n_steps:
            return self._last[which], None, None
        low, high = self._found()
        return self._last[which], low[columns], high[columns]

    def at(self, step: int) -> None:
        """To be called at every step, in their order."""
        wanted = step % self._every == 0 and step > self._last[0]
        if not (wanted or self._extremes):
            return
        if not self._places:
            self._begin()
        self._copy(out=self._places[self._n_steps])
        self._n_steps += 1
        if wanted:
            self._sample(step)
        elif self._n_steps == len(self._places):
            self._steps[0], self._steps[1] = self._found()
            self._n_steps = 2

    def _found(self) -> tuple[np.ndarray, np.ndarray]:
        """The extremes since the last sample."""
        steps = self._steps[: self._n_steps]
        return np.fmin.reduce(steps), np.fmax.reduce(steps)

    def _sample(self, step: int) -> None:
        last = self._steps[self._n_steps - 1].copy()
        self._rows.append((step, last, *(self._found() if self._extremes else (None, None))))
        self._last = [step] * len(self.streams)
        self._steps[0] = last  # the next stretch begins where this one ends
        self._n_steps = int(self._extremes)

    def take(self) -> dict[str, Block]:
        """What was sampled since the last call, by recording."""
        found = [self.take_of(k) for k in range(len(self.streams))]
        self._rows = []
        return {key: block for each in found for key, block in each.items()}

    def take_of(self, which: int) -> dict[str, Block]:
        """The samples of one stream, which then has none; all of them go with ``take``."""
        stream, columns = self.streams[which], self._columns[which]
        blocks = self._blocks.pop(stream.key, [])
        if self._rows:
            steps, *parts = zip(*self._rows, strict=True)
            # np.stack makes a view of each row first, which costs more than the copy.
            stacked = [
                None if p[0] is None else stream.kept(np.array(p)[:, columns] * stream.target.scale)
                for p in parts
            ]
            blocks.append(Block(stream.times(np.asarray(steps)), *stacked))  # type: ignore[arg-type]
        return {stream.key: joined(blocks)} if blocks else {}


def _copier(streams: list[Stream]) -> tuple[Callable[..., Any], Any, int]:
    """A function that copies what streams read now to ``out`` (n,); its type, and n."""
    from brian2.core.variables import DynamicArrayVariable

    variable, _ = streams[0].target.array(streams[0].index)
    stays = not (variable is None or variable.scalar or isinstance(variable, DynamicArrayVariable))
    if stays and np.issubdtype(variable.dtype, np.floating):
        array = variable.get_value()
        places = np.concatenate([_numbers(s.target.array(s.index)[1]) for s in streams])
        # All are within: "raise" would copy them twice.
        return partial(array.take, places, None, mode="clip"), array.dtype, len(places)
    readers, waiting = [s.target.reader(s.index) for s in streams], []
    waiting.append(np.concatenate([np.ravel(read()) for read in readers]))
    dtype = waiting[0].dtype if np.issubdtype(waiting[0].dtype, np.floating) else float

    def copy(out: np.ndarray) -> None:
        if waiting:  # read once already
            out[...] = waiting.pop()
        else:
            out[...] = readers[0]() if len(readers) == 1 else np.concatenate([r() for r in readers])

    return copy, dtype, waiting[0].size


def _numbers(places: Any) -> np.ndarray:
    return np.arange(places.start, places.stop) if isinstance(places, slice) else places
