"""What is special to the supralinear line: the profile across space, and size tuning."""

from __future__ import annotations

from typing import Any

import numpy as np
import panel as pn

from models.ssn_line.operations import SizeSweep
from panels.extension import Added, Extension, ModelPage
from panels.model_plots.gain import EXC, INH, Curve, Lines, Watcher, controls_of
from panels.theme import css

POSITION = "position in the visual field (deg)"
TUNING = "Size tuning"
SETTLED_MS = 50.0  # after a step of a sweep: before, a response may not have begun to change


class Space(Watcher):
    """Watches the rates; collects the centre's response to every size that was held."""

    def __init__(self, explorer: ModelPage):
        self.plots = {
            "Response profile": Lines(
                "profile", POSITION, "rate (Hz)",
                [Curve("e", "excitatory", EXC), Curve("i", "inhibitory", INH),
                 Curve("s", "stimulus c h (units of c)", 2, dashed=True)],
                empty="Rates of all units along the line.",
            ),
            TUNING: Lines(
                "size", "diameter of the centre (deg)", "rate at the centre (Hz)",
                [Curve("e", "excitatory", EXC, points=True),
                 Curve("i", "inhibitory", INH, points=True)],
                empty="Steady responses at each size;\npress Sweep the size, or drag it.", few=2,
            ),
            "Input to the excitatory units": Lines(
                "balance", POSITION, "input (units of c)",
                [Curve("stimulus", "stimulus", 2), Curve("e", "recurrent E", EXC),
                 Curve("i", "recurrent I", INH)],
                empty="Stimulus, recurrent excitation and inhibition.", level=0.0,
            ),
        }  # fmt: skip
        self.said = pn.pane.HTML("", stylesheets=[css("text")], margin=(2, 12, 0, 12))
        self.clear()
        super().__init__(explorer)

    def clear(self) -> None:
        self._now: dict[str, np.ndarray] = {}
        self._seen: dict[float, tuple[float, float]] = {}
        self._others: tuple = ()
        self.said.object = ""

    def take(self, states: dict[str, np.ndarray], t_ms: np.ndarray) -> None:
        self._now = {k: v[-1] for k, v in states.items()}
        values = self.explorer.values
        others = tuple(v for k, v in values.items() if k != "size")
        if others != self._others:  # another contrast is another curve
            self._seen, self._others = {}, others
        r, middle = states["excitatory.r"], states["excitatory.r"].shape[1] // 2
        # Of two samples a tick apart, which hardly differ where the response is steady.
        for k in range(1, len(r)):
            size, since_ms = self.held(SizeSweep, float(t_ms[k]))
            still = np.abs(r[k] - r[k - 1]).max() < 0.002 * max(r[k].max(), 1e-6)
            if since_ms > SETTLED_MS and still and r[k, middle] > 0:
                both = (float(r[k, middle]), float(states["inhibitory.r"][k, middle]))
                self._seen[round(size, 3)] = both

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
            self.plots[TUNING].show(e=(size, e), i=(size, i))
            if len(size) > 2:
                said = (
                    f"Excitatory unit: largest response at {size[e.argmax()]:.2g} deg; "
                    f"suppression index {1 - e[-1] / e.max():.2f} at {size[-1]:.2g} deg."
                )
                if self.said.object != said:
                    self.said.object = said

    @property
    def cards(self) -> dict[str, Any]:
        """As for every page, with what the tuning curve says above it."""
        found = super().cards
        found[TUNING] = pn.Column(self.said, found[TUNING], sizing_mode="stretch_both", margin=0)
        return found


def extend(explorer: ModelPage) -> Extension:
    """Profile, size tuning, balance of inputs."""
    return Added(
        cards=Space(explorer).cards,
        controls=controls_of(explorer),
        leading=("own", "circuit", "map"),
    )


if pn.state.served or __name__ == "__main__":
    from panels.alone import show

    show(__file__)
