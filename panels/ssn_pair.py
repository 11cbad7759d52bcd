"""What is special to the two-population circuit: potentials, and how large noise is."""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np
import panel as pn

from panels.gain_pictures import Line, Lines, Watcher, controls_of

LEADING = ("own", "traces", "circuit")
TRAIL = 400  # samples of the trajectory
NOISE = 2000  # samples of which the standard deviation is taken


class Pair(Watcher):
    """Watches both potentials; collects the size of their fluctuations at each input."""

    def __init__(self, explorer: Any):
        self.pictures = {
            "Potentials": Lines(
                "plane", "V of the excitatory unit (mV)", "V of the inhibitory unit (mV)",
                [Line("trail", "", 0), Line("now", "", 1, points=True)],
                empty="The two potentials against each other.",
            ),
            "Fluctuations": Lines(
                "noise", "input h (mV)", "SD of V, excitatory (mV)",
                [Line("sd", "last 2 s", 0, points=True)],
                empty="Standard deviation of the potential at each input; drag h.",
            ),
        }  # fmt: skip
        self.clear()
        super().__init__(explorer)

    def clear(self) -> None:
        self._e: deque[float] = deque(maxlen=NOISE)
        self._i: deque[float] = deque(maxlen=NOISE)
        self._h: float | None = None
        self._sd: dict[float, float] = {}

    def take(self, states: dict[str, np.ndarray], t_ms: np.ndarray) -> None:
        if "excitatory.V" not in states:
            return
        h = self.explorer.values["h"]
        if h != self._h:
            self._h = h
            self._e.clear()
            self._i.clear()
        self._e.extend(states["excitatory.V"][:, 0])
        self._i.extend(states["inhibitory.V"][:, 0])
        if len(self._e) == NOISE:
            self._sd[round(h, 3)] = float(np.std(self._e))

    def draw(self) -> None:
        if not self._e:
            return
        e, i = np.array(self._e)[-TRAIL:], np.array(self._i)[-TRAIL:]
        self.pictures["Potentials"].show(trail=(e, i), now=(e[-1:], i[-1:]))
        if self._sd:
            h = np.array(sorted(self._sd))
            self.pictures["Fluctuations"].show(sd=(h, [self._sd[x] for x in h]))


def extra(explorer: Any) -> dict[str, Any]:
    """The plane of potentials, and the fluctuations at each input."""
    return Pair(explorer).cards


def controls(explorer: Any) -> Any:
    """The classic figure."""
    return controls_of(explorer)


if pn.state.served:
    from panels.explorer import app

    app("ssn-pair").servable()
