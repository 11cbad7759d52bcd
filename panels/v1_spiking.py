"""What is special to the spiking V1 ring: its profiles, its irregularity, and stimuli to try."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import panel as pn

from models.v1_spiking.network import count
from panels.model_plots import v1 as plots
from panels.model_plots.gain import classic
from panels.model_plots.v1 import AVERAGED_MS, SAMPLED, VARIED_MS, WATCHED, SpikeWindow
from panels.widgets.presets import Preset, buttons

SETTLE_MS = 100.0  # after a change, before anything is averaged
KEPT_POINTS = 400

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

    def __init__(self, explorer: Any):
        self.explorer = explorer
        self.tuning, self.conductances = plots.tuning(), plots.conductances()
        self.gains, self.irregularity = plots.gains(), plots.irregularity()
        self.windows = {p: SpikeWindow(VARIED_MS) for p in ("excitatory", "inhibitory")}
        self._clear()
        explorer.on_info(lambda _info: self._built())
        explorer.on_reset(self._clear)
        explorer.on_frames(self._take)
        explorer.on_dark(self._dark)

    def _clear(self) -> None:
        for window in self.windows.values():
            window.clear()
        for plot in self._all:
            plot.clear()
        self._sampled: list[tuple[np.ndarray, dict[str, np.ndarray]]] = []
        self._history: list[tuple[float, float, float]] = []
        self._changes = 0
        self._since_ms = 0.0
        self._drawn_at = 0.0

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
        n = count(self.explorer.session.model)[0]
        step = max(1, min(SAMPLED, n // 12))
        ring = tuple(range(step // 2, n, step))
        self._ring = len(ring)
        traces = self.explorer.plots.views["traces"]
        own = {f"{name}": ring for name in WATCHED}
        self.explorer.session.watch({**traces.watched, **own})

    def _take(self, frames: list[Any], t_ms: float) -> None:
        log = self.explorer.session.interventions
        if len(log) != self._changes:
            self._changes = len(log)
            self._since_ms = max(e.t_ms for e in log) + SETTLE_MS
        info = self.explorer.info
        for name, window in self.windows.items():
            p = info.population(name)
            window.restart(self._since_ms)
            for frame in frames:
                mine = (frame.units >= p.offset) & (frame.units < p.offset + p.size)
                t = frame.steps[mine] * info.dt_ms
                window.add(t, frame.units[mine] - p.offset, frame.t_ms)
        self._sample(frames, t_ms)
        if time.monotonic() - self._drawn_at > plots.EVERY_S:
            began = time.monotonic()
            self._draw(t_ms)
            # At most a tenth of the time goes into these plots.
            self._drawn_at = time.monotonic() + 9 * (time.monotonic() - began)

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
        sizes = {name: self.explorer.info.population(name).size for name in self.windows}
        plots.show_tuning(self.tuning, self.windows, sizes)
        plots.show_conductances(self.conductances, self._sampled)
        plots.show_gains(self.gains, self._sampled, self.windows["excitatory"],
                            sizes["excitatory"])  # fmt: skip
        steady = self.explorer.values["frame"] == 0
        orientation = self.explorer.values["orientation"] if steady else None
        found = plots.variability(self.windows["excitatory"], sizes["excitatory"], orientation)
        self._history = [*self._history[-KEPT_POINTS:], (t_ms / 1e3, *found)]
        plots.show_irregularity(self.irregularity, self._history)


def controls(explorer: Any) -> Any:
    """Stimuli worth a look, one click each; the sliders do the rest. The classic figure."""
    shown = buttons(explorer, PRESETS, "Show")
    return pn.Column(shown, classic(explorer), sizing_mode="stretch_width", margin=0)


def extra(explorer: Any) -> dict[str, Any]:
    """Tuning, conductances, slow gains and irregularity."""
    observer = Observer(explorer)
    shown = {
        "Tuning": observer.tuning,
        "Conductances": observer.conductances,
        "Irregularity": observer.irregularity,
        "Slow gain (a reconstruction)": observer.gains,
    }
    return {
        title: pn.pane.Bokeh(plot.root, sizing_mode="stretch_both", margin=0)
        for title, plot in shown.items()
    }


if pn.state.served or __name__ == "__main__":
    from panels.alone import show

    show(__file__)
