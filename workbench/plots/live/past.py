"""A stretch of a stored run as a frame, so that live views can show what was long ago."""

from __future__ import annotations

import numpy as np

from ...engine.frames import Frame
from ...recordings import Block, thinned
from ...run import Run
from .buffers import decimate

MOST_SAMPLES = 4_000_000  # numbers of one recording that are read for a stretch
MOST_ROWS = 20_000  # of a state or a recording that are left, with the extremes between them


def frame_of(run: Run, low_ms: float, high_ms: float) -> Frame:
    """What a session would have sent from ``low_ms`` to ``high_ms``: spikes, states, recordings.

    Of a large run only this stretch is read; recordings that are too large for it are left out.
    Of a long stretch, states and recordings are thinned: their extremes remain.
    """
    steps, units = run.between(low_ms, high_ms)
    t, keep = run.state_t, (run.state_t >= low_ms) & (run.state_t <= high_ms)
    recorded: dict[str, Block] = {}
    for name, samples in run.recordings.items():
        if samples.of in ("events", "synapses"):
            continue
        share = (high_ms - low_ms) / max(samples.every_ms, run.info.dt_ms)
        if share * len(samples.index) <= MOST_SAMPLES:
            inside = (samples.t_ms >= low_ms) & (samples.t_ms <= high_ms)
            if inside.any():
                recorded[name] = thinned(samples.block().part(inside), MOST_ROWS)
    states, state_t = {}, t[keep]
    for name, values in run.states.items():
        state_t, states[name] = decimate(t[keep], values[keep], 0, MOST_ROWS)
    return Frame(
        tick=round(high_ms / run.info.tick_ms), t_ms=high_ms, steps=np.asarray(steps),
        units=np.asarray(units), state_t=state_t, states=states, weights={}, counters={},
        recorded=recorded,
    )  # fmt: skip
