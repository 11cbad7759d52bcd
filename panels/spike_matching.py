"""What is special to spike matching: two rasters in one, distances pass by pass, and weights."""

from __future__ import annotations

from typing import Any

import numpy as np
import panel as pn

from models.spike_matching.measures import alike, distance
from models.spike_matching.pairing import unpaired
from models.spike_matching.wiring import weights_of
from panels.extension import Added, Extension, ModelPage
from panels.model_plots.gain import EXC, Curve, Lines, Shown, controls_of
from panels.model_plots.two_rasters import TwoRasters
from panels.widgets.course import Course
from panels.widgets.pace import Pace
from workbench.palette import colors_on_pages

WEIGHTS = ("learner_recurrent",)
NETWORKS = ("reference", "learner", "control")
POINTS = 3000  # weights that are drawn
DRAW_EVERY_S, SHARE = 0.2, 0.2  # of the time at most goes into it
MOST = 200  # passes that wait to be compared
AT_ONCE = 40  # passes that are compared in one drawing; of more, as many, evenly
GAP = 4  # passes that lines reach over


class Matching(Shown):
    """Collects the spikes of all passes, and compares the networks in those that are over."""

    def __init__(self, explorer: ModelPage):
        self.explorer = explorer
        self.rasters = TwoRasters()
        self.plots: dict[str, Any] = {
            "Two rasters in one": self.rasters,
            "Distance to the reference": Lines(
                "distance", "pass", "distance of spike trains Dₚ",
                [Curve("learner", "learner", 0), Curve("control", "control", 1),
                 Curve("naive", "before learning", 4, dashed=True)],
                empty="How far learner and control fire from the reference,\nsummed over neurons; "
                "0 is spike for spike.", level=0.0, whole=True,
            ),
            "Spikes with a pair": Lines(
                "paired", "pass", "reference's spikes (%)",
                [Curve("paired", "matched by the learner, at most D steps apart", 0)],
                empty="The share of the reference's spikes\nthat the learner has, too.",
                level=100.0, whole=True,
            ),
            "Learnt weights": Lines(
                "weights", "weight in the reference (mV)", "learner's weight (mV)",
                [Curve("w", "excitatory synapses", EXC, points=True)],
                empty="Each synapse of the learner against\nthe same one of the reference.",
            ),
        }  # fmt: skip
        self._clear()
        explorer.on_info(self._begin)
        explorer.on_reset(self._clear)
        explorer.on_frames(self._take)
        explorer.on_dark(self._dark)
        explorer.draw_with(Pace(self._draw, DRAW_EVERY_S, SHARE))

    def _begin(self, info: Any) -> None:
        """A network has one colour in all cards: that of its population."""
        colors = colors_on_pages(info.populations)
        learner, control = (colors[name] for name in NETWORKS[1:])
        self.plots["Distance to the reference"].color(learner=learner, control=control)
        self.plots["Spikes with a pair"].color(paired=learner)
        self._clear()

    def _clear(self) -> None:
        self._known: Any = None
        self._w: np.ndarray | None = None
        self._fired: dict[int, dict[str, np.ndarray]] = {}
        self._next, self._dropped = 0, 0.0
        self._course = Course(GAP)
        for plot in self.plots.values():
            plot.clear()

    def _take(self, frames: list[Any], t_ms: float) -> None:
        info, values = self.explorer.network, self.explorer.values
        steps, n = int(values["pass_steps"]), int(values["n_neurons"])
        for frame in frames:
            if "learner_recurrent" in frame.weights:
                self._w = frame.weights["learner_recurrent"]
            number = frame.steps // steps
            for k in np.unique(number):
                if k < self._next:
                    continue
                into = self._fired.setdefault(
                    int(k), {name: np.zeros((steps, n), bool) for name in NETWORKS}
                )
                of_pass = number == k
                step, unit = frame.steps[of_pass] - k * steps, frame.units[of_pass]
                for name in NETWORKS:
                    p = info.population(name)
                    mine = (unit >= p.offset) & (unit < p.offset + p.size)
                    into[name][step[mine], unit[mine] - p.offset] = True
            dropped = frame.counters.get("dropped_spikes", 0.0)
            if dropped > self._dropped:  # a pass of which spikes are not known is not compared
                self._dropped = dropped
                self._fired.clear()
                self._next = int(frame.t_ms // (steps * info.dt_ms)) + 1
        ready = self._ready(t_ms)
        if len(ready) > MOST:  # that nobody sees: the rest of them come evenly, too
            for k in ready[1::2]:
                del self._fired[k]

    def _ready(self, t_ms: float) -> list[int]:
        """The passes that are over and not yet compared."""
        over = t_ms // (self.explorer.values["pass_steps"] * self.explorer.network.dt_ms)
        return [k for k in sorted(self._fired) if k < over]

    def _draw(self, t_ms: float) -> None:
        """Compare the networks in the passes that are over, and draw the last of these."""
        ready = self._ready(t_ms)
        if not ready:
            return
        chosen = np.linspace(0, len(ready) - 1, min(len(ready), AT_ONCE)).round().astype(int)
        for k in np.unique(chosen):
            self._compare(ready[k], last=ready[k] == ready[-1])
        for number in ready:
            del self._fired[number]
        self._next = ready[-1] + 1
        shown, (learner, control, share) = (part.T for part in self._course.line())
        self.plots["Distance to the reference"].show(
            learner=(shown, learner), control=(shown, control),
            naive=(shown[[0, -1]], learner[[0, 0]]),
        )  # fmt: skip
        self.plots["Spikes with a pair"].show(paired=(shown, share))
        self._draw_weights()

    def _compare(self, number: int, last: bool) -> None:
        """Compare the networks in a pass, of which the ``last`` one is drawn."""
        values, fired = self.explorer.values, self._fired[number]
        D = max(values["d_first"] - number // values["d_every"], values["d_last"])
        extra, missed = unpaired(fired["learner"], fired["reference"], D)
        self.rasters.take(missed)
        if last:
            dt_s = self.explorer.network.dt_ms / 1000
            self.rasters.draw(fired["learner"], extra, missed, dt_s)
        paired = 100 * (1 - missed.sum() / max(1, fired["reference"].sum()))
        far = [distance(fired[name], fired["reference"]) for name in NETWORKS[1:]]
        self._course.add(number + 1.0, np.array([*far, paired]))

    def _draw_weights(self) -> None:
        if self._known is None:
            self._known = weights_of(self.explorer.model)
        known = self._known
        if self._w is None or self._w.shape != known.reference.shape:
            return  # so large that the page is sent means of several synapses
        chosen = known.sign > 0
        ours, theirs = np.asarray(self._w.T, float), known.reference
        found = alike(ours, theirs, known.sign)
        x, y = theirs[chosen].ravel(), ours[chosen].ravel()
        every = max(1, len(x) // POINTS)
        plot = self.plots["Learnt weights"]
        plot.show(w=(x[::every], y[::every]))
        plot.label("w", f"excitatory synapses: correlation {found:.2f}")


def extend(explorer: ModelPage) -> Extension:
    """Both rasters first, then distances and weights."""
    return Added(
        cards=Matching(explorer).cards,
        controls=controls_of(explorer),
        leading=("own", "circuit", "raster", "weights"),
        weights=WEIGHTS,
    )


if pn.state.served or __name__ == "__main__":
    from panels.alone import show

    show(__file__)
