"""What is sampled of a network besides its ticks: any variable, at any number of time steps.

A `Stream` says what; `Streams` samples it in this process, at the start of a time step, as Brian2's
``StateMonitor`` does. The compiled engine samples the same streams in its binary.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..network import NetworkInfo
from ..recordings import FEW, Block, Recording, check, recordable, variable_of
from .recordable import Target

KEPT_NUMBERS = 2**16  # so many wait at most until their extremes are found


@dataclass(frozen=True)
class Stream:
    """Samples of some entries of one variable.

    key      : name of the recording
    every    : time steps between two samples;  dt_ms : length of a step of the variable's clock
    extremes : with the smallest and largest value since the sample before
    rows     : how many samples of this key are recorded already
    """

    key: str
    target: Target
    index: np.ndarray
    every: int
    dt_ms: float
    extremes: bool
    rows: int = 0

    @property
    def every_ms(self) -> float:
        return round(self.every * self.dt_ms, 9)

    def times(self, steps: np.ndarray) -> np.ndarray:
        """(T,) ms of time steps, rounded to what a step can mean."""
        return np.round(np.asarray(steps) * self.dt_ms, 9)

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
            variables.append(Stream(key, target, index, every, message.dt_ms, extremes))
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
    """Samples streams in this process; ``at_step`` is called at every step of a clock."""

    def __init__(self) -> None:
        self._by_clock: dict[float, list[_Sampled]] = {}
        self._all: list[_Sampled] = []

    def start(self, streams: Iterable[Stream], now_ms: float | None = None) -> None:
        """Sample these from now on, and no others.

        now_ms : within a run, the present, at which new ones are sampled too
        """
        before = {s.stream.key: s for s in self._all}
        self._all, self._by_clock = [], {}
        for stream in streams:
            sampled = before.pop(stream.key, None)
            if sampled is None:
                sampled = _Sampled(stream)
                if now_ms is not None:
                    sampled.at(round(now_ms / stream.dt_ms))
            self._all.append(sampled)
            self._by_clock.setdefault(stream.dt_ms, []).append(sampled)

    def at_step(self, dt_ms: float, step: int) -> None:
        for sampled in self._by_clock.get(dt_ms, ()):
            sampled.at(step)

    def begun(self) -> dict[str, tuple[int, np.ndarray | None, np.ndarray | None]]:
        """By recording: the step sampled last, and the extremes since then, in SI units."""
        return {s.stream.key: s.begun for s in self._all}

    def take(self) -> dict[str, Block]:
        """What was sampled since the last call, by recording."""
        return {s.stream.key: block for s in self._all if (block := s.take()) is not None}


class _Sampled:
    """One stream: how it is read, and its samples that nobody has taken yet.

    Between two samples numbers are only copied; the smallest and the largest of all these steps
    are found at the second one, since a call of NumPy costs more than a few numbers do.
    """

    def __init__(self, stream: Stream):
        self.stream = stream
        self._read = stream.target.reader(stream.index)
        self._last = -1
        # The values of the steps since the last sample, that one included: (steps, n) in SI.
        self._steps = np.empty((0, 0))
        self._n_steps = 0
        self._rows: list[tuple[int, np.ndarray, Any, Any]] = []

    @property
    def begun(self) -> tuple[int, np.ndarray | None, np.ndarray | None]:
        return self._last, *(self._extremes() if self._n_steps else (None, None))

    def at(self, step: int) -> None:
        wanted = step % self.stream.every == 0 and step > self._last
        if not (wanted or self.stream.extremes):
            return
        values = self._read()
        if not len(self._steps):
            self._steps = self._room_for(values)
        self._steps[self._n_steps] = values
        self._n_steps += 1
        if wanted:
            self._sample(step)
        elif self._n_steps == len(self._steps):
            self._steps[0], self._steps[1] = self._extremes()
            self._n_steps = 2

    def _room_for(self, values: np.ndarray) -> np.ndarray:
        dtype = values.dtype if np.issubdtype(values.dtype, np.floating) else float
        at_once = max(3, KEPT_NUMBERS // max(1, values.size))
        steps = min(self.stream.every + 1, at_once) if self.stream.extremes else 1
        return np.empty((steps, values.size), dtype)

    def _extremes(self) -> tuple[np.ndarray, np.ndarray]:
        steps = self._steps[: self._n_steps]
        return np.fmin.reduce(steps), np.fmax.reduce(steps)

    def _sample(self, step: int) -> None:
        scale = self.stream.target.scale
        last = self._steps[self._n_steps - 1]
        low = high = None
        if self.stream.extremes:
            low, high = (values * scale for values in self._extremes())
        self._rows.append((step, last * scale, low, high))
        self._last = step
        self._steps[0] = last  # the next stretch begins where this one ends
        self._n_steps = int(self.stream.extremes)

    def take(self) -> Block | None:
        if not self._rows:
            return None
        steps, *parts = zip(*self._rows, strict=True)
        self._rows = []
        # np.stack makes a view of each row first, which costs more than the copy.
        stacked = [np.array(p) if p[0] is not None else None for p in parts]
        return Block(self.stream.times(np.asarray(steps)), *stacked)  # type: ignore[arg-type]
