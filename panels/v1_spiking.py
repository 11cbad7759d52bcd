"""What is special to the spiking V1 ring: its profiles, its irregularity, and stimuli to try."""

from __future__ import annotations

from typing import Any

import numpy as np
import panel as pn

from models.v1_spiking.network import count
from panels.extension import Added, Extension, ModelPage
from panels.model_plots import v1 as plots
from panels.model_plots.gain import classic
from panels.model_plots.v1 import AVERAGED_MS, SAMPLED, VARIED_MS, WATCHED, SpikeWindow
from panels.widgets.pace import Pace
from panels.widgets.presets import Preset, buttons

SETTLE_MS = 100.0  # after a change, before anything is averaged
KEPT_POINTS = 400
SHARE = 0.1  # of the time at most goes into these plots

_PLAIN = {"mask": 0.0, "surround": 0.0, "g_extra": 0.0, "frame": 0.0, "adapt": 0}
PRESETS = (
    Preset("One grating", {**_PLAIN, "contrast": 50.0}, "A steady grating at half contrast"),
    Preset(
        "Two gratings", {**_PLAIN, "contrast": 50.0, "mask": 50.0},
        "An orthogonal mask: each response is less than it was alone",
    ),
    Preset(
        "In a surround", {**_PLAIN, "contrast": 50.0, "surround": 50.0},
        "The surround lowers excitation and inhibition together",
    ),
    Preset(
        "Push inhibition", {**_PLAIN, "contrast": 50.0, "g_extra": 0.5},
        "More drive of the inhibitory neurons; stabilised by them, the network lets them fire less",
    ),
    Preset(
        "Biased sequence", {**_PLAIN, "contrast": 50.0, "frame": 100.0, "bias": 0.4, "adapt": 1},
        "Random gratings, four in ten of them the adapter; slow gains follow (a reconstruction)",
    ),
)  # fmt: skip


class Observer:
    """Takes in the frames and keeps the model's own plots up to date."""

    def __init__(self, explorer: ModelPage):
        self.explorer = explorer
        self.tuning, self.conductances = plots.tuning(), plots.conductances()
        self.gains, self.irregularity = plots.gains(), plots.irregularity()
        self.windows = {p: SpikeWindow(VARIED_MS) for p in ("excitatory", "inhibitory")}
        self._clear()
        explorer.on_info(lambda _info: self._built())
        explorer.on_reset(self._clear)
        explorer.on_frames(self._take)
        explorer.on_dark(self._dark)
        explorer.show_before(plot.before for plot in self._all)
        explorer.draw_with(Pace(self._draw, plots.EVERY_S, SHARE))

    def _clear(self) -> None:
        for window in self.windows.values():
            window.clear()
        for plot in self._all:
            plot.clear()
        self._sampled: list[tuple[np.ndarray, dict[str, np.ndarray]]] = []
        self._history: list[tuple[float, float, float]] = []
        self._changes = 0
        self._since_ms = 0.0

    @property
    def _all(self) -> tuple[Any, ...]:
        return (self.tuning, self.conductances, self.gains, self.irregularity)

    def _dark(self, dark: bool) -> None:
        for plot in self._all:
            plot.set_dark(dark)

    def _built(self) -> None:
        self._clear()
        self._watch()

    def _watch(self) -> None:
        """Sample states around the whole ring, besides what the traces show."""
        n = count(self.explorer.model)[0]
        step = max(1, min(SAMPLED, n // 12))
        ring = tuple(range(step // 2, n, step))
        self._ring = len(ring)
        self.explorer.watch(dict.fromkeys(WATCHED, ring))

    def _take(self, frames: list[Any], t_ms: float) -> None:
        log = self.explorer.interventions
        if len(log) != self._changes:
            self._changes = len(log)
            self._since_ms = max(e.t_ms for e in log) + SETTLE_MS
        info = self.explorer.network
        for name, window in self.windows.items():
            p = info.population(name)
            window.restart(self._since_ms)
            for frame in frames:
                window.restart(frame.missing[1] * info.dt_ms)  # what was before is not all known
                mine = (frame.units >= p.offset) & (frame.units < p.offset + p.size)
                t = frame.steps[mine] * info.dt_ms
                window.add(t, frame.units[mine] - p.offset, frame.t_ms)
        self._sample(frames, t_ms)

    def _sample(self, frames: list[Any], t_ms: float) -> None:
        """Keep the states around the ring; ask again if somebody else chose what is sampled."""
        for frame in frames:
            if len(frame.state_t) and all(n in frame.states for n in WATCHED):
                self._sampled.append((frame.state_t, {n: frame.states[n] for n in WATCHED}))
        if frames and len(frames[-1].state_t) and WATCHED[0] not in frames[-1].states:
            self._watch()
        first = max(t_ms - AVERAGED_MS, self._since_ms)
        while len(self._sampled) > 1 and self._sampled[0][0][-1] < first:
            self._sampled.pop(0)

    def _draw(self, t_ms: float) -> None:
        sizes = {name: self.explorer.network.population(name).size for name in self.windows}
        plots.show_tuning(self.tuning, self.windows, sizes)
        plots.show_conductances(self.conductances, self._sampled)
        plots.show_gains(self.gains, self._sampled, self.windows["excitatory"],
                            sizes["excitatory"])  # fmt: skip
        steady = self.explorer.values["frame"] == 0
        orientation = self.explorer.values["orientation"] if steady else None
        found = plots.variability(self.windows["excitatory"], sizes["excitatory"], orientation)
        before = [row for row in self._history[-KEPT_POINTS:] if row[0] < t_ms / 1e3]
        self._history = [*before, (t_ms / 1e3, *found)]
        plots.show_irregularity(self.irregularity, self._history)


def controls(explorer: ModelPage) -> Any:
    """Stimuli worth a look, one click each; the sliders do the rest. The classic figure."""
    shown = buttons(explorer, PRESETS, "Show")
    return pn.Column(shown, classic(explorer), sizing_mode="stretch_width", margin=0)


def extend(explorer: ModelPage) -> Extension:
    """Tuning, conductances, slow gains and irregularity."""
    observer = Observer(explorer)
    shown = {
        "Tuning": observer.tuning,
        "Conductances": observer.conductances,
        "Irregularity": observer.irregularity,
        "Slow gain (a reconstruction)": observer.gains,
    }
    return Added(
        cards={
            title: pn.pane.Bokeh(plot.root, sizing_mode="stretch_both", margin=0)
            for title, plot in shown.items()
        },
        controls=controls(explorer),
    )


if pn.state.served or __name__ == "__main__":
    from panels.alone import show

    show(__file__)
