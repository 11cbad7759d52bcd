"""What is special to the two-population circuit: potentials, and how large noise is."""

from __future__ import annotations

from collections import deque

import numpy as np
import panel as pn

from models._shared.ssn_reference import PAIR, pair_jacobian
from models.ssn_pair.facts import weights_of
from models.ssn_pair.operations import InputSweep
from panels.extension import Added, Extension, ModelPage
from panels.model_plots.gain import EXC, INH, Curve, Lines, Watcher, controls_of

TRAIL = 400  # samples of the trajectory
POPULATIONS = ("excitatory", "inhibitory")
NOISE = 2000  # samples of which the standard deviation is taken
FIRST = 500  # of so many there is one already


class TwoCells(Watcher):
    """Watches both potentials; collects the size of their fluctuations at each input."""

    def __init__(self, explorer: ModelPage):
        self.plots = {
            "Potentials": Lines(
                "plane", "V of the excitatory unit (mV)", "V of the inhibitory unit (mV)",
                [Curve("trail", "", 0), Curve("now", "", 1, points=True)],
                empty="The two potentials against each other.",
            ),
            "Fluctuations": Lines(
                "noise", "input h (mV)", "SD of V, excitatory (mV)",
                [Curve("sd", "last 2 s at this input", 0, points=True)],
                empty="Standard deviation of the potential at each input;\npress Sweep the input, "
                "or drag h.", few=2,
            ),
            "Contrast response": Lines(
                "inputs", "input h (mV)", "mean rate (Hz)",
                [Curve("e", "excitatory", EXC, points=True),
                 Curve("i", "inhibitory", INH, points=True),
                 Curve("re", "independent solution", EXC, dashed=True),
                 Curve("ri", "", INH, dashed=True)],
                empty="Mean rates at each input;\npress Sweep the input.", few=2,
            ),
            "Stability": Lines(
                "stability", "input h (mV)", "largest real part (s⁻¹)",
                [Curve("slow", "slowest mode", 0, points=True),
                 Curve("reference", "independent solution", 4, dashed=True)],
                empty="How fast the slowest mode dies away; noise is largest where it is slow.",
                level=0.0,
            ),
        }  # fmt: skip
        self.clear()
        super().__init__(explorer)

    def clear(self) -> None:
        self._e: deque[float] = deque(maxlen=NOISE)
        self._i: deque[float] = deque(maxlen=NOISE)
        self._h: float | None = None
        self._sd: dict[float, float] = {}
        self._rates: dict[str, deque[float]] = {p: deque(maxlen=NOISE) for p in POPULATIONS}
        self._means: dict[float, tuple[float, float]] = {}
        self._others: tuple = ()

    def take(self, states: dict[str, np.ndarray], t_ms: np.ndarray) -> None:
        if "excitatory.V" not in states:
            return
        values = self.explorer.values
        h = self.held(InputSweep, float(t_ms[-1]))[0]
        others = tuple(v for k, v in values.items() if k != "h")
        if others != self._others:  # another circuit has other curves
            self.clear()
            self._others = others
        if h != self._h:
            self._h = h
            self._e.clear()
            self._i.clear()
            for rates in self._rates.values():
                rates.clear()
        self._e.extend(states["excitatory.V"][:, 0])
        self._i.extend(states["inhibitory.V"][:, 0])
        if len(self._e) >= FIRST:
            self._sd[round(h, 3)] = float(np.std(self._e))
        for name, rates in self._rates.items():
            if f"{name}.r" in states:
                rates.extend(states[f"{name}.r"][:, 0])
        if all(len(rates) == NOISE for rates in self._rates.values()):
            e, i = (float(np.mean(self._rates[p])) for p in POPULATIONS)
            self._means[round(h, 3)] = (e, i)

    def draw(self) -> None:
        if not self._e:
            return
        e, i = np.array(self._e)[-TRAIL:], np.array(self._i)[-TRAIL:]
        self.plots["Potentials"].show(trail=(e, i), now=(e[-1:], i[-1:]))
        if self._sd:
            h = np.array(sorted(self._sd))
            self.plots["Fluctuations"].show(sd=(h, [self._sd[x] for x in h]))
        self._draw_means()

    def _draw_means(self) -> None:
        """What was measured, and from the beginning what an independent solution has."""
        h = np.array(sorted(self._means))
        rates = np.array([self._means[x] for x in h]).reshape(-1, len(POPULATIONS))
        table = np.array(list(PAIR.values()))
        self.plots["Contrast response"].show(
            e=(h, rates[:, 0]), i=(h, rates[:, 1]), re=(list(PAIR), table[:, 0]),
            ri=(list(PAIR), table[:, 1]),
        )  # fmt: skip
        model = self.explorer.model_class(**self.explorer.values)
        tau_s = np.array([model.tau_E, model.tau_I]) / 1e3
        slow = [
            np.linalg.eigvals(
                pair_jacobian(r, weights_of(model), tau_s, model.k, model.n_power)
            ).real.max()
            for r in rates
        ]
        self.plots["Stability"].show(slow=(h, slow), reference=(list(PAIR), table[:, 3]))


def extend(explorer: ModelPage) -> Extension:
    """The plane of potentials; fluctuations, rates and the slowest mode at each input."""
    return Added(
        cards=TwoCells(explorer).cards,
        controls=controls_of(explorer),
        leading=("own", "traces", "circuit"),
    )


if pn.state.served or __name__ == "__main__":
    from panels.alone import show

    show(__file__)
