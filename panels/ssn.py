"""What is special to the supralinear ring: profiles, contrast response, balance, stability."""

from __future__ import annotations

from typing import Any

import numpy as np
import panel as pn

from models._shared.ssn_reference import PARADOX, RING, STEP_FROM, largest_alone
from models.ssn.facts import kernel_of
from panels.extension import Added, Extension, ModelPage
from panels.model_plots.gain import EXC, INH, Curve, Lines, Watcher, controls_of

STILL_HZ = 0.002  # relative change within a frame below which a response counts as steady
DEGREES = "preferred orientation (deg)"
STRENGTH = "stimulus strength c at the peak"
STIMULUS = ("contrast", "orientation", "mask", "mask_angle", "extra_I")
PUSH = 0.05  # share by which the inhibitory units get more input, as in the table


class Ring(Watcher):
    """Watches the rates; collects a contrast response from every contrast that was held."""

    def __init__(self, explorer: ModelPage):
        self.plots = {
            "Response profile": Lines(
                "profile", DEGREES, "rate (Hz)",
                [Curve("e", "excitatory", EXC), Curve("i", "inhibitory", INH)],
                empty="Rates of all units against their preferred orientation.", every=45,
            ),
            "Contrast response": Lines(
                "contrast", STRENGTH, "peak rate (Hz)",
                [Curve("e", "excitatory", EXC, points=True),
                 Curve("i", "inhibitory", INH, points=True),
                 Curve("re", "independent solution", EXC, dashed=True),
                 Curve("ri", "", INH, dashed=True)],
                empty="Steady responses; press Sweep the contrast.", logx=True, logy=True,
            ),
            "Local exponent": Lines(
                "exponent", STRENGTH, "d log r / d log c",
                [Curve("own", "excitatory", EXC, points=True),
                 Curve("reference", "independent solution", 4, dashed=True)],
                empty="Slope of the contrast response in log-log,\nabove 1 supralinear: press "
                "Sweep the contrast.", logx=True, level=1.0,
            ),
            "Input to the excitatory units": Lines(
                "balance", DEGREES, "input (units of c)",
                [Curve("stimulus", "stimulus", 2), Curve("e", "recurrent E", EXC),
                 Curve("i", "recurrent I", INH), Curve("net", "net", 4, dashed=True)],
                empty="Stimulus, recurrent excitation and inhibition, and their sum.", level=0.0,
                every=45,
            ),
            "Excitatory units alone": Lines(
                "alone", STRENGTH, "largest eigenvalue",
                [Curve("own", "now and before", EXC, points=True),
                 Curve("reference", "independent solution", 4, dashed=True)],
                empty="Above 1 the excitatory units could not be held without inhibition.",
                logx=True, level=1.0,
            ),
            "Two gratings": Lines(
                "plaid", "stimulus strength c of each", "weight w of their sum",
                [Curve("own", "simulated", 0, points=True),
                 Curve("reference", "independent solution", 4, dashed=True)],
                empty="Both = w (one + the other): hold a grating,\nthen press Add an orthogonal "
                "grating.", logx=True, level=1.0,
            ),
            "More input to I": Lines(
                "paradox", STRENGTH, "change of the peak rates (%)",
                [Curve("e", "excitatory", EXC, points=True),
                 Curve("i", "inhibitory", INH, points=True),
                 Curve("reference", "independent solution, I", 4, dashed=True)],
                empty="Hold a grating, then press Push inhibition:\nwhere inhibition stabilises, "
                "its own rate falls.", logx=True, level=0.0,
            ),
        }  # fmt: skip
        self.clear()
        super().__init__(explorer)

    def clear(self) -> None:
        self._now: dict[str, np.ndarray] = {}
        self._seen: dict[float, tuple[float, float, float]] = {}
        self._sums: dict[float, np.ndarray] = {}  # contrast -> one grating plus its orthogonal
        self._weights: dict[float, float] = {}
        self._pushed: dict[float, tuple[float, float]] = {}
        self._others: tuple = ()
        self._kernel: np.ndarray | None = None
        self._sizes: tuple = ()
        self._known: tuple[np.ndarray, tuple[float, ...], float] | None = None  # by `_alone`

    def take(self, states: dict[str, np.ndarray], t_ms: np.ndarray) -> None:
        self._now = {k: v[-1] for k, v in states.items()}
        values = self.explorer.values
        others = tuple(v for k, v in values.items() if k not in STIMULUS)
        if others != self._others:  # another circuit has other curves
            self.clear()
            self._others = others
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
        if len(steady):
            self._steady(r[steady[-1]], i[steady[-1]], stimulus[steady[-1]])

    def _steady(self, r: np.ndarray, i: np.ndarray, stimulus: np.ndarray) -> None:
        """Note a response that stands still, under what it belongs to."""
        values = self.explorer.values
        c = round(float(stimulus.max()), 6)
        if c <= 0:
            return
        if values["mask"] == 0 and values["extra_I"] == 0:
            self._seen[c] = (float(r.max()), float(i.max()), self._alone(r))
            self._sums[c] = r + np.roll(r, len(r) // 2)
        elif values["mask"] == 0 and abs(values["extra_I"] - PUSH) < 1e-9 and c in self._seen:
            e0, i0, _ = self._seen[c]
            self._pushed[c] = (100 * (r.max() / e0 - 1), 100 * (i.max() / i0 - 1))
        elif values["mask"] == values["contrast"] and values["extra_I"] == 0:
            c = round(float(values["contrast"]), 6)
            if abs(abs(values["mask_angle"]) - 90) < 1e-6 and c in self._sums:
                alone = self._sums[c]
                self._weights[c] = float(r @ alone / (alone @ alone))

    def _alone(self, r: np.ndarray) -> float:
        values = self.explorer.values
        sizes = (values["n_sites"], values["sigma_ori"])
        if self._kernel is None or sizes != self._sizes:
            self._kernel = kernel_of(self.explorer.model_class(**values))
            self._sizes, self._known = sizes, None
        others = values["J_EE"], values["k"], values["n_power"]
        known = self._known
        # Of a response that stands still it is known already: it takes longer than all the rest.
        if known is None or known[1] != others or not np.allclose(r, known[0], rtol=1e-7, atol=0):
            known = self._known = (r, others, largest_alone(r, self._kernel, *others))
        return known[2]

    def draw(self) -> None:
        if not self._now:
            return
        values, now = self.explorer.values, self._now
        angle = 180.0 * np.arange(len(now["excitatory.r"])) / len(now["excitatory.r"])
        self.plots["Response profile"].show(
            e=(angle, now["excitatory.r"]), i=(angle, now["inhibitory.r"])
        )
        stimulus = now["excitatory.stimulus"]
        e, i = (
            values["J_EE"] * now["excitatory.rec_e"], -values["J_EI"] * now["excitatory.rec_i"],
        )  # fmt: skip
        self.plots["Input to the excitatory units"].show(
            stimulus=(angle, stimulus), e=(angle, e), i=(angle, i), net=(angle, stimulus + e + i)
        )
        known = list(RING)
        table = np.array([RING[c] for c in known])
        c = np.array(sorted(self._seen))
        rates = np.array([self._seen[x] for x in c]) if len(c) else np.empty((0, 3))
        self.plots["Contrast response"].show(
            e=(c, rates[:, 0]), i=(c, rates[:, 1]), re=(known, table[:, 0]),
            ri=(known, table[:, 1]),
        )  # fmt: skip
        self.plots["Excitatory units alone"].show(
            own=(c, rates[:, 2]), reference=(known, table[:, 4])
        )
        at = sorted(self._weights)
        self.plots["Two gratings"].show(
            own=(at, [self._weights[x] for x in at]), reference=(known, table[:, 3])
        )
        at = sorted(self._pushed)
        self.plots["More input to I"].show(
            e=(at, [self._pushed[x][0] for x in at]), i=(at, [self._pushed[x][1] for x in at]),
            reference=([x for x in PARADOX if x in RING],
                       [100 * PARADOX[x] / RING[x][1] for x in PARADOX if x in RING]),
        )  # fmt: skip
        between, slope = np.empty(0), np.empty(0)
        if len(c) > 1:
            slope = np.diff(np.log(np.maximum(rates[:, 0], 1e-9))) / np.diff(np.log(c))
            between = np.sqrt(c[1:] * c[:-1])
        self.plots["Local exponent"].show(
            own=(between, slope),
            reference=([np.sqrt(x * STEP_FROM[x]) for x in known], table[:, 2]),
        )


def extend(explorer: ModelPage) -> Extension:
    """Profile, contrast response, its exponent, balance, stability, two gratings, paradox."""
    return Added(
        cards=Ring(explorer).cards, controls=controls(explorer), leading=("own", "circuit", "map")
    )


def controls(explorer: ModelPage) -> Any:
    """Sweep the contrast; one or two gratings; push the inhibition; the classic figure."""

    def show(label: str, mask: bool = False, push: float = 0.0) -> tuple[str, str, Any]:
        def act() -> None:
            contrast = explorer.values["contrast"] if mask else 0.0
            given = {"mask": contrast, "mask_angle": 90.0, "extra_I": push}
            explorer.later(lambda: explorer.set_values(given, label))

        return label, f"wb-{label.lower().replace(' ', '-')}", act

    return controls_of(
        explorer, show("One grating"), show("Add an orthogonal grating", mask=True),
        show("Push inhibition", push=PUSH),
    )  # fmt: skip


if pn.state.served or __name__ == "__main__":
    from panels.alone import show

    show(__file__)
