"""What is special to spike matching: two rasters in one, distances pass by pass, and weights."""

from __future__ import annotations

import time
from collections import deque
from typing import Any

import numpy as np
import panel as pn

from models.spike_matching.measures import alike, distances
from models.spike_matching.pairing import unpaired
from models.spike_matching.wiring import weights_of
from panels.extension import Added, Extension, ModelPage
from panels.model_plots.gain import EXC, Curve, Lines, Shown, controls_of
from panels.model_plots.two_rasters import TwoRasters
from workbench.palette import colors_on_pages

WEIGHTS = ("learner_recurrent",)
NETWORKS = ("reference", "learner", "control")
KEPT = 2000  # passes that the curves look back at
POINTS = 3000  # weights that are drawn
SHARE = 4  # times as long as a pass took to compare, the next ones are not


class Matching(Shown):
    """Collects the spikes of each pass, and compares networks when it is over."""

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
        self._next, self._rest_until, self._dropped = 0, 0.0, 0.0
        self._curves: deque[tuple[float, ...]] = deque(maxlen=KEPT)
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
                for name in NETWORKS:
                    p = info.population(name)
                    mine = (number == k) & (frame.units >= p.offset)
                    mine &= frame.units < p.offset + p.size
                    into[name][frame.steps[mine] - k * steps, frame.units[mine] - p.offset] = True
            dropped = frame.counters.get("dropped_spikes", 0.0)
            if dropped > self._dropped:  # a pass of which spikes are not known is not compared
                self._dropped = dropped
                self._fired.clear()
                self._next = int(frame.t_ms // (steps * info.dt_ms)) + 1
        over = int(t_ms // (steps * info.dt_ms))  # passes before this one are whole
        ready = [k for k in sorted(self._fired) if k < over]
        if not ready or (time.monotonic() < self._rest_until and over - self._next < 50):
            return
        began = time.monotonic()
        self._compare(ready[-1], info.dt_ms)
        for k in ready:
            del self._fired[k]
        self._next = over
        self._rest_until = time.monotonic() + SHARE * (time.monotonic() - began)

    def _compare(self, number: int, dt_ms: float) -> None:
        """Compare the networks in a pass, and draw it."""
        values = self.explorer.values
        fired = self._fired[number]
        D = max(values["d_first"] - number // values["d_every"], values["d_last"])
        extra, missed = unpaired(fired["learner"], fired["reference"], D)
        self.rasters.take(missed)
        self.rasters.draw(fired["learner"], extra, missed, dt_ms / 1000)
        paired = 100 * (1 - missed.sum() / max(1, fired["reference"].sum()))
        far = [distances(fired[name], fired["reference"])[0] for name in NETWORKS[1:]]
        self._curves.append((number + 1.0, *far, paired))
        shown, learner, control, share = np.array(self._curves).T
        self.plots["Distance to the reference"].show(
            learner=(shown, learner), control=(shown, control),
            naive=(shown[[0, -1]], learner[[0, 0]]),
        )  # fmt: skip
        self.plots["Spikes with a pair"].show(paired=(shown, share))
        self._draw_weights()

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
