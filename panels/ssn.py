"""What is special to the supralinear ring: profiles, contrast response, balance, stability."""

from __future__ import annotations

from typing import Any

import numpy as np
import panel as pn

from models._gain_ssn_facts import kernel_of
from models._gain_ssn_tables import RING, largest_alone
from panels.gain_pictures import EXC, INH, Line, Lines, Watcher, controls_of

LEADING = ("own", "circuit", "map")
STILL_HZ = 0.002  # relative change within a frame below which a response counts as steady
DEGREES = "preferred orientation (deg)"


class Ring(Watcher):
    """Watches the rates; collects a contrast response from every contrast that was held."""

    def __init__(self, explorer: Any):
        self.pictures = {
            "Response profile": Lines(
                "profile", DEGREES, "rate (Hz)",
                [Line("e", "excitatory", EXC), Line("i", "inhibitory", INH)],
                empty="Rates of all units against their preferred orientation.",
            ),
            "Contrast response": Lines(
                "contrast", "input at the peak", "peak rate (Hz)",
                [Line("e", "excitatory", EXC, points=True),
                 Line("i", "inhibitory", INH, points=True),
                 Line("re", "independent", EXC, dashed=True), Line("ri", "", INH, dashed=True)],
                empty="Steady responses; press Sweep the contrast.", logx=True, logy=True,
            ),
            "Local exponent": Lines(
                "exponent", "input at the peak", "d log r / d log c",
                [Line("own", "excitatory", EXC, points=True),
                 Line("reference", "independent", 4, dashed=True)],
                empty="Slope of the contrast response in log-log: above 1 supralinear.",
                logx=True, level=1.0,
            ),
            "Input to the excitatory units": Lines(
                "balance", DEGREES, "input",
                [Line("stimulus", "stimulus", 2), Line("e", "recurrent E", EXC),
                 Line("i", "recurrent I", INH), Line("net", "net", 4, dashed=True)],
                empty="Stimulus, recurrent excitation and inhibition, and their sum.", level=0.0,
            ),
            "Excitatory units alone": Lines(
                "alone", "input at the peak", "largest eigenvalue",
                [Line("own", "now and before", EXC, points=True),
                 Line("reference", "independent", 4, dashed=True)],
                empty="Above 1 the excitatory units could not be held without inhibition.",
                logx=True, level=1.0,
            ),
        }  # fmt: skip
        self.clear()
        super().__init__(explorer)

    def clear(self) -> None:
        self._now: dict[str, np.ndarray] = {}
        self._seen: dict[float, tuple[float, float, float]] = {}
        self._kernel: np.ndarray | None = None
        self._sizes: tuple = ()

    def take(self, states: dict[str, np.ndarray], t_ms: np.ndarray) -> None:
        self._now = {k: v[-1] for k, v in states.items()}
        r, stimulus = states["excitatory.r"], states["excitatory.stimulus"]
        i = states["inhibitory.r"]
        if len(r) < 2:
            return
        # A response counts where it hardly moves from one tick to the next and the input is still.
        top = r.max(axis=1)
        change = np.abs(np.diff(r, axis=0)).max(axis=1)
        held = np.abs(np.diff(stimulus, axis=0)).max(axis=1) < 1e-12
        steady = np.flatnonzero(held & (change < STILL_HZ * np.maximum(top[1:], 1e-6))) + 1
        if len(steady) and self.explorer.values["mask"] == 0:
            k = steady[-1]
            c = round(float(stimulus[k].max()), 6)
            if c > 0:
                self._seen[c] = (float(top[k]), float(i[k].max()), self._alone(r[k]))

    def _alone(self, r: np.ndarray) -> float:
        values = self.explorer.values
        sizes = (values["n_sites"], values["sigma_ori"])
        if self._kernel is None or sizes != self._sizes:
            self._kernel = kernel_of(self.explorer.model_class(**values))
            self._sizes = sizes
        return largest_alone(r, self._kernel, values["J_EE"], values["k"], values["n_power"])

    def draw(self) -> None:
        if not self._now:
            return
        values, now = self.explorer.values, self._now
        angle = 180.0 * np.arange(len(now["excitatory.r"])) / len(now["excitatory.r"])
        self.pictures["Response profile"].show(
            e=(angle, now["excitatory.r"]), i=(angle, now["inhibitory.r"])
        )
        stimulus = now["excitatory.stimulus"]
        e, i = (
            values["J_EE"] * now["excitatory.rec_e"], -values["J_EI"] * now["excitatory.rec_i"],
        )  # fmt: skip
        self.pictures["Input to the excitatory units"].show(
            stimulus=(angle, stimulus), e=(angle, e), i=(angle, i), net=(angle, stimulus + e + i)
        )
        known = list(RING)
        table = np.array([RING[c] for c in known])
        c = np.array(sorted(self._seen))
        rates = np.array([self._seen[x] for x in c]) if len(c) else np.empty((0, 3))
        self.pictures["Contrast response"].show(
            e=(c, rates[:, 0]), i=(c, rates[:, 1]), re=(known, table[:, 0]),
            ri=(known, table[:, 1]),
        )  # fmt: skip
        self.pictures["Excitatory units alone"].show(
            own=(c, rates[:, 2]), reference=(known, table[:, 4])
        )
        if len(c) > 1:
            slope = np.diff(np.log(np.maximum(rates[:, 0], 1e-9))) / np.diff(np.log(c))
            between = np.sqrt(c[1:] * c[:-1])
            self.pictures["Local exponent"].show(
                own=(between, slope), reference=(known, table[:, 2])
            )


def extra(explorer: Any) -> dict[str, Any]:
    """Profile, contrast response and its exponent, balance of inputs, stability."""
    return Ring(explorer).cards


def controls(explorer: Any) -> Any:
    """Sweep the contrast; the classic figure."""
    return controls_of(explorer)


if pn.state.served:
    from panels.explorer import app

    app("ssn").servable()
