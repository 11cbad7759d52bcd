"""What is special to the background gain: the f-I curves as they build up, and their factors."""

from __future__ import annotations

from typing import Any

import numpy as np
import panel as pn

from models._gain_facts import CONTROLS
from models._gain_fi import FAMILIES, WARM_UP_MS, scale_fit
from panels.live_lines import Line, LiveLines
from panels.presets import Preset, buttons
from workbench.palette import population_colors

LEADING = ("own", "circuit", "raster")
LEAST_MS = 100.0  # of counting, before there is a curve

REFERENCE = {
    "X_low": 1.0, "X_medium": 2.0, "X_high": 3.0, "noise": 1.0, "balance": 1.0, "r_e": 7000 / 6,
    "r_i": 500.0, "I_min": 0.0, "I_max": 0.6,
}  # fmt: skip
PRESETS = (
    Preset("Balanced background", REFERENCE, "Levels 1, 2 and 3: the curve is divided"),
    Preset(
        "Conductance without noise", {**REFERENCE, **CONTROLS["noise-free"]},
        "Mean conductances alone: the curve is shifted, not divided",
    ),
    Preset(
        "Unbalanced background", {**REFERENCE, **CONTROLS["unbalanced"]},
        "Relatively more excitation: the background drives the neuron, and the factor is lost",
    ),
)  # fmt: skip


class Counter:
    """Counts spikes of each neuron since the last change, so that a curve is of one setting."""

    def __init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Begin at t = 0."""
        self.since_ms = WARM_UP_MS
        self.counts: dict[str, np.ndarray] = {}
        self.until_ms = 0.0

    def restart(self, t_ms: float) -> None:
        """Something has changed at ``t_ms``: begin anew when it has settled."""
        self.start()
        self.since_ms = t_ms + WARM_UP_MS

    def take(self, frame: Any, info: Any) -> None:
        """Count the spikes of a frame that came late enough."""
        late = frame.steps * info.dt_ms >= self.since_ms
        for family in FAMILIES:
            p = info.population(family)
            counts = self.counts.setdefault(family, np.zeros(p.size))
            mine = frame.units[late] - p.offset
            np.add.at(counts, mine[(mine >= 0) & (mine < p.size)], 1)
        self.until_ms = frame.t_ms

    @property
    def counted_ms(self) -> float:
        return max(0.0, self.until_ms - self.since_ms)

    def rates_hz(self, family: str, n_currents: int) -> np.ndarray:
        """(n_currents,) mean rate under each current so far."""
        counts = self.counts[family].reshape(n_currents, -1)
        return counts.mean(axis=1) / (self.counted_ms / 1e3)


class Curves:
    """Rate against current of the three families, and the lowest one scaled to the others."""

    def __init__(self, explorer: Any):
        self.explorer = explorer
        self.counter = Counter()
        self._changes = 0
        day, night = (population_colors(FAMILIES, dark=dark) for dark in (False, True))
        lines = [Line(f, day[f], night[f], dots=True, line=False) for f in FAMILIES]
        lines += [
            Line(f"fit {f}", day[f], night[f], dash="dashed", listed=False) for f in FAMILIES[1:]
        ]
        self.picture = LiveLines(
            lines, x_label="current (nA)", y_label="rate (Hz)", x_range=(0, 1), name="f-i-curves",
            hover="@x{0.000} nA: @y{0.0} Hz", inside=True,
        )  # fmt: skip
        explorer.on_info(lambda _info: self._clear())
        explorer.on_reset(self._clear)
        explorer.on_frames(self._take)
        explorer.on_dark(self.picture.set_dark)

    def _clear(self) -> None:
        self.counter.start()
        self._changes = 0
        self.picture.clear()
        self._label({})
        model = self.explorer.model_class(**self.explorer.values)
        self._currents = model.currents_nA()
        room = 0.03 * (self._currents[-1] - self._currents[0])
        self.picture.root.x_range.update(
            start=self._currents[0] - room, end=self._currents[-1] + room
        )

    def _take(self, frames: list[Any], t_ms: float) -> None:
        changes = [e for e in self.explorer.session.interventions if e["kind"] == "set"]
        if len(changes) != self._changes:
            self._changes = len(changes)
            self.counter.restart(changes[-1]["t_ms"])
            self.picture.clear()
        for frame in frames:
            self.counter.take(frame, self.explorer.info)
        if self.counter.counted_ms >= LEAST_MS:
            self._draw()

    def _draw(self) -> None:
        n = len(self._currents)
        rates = {f: self.counter.rates_hz(f, n) for f in FAMILIES}
        reference = rates[FAMILIES[0]]
        fits = {f: scale_fit(reference, rates[f]) for f in FAMILIES[1:]}
        data = {f: (self._currents, r) for f, r in rates.items()}
        data |= {f"fit {f}": (self._currents, fits[f][0] * reference) for f in FAMILIES[1:]}
        self.picture.show(data)
        self._label(fits)

    def _label(self, fits: dict[str, tuple[float, float]]) -> None:
        for family in FAMILIES:
            said = f"{family}, X = {self.explorer.values[f'X_{family}']:g}"
            factor, explained = fits.get(family, (float("nan"),) * 2)
            if np.isfinite(factor):
                said += f": low × {factor:.2f} (dashed), R² {explained:.3f}"
            self.picture.label(family, said)


def controls(explorer: Any) -> Any:
    """The published condition and its two controls, one click each."""
    return buttons(explorer, PRESETS, "Set the background")


def extra(explorer: Any) -> dict[str, Any]:
    """The f-I curves, building up."""
    curves = Curves(explorer)
    return {
        "Rate against current": pn.pane.Bokeh(
            curves.picture.root, sizing_mode="stretch_both", margin=0
        )
    }


if pn.state.served:
    from panels.explorer import app

    app("background-gain").servable()
