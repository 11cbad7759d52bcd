"""Measures of lessons: those of every model, those that a model adds, and what they are of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..engine.frames import Frame
from ..errors import unknown
from ..interventions import Intervention
from ..model.measure import RunMeasure
from ..model.model import Model
from ..network import NetworkInfo
from ..run import Run
from ..sweeps.measures import cv_of, synchrony_of


def _mean(run: Run, trace: str) -> float:
    return float(np.mean(run.state(trace))) if len(run.state_t) else float("nan")


def _sd(run: Run, trace: str) -> float:
    """Over time, of each neuron that is sampled; the mean of these."""
    return float(np.mean(np.std(run.state(trace), axis=0))) if len(run.state_t) else float("nan")


OF_ANY: tuple[RunMeasure, ...] = (
    RunMeasure("mean_rate", "mean rate", "Hz", "population", lambda run, of: run.rate(of)),
    RunMeasure("cv_isi", "CV of the inter-spike intervals", "1", "population", cv_of),
    RunMeasure("synchrony", "synchrony", "1", "population", synchrony_of),
    RunMeasure("mean", "mean", "", "trace", _mean),
    RunMeasure("sd", "standard deviation", "", "trace", _sd),
)


def measures_of(model: type[Model]) -> dict[str, RunMeasure]:
    """Name -> measure, for lessons of ``model``."""
    return {m.name: m for m in (*OF_ANY, *model.measures)}


def find(model: type[Model], name: str) -> RunMeasure:
    """One measure; raises UnknownName with the nearest name."""
    known = measures_of(model)
    if name not in known:
        raise unknown("measure", name, known, owner=model.slug)
    return known[name]


def unit_of(model: type[Model], name: str, of: str) -> str:
    """Unit of a measure, "" for none."""
    unit = find(model, name).unit or model.traces.get(of, "")
    return "" if unit == "1" else unit


def in_words(model: type[Model], name: str, of: str) -> str:
    """What is measured: "mean rate of excitatory", "mean of V, excitatory"."""
    population, _, variable = of.replace("_", " ").partition(".")
    about = f"{variable}, {population}" if variable else population
    return f"{find(model, name).title} of {about}" if of else find(model, name).title


def stretch(run: Run, start_ms: float, stop_ms: float) -> Run:
    """What a run holds between two times, with times from ``start_ms`` on; earlier ones negative.

    start_ms, stop_ms : whole ticks
    """
    dt_ms, tick_ms = run.info.dt_ms, run.info.tick_ms
    first, last = round(start_ms / dt_ms), round(stop_ms / dt_ms)
    part = slice(*np.searchsorted(run.steps, (first, last)))
    now = (run.state_t > start_ms - 1e-6) & (run.state_t <= stop_ms + 1e-6)
    back = round(start_ms / tick_ms)
    return replace(
        run,
        duration_ms=stop_ms - start_ms,
        steps=run.steps[part] - first,
        units=run.units[part],
        state_t=run.state_t[now] - start_ms,
        states={name: values[now] for name, values in run.states.items()},
        interventions=[
            replace(e, tick=e.tick - back, t_ms=e.t_ms - start_ms)
            for e in run.interventions if e.t_ms < stop_ms
        ],
    )  # fmt: skip


class Window:
    """The latest part of a live run, kept for measuring.

    keep_ms : how much of it is kept, simulated ms
    trace   : the one trace whose samples are kept; "" for none
    """

    def __init__(self, info: NetworkInfo, keep_ms: float, trace: str = ""):
        self._info, self._keep_ms, self._trace = info, keep_ms, trace
        self._frames: list[Frame] = []
        self.known_from_ms = 0.0  # all spikes since then are here
        self.t_ms = 0.0

    def add(self, frames: Sequence[Frame]) -> None:
        """Frames as they arrive, in order."""
        for frame in frames:
            if frame.missing[1]:
                self.known_from_ms = frame.missing[1] * self._info.dt_ms
        self._frames.extend(frames)
        if frames:
            self.t_ms = frames[-1].t_ms
        while self._frames and self._frames[0].t_ms < self.t_ms - self._keep_ms:
            self._frames.pop(0)

    def part(
        self, start_ms: float, stop_ms: float, model: Model, interventions: Sequence[Intervention]
    ) -> Run:
        """What was between two times, as a run of ``model`` with this log."""
        held = self._frames
        sampled = [f for f in held if self._trace in f.states]
        states = [f.states[self._trace] for f in sampled] or [np.empty((0, 1))]
        run = Run(
            model=model.slug,
            parameters=model.values(),
            info=self._info,
            duration_ms=self.t_ms,
            seed=0,
            engine="",
            steps=np.concatenate([f.steps for f in held] or [np.empty(0, np.int64)]),
            units=np.concatenate([f.units for f in held] or [np.empty(0, np.int32)]),
            state_t=np.concatenate([f.state_t for f in sampled] or [np.empty(0)]),
            states={self._trace: np.concatenate(states)} if self._trace else {},
            weights={},
            interventions=list(interventions),
        )
        return stretch(run, start_ms, stop_ms)
