"""A sequence of stimuli shown to the spiking ring, and what is measured in each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np

from workbench.measures.variability import fano_factor, isi_cv
from workbench.model.experiment import Option, Stopped

from .measures import BINS, mean_near, near, profile, run_rates_hz
from .network import count
from .operations import Show

# Options that several experiments have.
Seeds = Annotated[
    int, Option("networks, each drawn anew with its own noise; in full 10", "Networks")
]
HoldMs = Annotated[int, Option("how long each stimulus is measured, ms", "Time of a stimulus (ms)")]
Engine = Annotated[
    str,
    Option("auto, numpy, cython or compiled", choices=("auto", "numpy", "cython", "compiled")),
]

SETTLE_MS = 150.0  # after a change of the stimulus, before anything is measured
SAMPLED = 20  # conductances are sampled in one excitatory neuron of so many
FANO_WINDOW_MS = 100.0


@dataclass
class Shown:
    """What one network did while one stimulus was shown, after it had settled.

    e, i         : (bins,) mean rate of the excitatory, inhibitory neurons of like preference, Hz
    g_exc, g_inh : (bins,) conductances of excitatory neurons without the background, nS
    cv, fano     : of excitatory neurons that prefer the stimulus, mean over neurons
    """

    e: np.ndarray
    i: np.ndarray
    g_exc: np.ndarray
    g_inh: np.ndarray
    cv: float
    fano: float

    def at(self, name: str, orientation_deg: float) -> float:
        """Mean of a profile over the neurons that prefer about this orientation."""
        return near(getattr(self, name), orientation_deg)


def play(
    model: Any,
    shows: Sequence[dict[str, float]],
    *,
    seed: int,
    hold_ms: float,
    engine: str = "auto",
    progress: Callable[[float], Any] | None = None,
) -> list[Shown]:
    """Show stimuli one after another, each long enough to settle and then for ``hold_ms``.

    shows    : arguments of `Show`, one for each stimulus
    engine   : as for ``Model.run``
    progress : called with the fraction done; return False to stop
    raises   : Stopped when progress asks for it
    """
    each = SETTLE_MS + hold_ms
    operations = [Show(each * k, **show) for k, show in enumerate(shows)]
    n = count(model)[0]
    step = max(1, min(SAMPLED, n // BINS))
    sampled = tuple(range(step // 2, n, step))
    run = model.run(
        each * len(shows), seed=seed, operations=operations, engine=engine, progress=progress,
        record={"excitatory.g_exc": sampled, "excitatory.g_inh": sampled},
    )  # fmt: skip
    if run.outcome != "finished":
        raise Stopped
    return [
        _shown(run, each * k + SETTLE_MS, each * (k + 1), show.get("orientation", 90.0))
        for k, show in enumerate(shows)
    ]


def _shown(run: Any, start_ms: float, stop_ms: float, orientation: float) -> Shown:
    t_ms, i = run.spikes("excitatory")
    n = run.populations["excitatory"]
    mine = (t_ms >= start_ms) & (t_ms < stop_ms)
    cv = isi_cv(t_ms[mine], i[mine], n, at_least=5)
    fano = fano_factor(t_ms, i, n, start_ms, stop_ms, FANO_WINDOW_MS)
    then = (run.state_t >= start_ms) & (run.state_t < stop_ms)
    return Shown(
        e=profile(run_rates_hz(run, "excitatory", start_ms, stop_ms))[1],
        i=profile(run_rates_hz(run, "inhibitory", start_ms, stop_ms))[1],
        g_exc=profile(1e9 * run.state("excitatory.g_exc")[then].mean(axis=0))[1],
        g_inh=profile(1e9 * run.state("excitatory.g_inh")[then].mean(axis=0))[1],
        cv=mean_near(cv, orientation),
        fano=mean_near(fano, orientation),
    )
