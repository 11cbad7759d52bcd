"""What is special to the supralinear line: the profile across space, and size tuning."""

from __future__ import annotations

from typing import Any

import numpy as np
import panel as pn

from panels.model_plots.gain import EXC, INH, Curve, Lines, Watcher, controls_of

LEADING = ("own", "circuit", "map")


class Space(Watcher):
    """Watches the rates; collects the centre's response to every size that was held."""

    def __init__(self, explorer: Any):
        self.plots = {
            "Response profile": Lines(
                "profile", "position (deg)", "rate (Hz)",
                [Curve("e", "excitatory", EXC), Curve("i", "inhibitory", INH),
                 Curve("s", "stimulus", 2, dashed=True)],
                empty="Rates of all units along the line.",
            ),
            "Size tuning": Lines(
                "size", "diameter of the centre (deg)", "centre's rate (Hz)",
                [Curve("e", "excitatory", EXC, points=True),
                 Curve("i", "inhibitory", INH, points=True)],
                empty="Steady responses at each size; drag the size.",
            ),
            "Input to the excitatory units": Lines(
                "balance", "position (deg)", "input",
                [Curve("stimulus", "stimulus", 2), Curve("e", "recurrent E", EXC),
                 Curve("i", "recurrent I", INH)],
                empty="Stimulus, recurrent excitation and inhibition.", level=0.0,
            ),
        }  # fmt: skip
        self.clear()
        super().__init__(explorer)

    def clear(self) -> None:
        self._now: dict[str, np.ndarray] = {}
        self._seen: dict[float, tuple[float, float]] = {}
        self._others: tuple = ()

    def take(self, states: dict[str, np.ndarray], t_ms: np.ndarray) -> None:
        self._now = {k: v[-1] for k, v in states.items()}
        values = self.explorer.values
        others = tuple(v for k, v in values.items() if k != "size")
        if others != self._others:  # another contrast is another curve
            self._seen, self._others = {}, others
        r, middle = states["excitatory.r"], states["excitatory.r"].shape[1] // 2
        still = len(r) > 1 and np.abs(r[-1] - r[-2]).max() < 0.002 * max(r[-1].max(), 1e-6)
        if still and r[-1, middle] > 0:
            both = (float(r[-1, middle]), float(states["inhibitory.r"][-1, middle]))
            self._seen[round(values["size"], 3)] = both

    def draw(self) -> None:
        if not self._now:
            return
        values, now = self.explorer.values, self._now
        n = len(now["excitatory.r"])
        x = (np.arange(n) - n // 2) * values["spacing"]
        self.plots["Response profile"].show(
            e=(x, now["excitatory.r"]), i=(x, now["inhibitory.r"]),
            s=(x, now["excitatory.stimulus"]),
        )  # fmt: skip
        self.plots["Input to the excitatory units"].show(
            stimulus=(x, now["excitatory.stimulus"]),
            e=(x, values["J_EE"] * now["excitatory.rec_e"]),
            i=(x, -values["J_EI"] * now["excitatory.rec_i"]),
        )
        if self._seen:
            size = np.array(sorted(self._seen))
            e, i = np.array([self._seen[s] for s in size]).T
            self.plots["Size tuning"].show(e=(size, e), i=(size, i))


def extra(explorer: Any) -> dict[str, Any]:
    """Profile, size tuning, balance of inputs."""
    return Space(explorer).cards


def controls(explorer: Any) -> Any:
    """The classic figure."""
    return controls_of(explorer)


if pn.state.served or __name__ == "__main__":
    from panels.alone import show

    show(__file__)
