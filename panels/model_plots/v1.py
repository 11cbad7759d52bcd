"""Live plots of the spiking ring: profiles over preferred orientation, and irregularity."""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np

from models.v1_spiking.measures import mean_near, profile, rates_hz
from panels.widgets.live_lines import LiveLine, LiveLines
from workbench.measures.variability import fano_factor, isi_cv
from workbench.palette import EXCITATORY, INHIBITORY, on_page

AVERAGED_MS = 500.0  # rates and conductances are means over so much, or since the last change
VARIED_MS = 3000.0  # irregularity needs more spikes
WINDOW_MS = 100.0  # of the Fano factor
EVERY_S = 0.25  # irregularity is worked out so often
SAMPLED = 20  # the conductances of one excitatory neuron of so many are sampled
WATCHED = ("excitatory.g_exc", "excitatory.g_inh", "excitatory.gain")
_E, _I = ((ink, on_page(ink, True)) for ink in (EXCITATORY, INHIBITORY))
PREFERENCE: dict[str, Any] = {"x_label": "preferred orientation (degrees)", "x_range": (0.0, 180.0)}


class SpikeWindow:
    """The spikes of one population of the last moments, and since when they are of one setting."""

    def __init__(self, keep_ms: float):
        self.keep_ms = keep_ms
        self.clear()

    def clear(self) -> None:
        self._parts: deque[tuple[np.ndarray, np.ndarray]] = deque()
        self.since_ms = self.until_ms = 0.0

    def restart(self, t_ms: float) -> None:
        """What was before ``t_ms`` is of another setting."""
        self.since_ms = max(self.since_ms, t_ms)

    def add(self, t_ms: np.ndarray, i: np.ndarray, until_ms: float) -> None:
        self._parts.append((t_ms, i))
        self.until_ms = until_ms
        while self._parts and (
            not len(self._parts[0][0]) or self._parts[0][0][-1] < until_ms - self.keep_ms
        ):
            self._parts.popleft()

    def spikes(self, last_ms: float) -> tuple[np.ndarray, np.ndarray, float]:
        """(t_ms, i, from_ms) of the last ``last_ms`` of this setting."""
        start = max(self.until_ms - last_ms, self.since_ms)
        if not self._parts:
            return np.empty(0), np.empty(0, int), start
        t, i = (np.concatenate(part) for part in zip(*self._parts, strict=True))
        used = t >= start
        return t[used], i[used], start


def tuning() -> LiveLines:
    """Rates of both populations against preferred orientation."""
    lines = [LiveLine("excitatory", *_E), LiveLine("inhibitory", *_I)]
    return LiveLines(
        lines, y_label="rate (Hz)", name="tuning", hover="@x{0}°: @y{0.0} Hz", **PREFERENCE
    )


def conductances() -> LiveLines:
    """Conductances of excitatory neurons against preferred orientation."""
    lines = [LiveLine("excitation", *_E), LiveLine("inhibition", *_I)]
    return LiveLines(
        lines, y_label="conductance (nS)", name="conductances", hover="@x{0}°: @y{0.00} nS",
        **PREFERENCE,
    )  # fmt: skip


def gains() -> LiveLines:
    """Slow gain, and rate relative to the mean, against preferred orientation."""
    lines = [LiveLine("slow gain", "#AA4499", "#E08AD0"),
             LiveLine("mean rate / its mean", "#7A7A7A", "#A9B2BC", dash="dashed")]  # fmt: skip
    return LiveLines(
        lines, y_label="relative to 1", name="gains", hover="@x{0}°: @y{0.00}", **PREFERENCE
    )


def irregularity() -> LiveLines:
    """Variation of intervals and of counts against time; a Poisson process has 1."""
    lines = [LiveLine("CV of intervals", "#332288", "#8F82E0", dots=True),
             LiveLine("Fano factor", "#E69F00", "#E69F00", dots=True),
             LiveLine("Poisson", "#7A7A7A", "#A9B2BC", dash="dotted")]  # fmt: skip
    return LiveLines(
        lines, x_label="time (s)", y_label="near the shown orientation", x_range=(0, 1),
        name="irregularity", hover="@x{0.0} s: @y{0.00}",
    )  # fmt: skip


def show_tuning(plot: LiveLines, windows: dict[str, SpikeWindow], sizes: dict[str, int]) -> None:
    """Draw the rates of the last moments."""
    data = {}
    for name, window in windows.items():
        t, i, start = window.spikes(AVERAGED_MS)
        if window.until_ms - start >= 20:
            rates = rates_hz(t, i, sizes[name], start, window.until_ms)
            data[name] = profile(rates, 36 if sizes[name] >= 360 else 12)
    if data:
        plot.show(data)


def show_conductances(plot: LiveLines, sampled: list[Any]) -> None:
    """Draw mean conductances around the ring."""
    if sampled:
        plot.show({
            label: _around(sampled, name)
            for label, name in (("excitation", WATCHED[0]), ("inhibition", WATCHED[1]))
        })  # fmt: skip


def show_gains(plot: LiveLines, sampled: list[Any], window: SpikeWindow, n: int) -> None:
    """Draw the slow gains as they are, and how even the rates of the last seconds are."""
    data = {}
    if sampled:
        last = sampled[-1][1][WATCHED[2]][-1]
        data["slow gain"] = profile(last, min(20, len(last)))
    t, i, start = window.spikes(VARIED_MS)
    if len(t):
        x, rate = profile(rates_hz(t, i, n, start, window.until_ms), 20 if n >= 200 else 10)
        data["mean rate / its mean"] = (x, rate / rate.mean())
    if data:
        plot.show(data)


def _around(sampled: list[Any], name: str) -> tuple[np.ndarray, np.ndarray]:
    mean = 1e9 * np.concatenate([states[name] for _, states in sampled]).mean(axis=0)
    return profile(mean, min(20, len(mean)))


def variability(window: SpikeWindow, n: int, orientation: float | None) -> tuple[float, float]:
    """Mean CV and Fano factor of the neurons about ``orientation``, of all if None; may be nan."""
    t, i, start = window.spikes(VARIED_MS)
    cv = isi_cv(t, i, n, at_least=3)
    fano = fano_factor(t, i, n, start, window.until_ms, WINDOW_MS)
    return _mean_near(cv, orientation), _mean_near(fano, orientation)


def _mean_near(values: np.ndarray, orientation: float | None) -> float:
    if orientation is None:
        return float(np.nanmean(values)) if np.isfinite(values).any() else float("nan")
    return mean_near(values, orientation)


def show_irregularity(plot: LiveLines, history: list[tuple[float, float, float]]) -> None:
    """Draw both measures against time."""
    t, cv, fano = (np.array(column) for column in zip(*history, strict=True))
    plot.root.x_range.update(start=t[0], end=max(t[-1], t[0] + 1))
    plot.show({
        "CV of intervals": (t, cv), "Fano factor": (t, fano),
        "Poisson": ([t[0], max(t[-1], t[0] + 1)], [1, 1]),
    })  # fmt: skip
