"""What is special to the background gain: f-I curves as they build up, their factors, and CV."""

from __future__ import annotations

from typing import Any

import numpy as np
import panel as pn

from models._shared.fi_curves import FAMILIES, WARM_UP_MS, family_colors, scale_fit
from models.background_gain.facts import CONTROLS
from panels.extension import Added, Extension, ModelPage
from panels.model_plots.gain import classic
from panels.model_plots.v1 import SpikeWindow
from panels.widgets.live_lines import LiveLine, LiveLines
from panels.widgets.pace import Pace
from panels.widgets.presets import Preset, buttons
from workbench.measures.variability import isi_cv

LEAST_MS = 100.0  # of counting, before there is a curve
KEPT_MS = 2000.0  # of spikes whose intervals are looked at
IRREGULAR_EVERY_S = 0.5
SHARE = 0.1  # of the time at most goes into it
IRREGULARITY = "Irregularity"

REFERENCE = {
    "X_low": 1.0, "X_medium": 2.0, "X_high": 3.0, "noise": 1.0, "balance": 1.0, "r_e": 7000 / 6,
    "r_i": 500.0, "u_e": 1.2, "u_i": 3.6, "I_min": 0.0, "I_max": 0.6,
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
    Preset(
        "Recalled sizes", {**REFERENCE, **CONTROLS["recalled"]},
        "Six times as many spikes of a sixth of the size: too little noise, mostly a shift",
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

    def __init__(self, explorer: ModelPage):
        self.explorer = explorer
        self.counter = Counter()
        self._changes = 0
        day, night = (family_colors(dark) for dark in (False, True))
        lines = [LiveLine(f, day[f], night[f], dots=True, line=False) for f in FAMILIES]
        lines += [
            LiveLine(f"fit {f}", day[f], night[f], dash="dashed", listed=False)
            for f in FAMILIES[1:]
        ]
        self.plot = LiveLines(
            lines, x_label="current (nA)", y_label="rate (Hz)", x_range=(0, 1), name="f-i-curves",
            hover="@x{0.000} nA: @y{0.0} Hz", inside=True,
        )  # fmt: skip
        self.irregular = LiveLines(
            [LiveLine(f, day[f], night[f], dots=True) for f in FAMILIES]
            + [LiveLine("Poisson", "#7A7A7A", "#A9B2BC", dash="dotted")],
            x_label="current (nA)", y_label="CV of intervals", x_range=(0, 1),
            name="irregularity", hover="@x{0.000} nA: @y{0.00}",
        )  # fmt: skip
        self.windows = {f: SpikeWindow(KEPT_MS) for f in FAMILIES}
        explorer.on_info(lambda _info: self._clear())
        explorer.on_reset(self._clear)
        explorer.on_frames(self._take)
        explorer.on_dark(self.plot.set_dark)
        explorer.on_dark(self.irregular.set_dark)
        explorer.show_before((self.plot.before, self.irregular.before))
        explorer.draw_with(
            Pace(lambda _t_ms: self._draw_irregular(), IRREGULAR_EVERY_S, SHARE, (IRREGULARITY,))
        )

    def _clear(self) -> None:
        self.counter.start()
        self._changes = 0
        self.plot.clear()
        self.irregular.clear()
        for window in self.windows.values():
            window.clear()
        self._label({})
        model = self.explorer.model_class(**self.explorer.values)
        self._currents = model.currents_nA()
        room = 0.03 * (self._currents[-1] - self._currents[0])
        for plot in (self.plot, self.irregular):
            plot.root.x_range.update(start=self._currents[0] - room, end=self._currents[-1] + room)

    def _take(self, frames: list[Any], t_ms: float) -> None:
        changes = [e for e in self.explorer.interventions if e.is_change]
        if len(changes) != self._changes:
            self._changes = len(changes)
            self.counter.restart(changes[-1].t_ms)
            self.plot.clear()
            self.irregular.clear()
        for frame in frames:
            if frame.missing[1]:  # what was before is not all known
                self.counter.restart(frame.missing[1] * self.explorer.network.dt_ms)
            self.counter.take(frame, self.explorer.network)
            self._keep(frame)
        if self.counter.counted_ms >= LEAST_MS:
            self._draw()

    def _keep(self, frame: Any) -> None:
        for family, window in self.windows.items():
            window.restart(self.counter.since_ms)
            p = self.explorer.network.population(family)
            mine = (frame.units >= p.offset) & (frame.units < p.offset + p.size)
            t_ms = frame.steps[mine] * self.explorer.network.dt_ms
            window.add(t_ms, frame.units[mine] - p.offset, frame.t_ms)

    def _draw_irregular(self) -> None:
        """Mean CV of the neurons under each current that fire often enough to have one."""
        n, data = len(self._currents), {}
        for family, window in self.windows.items():
            t, i, _ = window.spikes(KEPT_MS)
            cv = isi_cv(t, i, self.explorer.network.population(family).size, at_least=5)
            table = np.ma.masked_invalid(cv.reshape(n, -1)).mean(axis=1)
            data[family] = (self._currents, np.ma.filled(table, np.nan))
        if any(np.isfinite(y).any() for _, y in data.values()):
            ends = self._currents[[0, -1]]
            self.irregular.show({**data, "Poisson": (ends, [1.0, 1.0])})

    def _draw(self) -> None:
        n = len(self._currents)
        rates = {f: self.counter.rates_hz(f, n) for f in FAMILIES}
        reference = rates[FAMILIES[0]]
        fits = {f: scale_fit(reference, rates[f]) for f in FAMILIES[1:]}
        data = {f: (self._currents, r) for f, r in rates.items()}
        data |= {f"fit {f}": (self._currents, fits[f][0] * reference) for f in FAMILIES[1:]}
        self.plot.show(data)
        self._label(fits)

    def _label(self, fits: dict[str, tuple[float, float]]) -> None:
        for family in FAMILIES:
            message = f"{family}, X = {self.explorer.values[f'X_{family}']:g}"
            factor, explained = fits.get(family, (float("nan"),) * 2)
            if np.isfinite(factor):
                message += f": low × {factor:.2f} (dashed), R² {explained:.3f}"
            self.plot.label(family, message)


def controls(explorer: ModelPage) -> Any:
    """The published condition and its controls, one click each; the classic figure."""
    shown = buttons(explorer, PRESETS, "Set the background")
    return pn.Column(shown, classic(explorer), sizing_mode="stretch_width", margin=0)


def extend(explorer: ModelPage) -> Extension:
    """The f-I curves, building up, and how irregular the spikes are."""
    curves = Curves(explorer)
    shown = {"Rate against current": curves.plot, IRREGULARITY: curves.irregular}
    return Added(
        cards={
            title: pn.pane.Bokeh(plot.root, sizing_mode="stretch_both", margin=0)
            for title, plot in shown.items()
        },
        controls=controls(explorer),
        leading=("own", "circuit", "raster"),
    )


if pn.state.served or __name__ == "__main__":
    from panels.alone import show

    show(__file__)
