"""What is special to the delay line: the past as it is remembered, beside the past as it was."""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np
import panel as pn

from models.lmu_delay.network import WINDOW
from panels.extension import Added, Extension, ModelPage
from panels.model_plots.gain import Curve, Lines, Watcher, controls_of

Y, TRUE, X = "window.y", "window.past", "memory.x"
KEPT = 1000  # samples that the error is taken of
_SHOWN = 400  # points of the error's history


class Past(Watcher):
    """Watches the whole window: what the memory says of the past, and what the past was."""

    def __init__(self, explorer: ModelPage):
        self.plots = {
            "The past, remembered": Lines(
                "past", "time ago (ms)", "input",
                [Curve("was", "as it was", 4, dashed=True), Curve("said", "as remembered", 0)],
                empty="The last second as six numbers hold it.", level=0.0,
            ),
            "A time θ ago": Lines(
                "delayed", "time (ms)", "input",
                [Curve("was", "as it was", 4, dashed=True), Curve("said", "as remembered", 0)],
                empty="The oldest moment that is remembered.", level=0.0,
            ),
            "Coefficients": Lines(
                "coefficients", "order of the polynomial", "memory m",
                [Curve("m", "", 1, points=True)], empty="What the ensembles represent.", level=0.0,
                whole=True,
            ),
            "Error by delay": Lines(
                "error", "time ago (ms)", "rms error / rms input",
                [Curve("error", "last 2 s", 1)], empty="The older, the less exact.",
            ),
        }  # fmt: skip
        self.clear()
        super().__init__(explorer)
        explorer.on_info(lambda _info: self._watch())

    def _watch(self) -> None:
        self.explorer.watch({Y: tuple(range(WINDOW)), TRUE: tuple(range(WINDOW))})

    def clear(self) -> None:
        self._t: deque[float] = deque(maxlen=KEPT)
        self._y: deque[np.ndarray] = deque(maxlen=KEPT)
        self._true: deque[np.ndarray] = deque(maxlen=KEPT)
        self._x = np.empty(0)

    def take(self, states: dict[str, np.ndarray], t_ms: np.ndarray) -> None:
        if Y not in states or TRUE not in states:
            return
        if states[Y].shape[1] != WINDOW:  # somebody else chose what is sampled
            self._watch()
            return
        self._t.extend(t_ms)
        self._y.extend(states[Y])
        self._true.extend(states[TRUE])
        if X in states:
            self._x = states[X][-1]

    def draw(self) -> None:
        if not self._y:
            return
        ago = np.linspace(0, self.explorer.values["theta"], WINDOW)
        t, y, true = np.array(self._t), np.array(self._y), np.array(self._true)
        self.plots["The past, remembered"].show(was=(ago, true[-1]), said=(ago, y[-1]))
        every = max(1, len(t) // _SHOWN)
        self.plots["A time θ ago"].show(
            was=(t[::every], true[::every, -1]), said=(t[::every], y[::every, -1])
        )
        if len(self._x):
            self.plots["Coefficients"].show(m=(np.arange(len(self._x)), self._x))
        rms = np.sqrt(np.mean(true**2))
        if rms > 0:
            self.plots["Error by delay"].show(
                error=(ago, np.sqrt(np.mean((y - true) ** 2, axis=0)) / rms)
            )


def extend(explorer: ModelPage) -> Extension:
    """The past first; the oldest moment, the coefficients, and how exact all is."""
    past: Any = Past(explorer)
    return Added(
        cards=past.cards,
        controls=controls_of(explorer),
        leading=("own", "raster", "circuit"),
    )


if pn.state.served or __name__ == "__main__":
    from panels.alone import show

    show(__file__)
