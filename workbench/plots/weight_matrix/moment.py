"""Weights at a moment: of a recording of synapses, or of what every run keeps of its weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...errors import ParameterError, unknown
from ...run import Run
from ..recorded import of_kind


@dataclass(frozen=True)
class Moment:
    """Values of synapses at one time.

    values : (n,), in ``unit``;  pre, post : (n,) neurons that they join
    span   : smallest and largest value at any time
    """

    owner: str
    variable: str
    unit: str
    t_ms: float
    values: np.ndarray
    pre: np.ndarray
    post: np.ndarray
    span: tuple[float, float]
    source: str
    target: str


def moment_of(run: Run, name: str | None = None, at_ms: float | None = None) -> Moment:
    """The values at ``at_ms``, or the latest before; None for the last.

    name   : of a recording, or of a projection; None for the first recording of synapses
    raises : UnknownName, ParameterError
    """
    recorded = of_kind(run, ("synapses",))
    if name is None:
        names = [*recorded, *run.weights]
        if not names:
            raise ParameterError(f"This run of {run.model} holds no weights.")
        name = names[0]
    at = np.inf if at_ms is None else float(at_ms)
    if name in recorded:
        samples = run.samples(name)
        owner, _, variable = samples.name.rpartition(".")
        t, values = samples.at(min(at, float(samples.t_ms[-1]) if len(samples.t_ms) else 0.0))
        if samples.pre is None or samples.post is None:
            raise ParameterError(f"{name} does not say which neurons its synapses join.")
        message = next((r for r in run.info.recordables if r.name == samples.name), None)
        ends = (message.source, message.target) if message is not None else ("", "")
        every = samples.values
        return Moment(
            owner, variable, samples.unit, t, values, samples.pre, samples.post,
            _span(every), *ends,
        )  # fmt: skip
    if name not in run.weights:
        raise unknown("recording of synapses", name, [*recorded, *run.weights], owner=run.model)
    w, p = run.weights[name], run.info.projection(name)
    if not (w["t_ms"] <= at).any():
        raise ParameterError(f"at_ms = {at:g} is not allowed: it must not be before 0.")
    k = int(np.flatnonzero(w["t_ms"] <= at)[-1])
    return Moment(
        name, p.weight or "w", p.unit, float(w["t_ms"][k]), np.asarray(w["w"][k]), w["i"], w["j"],
        _span(np.asarray(w["w"])), p.source, p.target,
    )  # fmt: skip


def _span(values: np.ndarray) -> tuple[float, float]:
    known = values[np.isfinite(values)]
    return (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
