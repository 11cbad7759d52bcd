"""What is special to the adaptive reservoir: stripes, memory, targets, and the balance of rows."""

from __future__ import annotations

import time
from collections import deque
from typing import Any

import numpy as np
import panel as pn

from models.adaptive_reservoir.theory import flip, memory, multiplier
from models.adaptive_reservoir.wiring import targets, wiring
from panels.extension import Added, Extension, ModelPage
from panels.model_plots.gain import Curve, Lines, Watcher, controls_with
from panels.model_plots.reservoir import Rates
from panels.theme import css
from panels.widgets.presets import Preset

KEPT = 1500  # steps that memory and correlation are judged from
ENOUGH = 600
SETTLED = 800  # steps of one setting after which half of them tell its correlation
READ = 120  # neurons that the live readout hears
DELAYS = 30
RIDGE = 1e-4  # of the live readout, which learns from few steps
MEMORY_EVERY_S = 1.5
AVERAGED = 300  # steps of a mean rate
INPUTS = ("excitatory.from_exc", "excitatory.from_inh")
_OTHERS = ("rho", "spread", "inhibition", "sigma_in", "c", "theta")

PRESETS = (
    Preset("Target of 0.5", {"rho": 0.5, "spread": 0.0}, "Balanced, and the memory is at its best"),
    Preset("Just above the flip", {"rho": 0.24, "spread": 0.0}, "Deviations alternate and die out"),
    Preset("Below the flip", {"rho": 0.2, "spread": 0.0},
           "Excitation and inhibition rescale until the population alternates: stripes"),
    Preset("Targets of all kinds", {"rho": 0.5, "spread": 1.0}, "A Beta(2, 2) distribution"),
    Preset("A fifth less inhibition", {"delta": 0.0, "inhibition": 0.8, "rho": 0.5},
           "Without adaptation: excitation dominates, and the memory suffers"),
    Preset("Adapt again", {"delta": 0.001, "inhibition": 1.0}, "The rule is at work"),
)  # fmt: skip


class Reservoir(Watcher):
    """Watches rates and input; works out memory and correlation from the last steps."""

    def __init__(self, explorer: ModelPage):
        self.rates = Rates()
        self.text = pn.pane.HTML("", stylesheets=[css("text")], margin=(2, 12, 0, 12))
        self.plots: dict[str, Any] = {
            "All rates": self.rates,
            "Alternation": Lines(
                "multiplier", "target rate ρ", "deviation, over that a step before",
                [Curve("exact", "(1 − ρ) logit ρ", 4),
                 Curve("flip", "flip", 1, dashed=True),
                 Curve("seen", "correlation", 0, points=True)],
                empty="Correlation of the mean rate with the next; drag ρ.", level=-1.0,
            ),
            "Memory": Lines(
                "memory", "steps back", "squared correlation",
                [Curve("now", "what a readout knows", 0)],
                empty="How well past inputs can be read out,\nfrom 600 steps of one setting on.",
            ),
            "Rates and targets": Lines(
                "targets", "target", "mean rate",
                [Curve("same", "", 4, dashed=True),
                 Curve("seen", "mean of the last steps", 2, points=True)],
                empty="Mean rate of each neuron against its target.",
            ),
            "Excitation and inhibition": Lines(
                "balance", "excitation received", "inhibition received",
                [Curve("same", "balance", 4, dashed=True),
                 Curve("seen", "excitatory neurons", 6, points=True)],
                empty="What each neuron receives: its row of inhibition rescales.",
            ),
        }  # fmt: skip
        self.clear()
        super().__init__(explorer)

    def clear(self) -> None:
        self.rates.clear()
        self._r: deque[np.ndarray] = deque(maxlen=KEPT)
        self._u: deque[float] = deque(maxlen=KEPT)
        self._received: dict[str, np.ndarray] = {}
        self._seen: dict[float, float] = {}
        self._settings: tuple = ()
        self._targets: tuple[tuple, np.ndarray] | None = None
        self._memory_at = 0.0
        self._capacity = float("nan")

    def take(self, states: dict[str, np.ndarray], t_ms: np.ndarray) -> None:
        if "signal.u" not in states or "excitatory.r" not in states:
            return
        settings = tuple(self.explorer.values[k] for k in _OTHERS)
        if settings != self._settings:
            self._settings = settings
            self._r.clear()
            self._u.clear()
            self._capacity = float("nan")
        e, i = states["excitatory.r"], states["inhibitory.r"]
        self.rates.take(e, i)
        self._r.extend(np.concatenate([e, i], axis=1))
        self._u.extend(states["signal.u"][:, 0])
        self._received = {k: states[k][-1] for k in INPUTS if k in states}

    def _wanted(self) -> np.ndarray:
        values = self.explorer.values
        key = tuple(values[k] for k in ("rho", "spread", "n_units", "degree", "wiring_seed"))
        if self._targets is None or self._targets[0] != key:
            model: Any = self.explorer.model_class(**values)
            self._targets = (key, targets(model, wiring(model)))
        return self._targets[1]

    def draw(self) -> None:
        if not self._r:
            return
        self.rates.draw()
        values, r = self.explorer.values, np.array(self._r)
        mean = r.mean(axis=1)
        if len(mean) > SETTLED and values["spread"] == 0:
            late = mean[-SETTLED // 2 :]
            if late.std() > 1e-9:
                self._seen[values["rho"]] = float(np.corrcoef(late[1:], late[:-1])[0, 1])
        grid = np.linspace(0.14, 0.95, 82)
        at = sorted(self._seen)
        self.plots["Alternation"].show(
            exact=(grid, multiplier(grid)), flip=((flip(), flip()), (-1.6, 0.6)),
            seen=(at, [self._seen[x] for x in at]),
        )  # fmt: skip
        wanted = self._wanted()
        if len(wanted) == r.shape[1]:
            ends = (0.0, 1.0)
            self.plots["Rates and targets"].show(
                seen=(wanted, r[-AVERAGED:].mean(axis=0)), same=(ends, ends)
            )
        if len(self._received) == len(INPUTS):
            exc, inh = (self._received[k] for k in INPUTS)
            top = float(max(exc.max(), -inh.min()))
            self.plots["Excitation and inhibition"].show(
                seen=(exc, -values["inhibition"] * inh), same=((0, top), (0, top))
            )
        if len(r) >= ENOUGH and time.monotonic() - self._memory_at > MEMORY_EVERY_S:
            self._memory_at = time.monotonic()
            heard = np.linspace(0, r.shape[1] - 1, min(READ, r.shape[1])).astype(int)
            found = memory(r[:, heard], np.array(self._u), DELAYS, RIDGE)
            self._capacity = float(found.sum())
            self.plots["Memory"].show(now=(np.arange(DELAYS), found))
        self._say(mean)

    def _say(self, mean: np.ndarray) -> None:
        remembered = (
            f"a readout of {READ} neurons remembers {self._capacity:.1f} steps"
            if np.isfinite(self._capacity) else f"memory is known after {ENOUGH} steps"
        )  # fmt: skip
        rho = self.explorer.values["rho"]
        text = (
            f"Mean rate {mean[-AVERAGED:].mean():.3f}, target {rho:.3f}, multiplier "
            f"{float(multiplier(rho)):.2f}; {remembered}."
        )
        if self.text.object != text:
            self.text.object = text


def extend(explorer: ModelPage) -> Extension:
    """All rates, their alternation, memory, targets, and the balance of what neurons receive."""
    return Added(
        cards=Reservoir(explorer).cards,
        controls=controls_with(explorer, PRESETS),
        leading=("own", "circuit", "traces"),
    )


if pn.state.served or __name__ == "__main__":
    from panels.alone import show

    show(__file__)
