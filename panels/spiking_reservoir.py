"""What is special to the spiking reservoir: the population rate, its rhythm, and its theory."""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np
import panel as pn

from models.spiking_reservoir.measures import peak, spectrum
from models.spiking_reservoir.theory import alternation, flip
from panels.extension import Added, Extension, ModelPage
from panels.model_plots.gain import Curve, Lines, Watcher, controls_with
from panels.theme import css
from panels.widgets.presets import Preset

KEPT_MS = 4000  # of the population rate, for its spectrum
SHOWN_MS = 400
COUNTED_MS = 2000  # over which each neuron's rate is taken, frame by frame
THEORY_HZ = (8.0, 11.0, 14.0, 17.0, 20.0, 25.0, 30.0, 40.0)
LAYERS = ("excitatory", "inhibitory")
_ADAPTED = (
    "rho",
    "eta",
    "begin",
    "sample",
    "input_share",
    "sigma_in",
    "tau_x",
    "wiring_seed",
    "dt_ms",
)  # not in the theory

PRESETS = (
    Preset("Target of 30 Hz", {"rho": 30.0}, "Every neuron fires at its own moments"),
    Preset("Just above the flip", {"rho": 20.0}, "Deviations come and go at 30 Hz"),
    Preset("Below the flip", {"rho": 12.0},
           "Inhibition grows until the population alternates: stripes in the raster"),
    Preset("No adaptation", {"eta": 0.0}, "Rates differ, and follow any other change"),
    Preset("Adapt again", {"eta": 0.02}, "The rule is at work"),
)  # fmt: skip


class Rhythm(Watcher):
    """Counts spikes by millisecond and by neuron; puts them beside theory."""

    def __init__(self, explorer: ModelPage):
        self.text = pn.pane.HTML("", stylesheets=[css("text")], margin=(2, 12, 0, 12))
        self.plots: dict[str, Any] = {
            "Population rate": Lines(
                "population", "time ago (ms)", "rate (Hz)",
                [Curve("rate", "all neurons", 0), Curve("target", "target", 4, dashed=True)],
                empty="How often a neuron fires on average, by the millisecond.",
            ),
            "Once round the loop": Lines(
                "loop", "target rate ρ (Hz)", "factor of a common deviation",
                [Curve("theory", "theory", 4), Curve("flip", "flip", 1, dashed=True),
                 Curve("now", "this target", 0, points=True)],
                empty="By what a deviation that all neurons share\nis multiplied until it is back.",
                level=1.0,
            ),
            "Spectrum": Lines(
                "spectrum", "frequency (Hz)", "power (independent Poisson = 1)",
                [Curve("power", "last 4 s", 0), Curve("at", "theory's rhythm", 1, dashed=True)],
                empty="How strongly the population fluctuates, and how fast,\nfrom 2 s on.",
                logy=True,
            ),
            "Rates of the neurons": Lines(
                "rates", "neurons, the fastest first", "rate (Hz)",
                [Curve("rate", "last 2 s", 2), Curve("target", "target", 4, dashed=True)],
                empty="How often each neuron fires, from 1 s on.",
            ),
        }  # fmt: skip
        self._theory: list[float] = []
        self._now: tuple[float, float, float] | None = None  # target, factor, frequency
        self._key: tuple = ()
        self.clear()
        super().__init__(explorer)

    def clear(self) -> None:
        self._rate: deque[float] = deque(maxlen=KEPT_MS)
        self._each: deque[tuple[int, np.ndarray]] = deque(maxlen=COUNTED_MS)  # ms, spikes
        self._at_ms = 0

    def _frames(self, frames: list[Any], t_ms: float) -> None:
        info = self.explorer.network
        layers = [info.population(name) for name in LAYERS]
        n = sum(p.size for p in layers)
        for frame in frames:
            whole = int(frame.t_ms) - self._at_ms
            if whole <= 0:
                continue
            neuron = np.full(len(frame.units), -1)
            first = 0
            for p in layers:
                mine = (frame.units >= p.offset) & (frame.units < p.offset + p.size)
                neuron[mine] = frame.units[mine] - p.offset + first
                first += p.size
            mine = neuron >= 0
            ms = (frame.steps[mine] * info.dt_ms).astype(int) - self._at_ms
            counts = np.bincount(np.clip(ms, 0, whole - 1), minlength=whole)
            self._rate.extend(1e3 * counts / n)
            self._at_ms += whole
            self._each.append((whole, np.bincount(neuron[mine], minlength=n)))
        while self._each and sum(ms for ms, _ in self._each) - self._each[0][0] >= COUNTED_MS:
            self._each.popleft()

    def draw(self) -> None:
        if not self._rate:
            return
        values = self.explorer.values
        rate, rho = np.array(self._rate), float(values["rho"])
        late = rate[-SHOWN_MS:]
        ago = np.arange(len(late))[::-1] + 1
        self.plots["Population rate"].show(
            rate=(-ago, late), target=((-ago[0], -1), (rho, rho))
        )  # fmt: skip
        counted_s = sum(ms for ms, _ in self._each) / 1e3
        if counted_s >= COUNTED_MS / 2e3:
            each = np.sort(np.sum([n for _, n in self._each], axis=0))[::-1] / counted_s
            self.plots["Rates of the neurons"].show(
                rate=(np.arange(len(each)), each), target=((0, len(each)), (rho, rho))
            )
        self._draw_theory(rate, rho)

    def _draw_theory(self, rate: np.ndarray, rho: float) -> None:
        try:
            self._compare(rate, rho)
        except ValueError as error:  # there is no theory of such a neuron
            self.text.object = f"Without a theory: {error}."

    def _factor(self, **changed: float) -> float:
        """The theory's factor with other values; nan where there is none."""
        try:
            return alternation(self.explorer.model_class(**{**self.explorer.values, **changed}))[0]
        except ValueError:
            return float("nan")

    def _compare(self, rate: np.ndarray, rho: float) -> None:
        values = self.explorer.values
        model: Any = self.explorer.model_class(**values)
        key = tuple(v for k, v in sorted(values.items()) if k not in _ADAPTED)
        if key != self._key:
            self._key, self._theory = key, [self._factor(rho=x) for x in THEORY_HZ]
            self._flip, self._now = flip(model), None
        if self._now is None or self._now[0] != rho:
            self._now = (rho, *alternation(model))
        factor, f_Hz = self._now[1:]
        top = max(1.2, factor, np.nanmax(self._theory))
        at = ((self._flip, self._flip), (0, top)) if np.isfinite(self._flip) else ((), ())
        self.plots["Once round the loop"].show(
            theory=(THEORY_HZ, self._theory), now=((rho,), (factor,)), flip=at
        )
        said = ""
        if len(rate) >= KEPT_MS // 2:
            f, power = spectrum(rate, 1.0, self.explorer.network.population("excitatory").size
                                + self.explorer.network.population("inhibitory").size)  # fmt: skip
            shown = (f >= 4) & (f <= 100) & (power > 0)
            ends = float(power[shown].min()), float(power[shown].max())
            self.plots["Spectrum"].show(
                power=(f[shown], power[shown]),
                at=((f_Hz, f_Hz), ends) if np.isfinite(f_Hz) else ((), ()),
            )
            said = f", strongest rhythm {peak(f, power):.0f} Hz"
        seconds = min(len(rate), KEPT_MS // 2)
        state = "stripes grow" if factor > 1 else "it dies out"
        # Two lines at most where a card is narrow: the plot below has the rest of its height.
        text = (
            f"Rate {rate[-seconds:].mean():.1f} Hz, target {rho:.1f} Hz{said}. In theory, a "
            f"deviation returns × {factor:.2f}: {state}."
        )
        if self.text.object != text:
            self.text.object = text


def extend(explorer: ModelPage) -> Extension:
    """The raster first; the population rate, its loop, its spectrum, the rates of all neurons."""
    return Added(
        cards=Rhythm(explorer).cards,
        controls=controls_with(explorer, PRESETS),
        leading=("raster", "own", "circuit"),
    )


if pn.state.served or __name__ == "__main__":
    from panels.alone import show

    show(__file__)
