"""What is special to active dendrites: segments lighting up, and counts beside the exact law."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import panel as pn

from models.active_dendrites import law
from models.active_dendrites.wiring import knowing
from panels.extension import Added, Extension, ModelPage
from panels.model_plots.dendrites import FALSE, MISSED, RECOGNISED, Forest
from panels.model_plots.gain import Curve, Lines, Watcher, controls_with
from panels.theme import css
from panels.widgets.presets import Preset

WATCHED = ("segments.overlap", "segments.lit", "stimulus.shown")
LEAST = 1e-9  # of what is drawn on a logarithmic axis
UNIONS = np.arange(1, 13)
_SEGMENT = ("n_inputs", "n_active", "n_synapses", "n_stored", "tau", "jitter", "n_patterns",
            "n_cells", "n_segments", "wiring_seed")  # fmt: skip

PRESETS = (
    Preset("Threshold of 8", {"theta": 8.0}, "A third of the synapses: many false matches"),
    Preset("Threshold of 12", {"theta": 12.0}, "Half of the synapses, as in the authors' table"),
    Preset("Threshold of 16", {"theta": 16.0}, "Two thirds: false matches vanish, misses appear"),
    Preset("Half of the pattern displaced", {"familiar": 0.5, "noise": 0.5},
           "Every other volley shows the pattern with 64 of its 128 cells elsewhere"),
    Preset("A clean pattern", {"familiar": 0.5, "noise": 0.0, "jitter": 0.0},
           "Every other volley shows the pattern as it is stored"),
    Preset("Spikes 5 ms apart", {"familiar": 0.5, "noise": 0.0, "jitter": 5.0},
           "All cells of the pattern, but not at once: the leak tells"),
)  # fmt: skip


def _counter() -> defaultdict[Any, np.ndarray]:
    return defaultdict(lambda: np.zeros(2))


class Segments(Watcher):
    """Watches every volley; counts false and missed matches at each setting that was tried."""

    def __init__(self, explorer: ModelPage):
        self.forest = Forest()
        self.text = pn.pane.HTML("", stylesheets=[css("text")], margin=(2, 12, 0, 12))
        self.plots: dict[str, Any] = {
            "Segments": self.forest,
            "Overlaps": Lines(
                "overlaps", "active synapses of a segment", "share of segments",
                [Curve("exact", "exact", 4), Curve("counted", "random volleys", FALSE, points=True),
                 Curve("known", "its own pattern", RECOGNISED, points=True),
                 Curve("theta", "threshold", 4, dashed=True)],
                empty="How many synapses of a segment are active at once.", logy=True,
            ),
            "False matches": Lines(
                "false", "threshold θ", "share of random volleys",
                [Curve("exact", "exact", 4), Curve("bars", "", FALSE),
                 Curve("counted", "counted, three standard errors", FALSE, points=True)],
                empty="Random volleys that activate a segment; drag θ.", logy=True,
            ),
            "Missed matches": Lines(
                "missed", "share of the pattern's cells displaced", "share of volleys missed",
                [Curve("exact", "exact", 4), Curve("bars", "", MISSED),
                 Curve("counted", "counted, three standard errors", MISSED, points=True)],
                empty="Patterns that a segment stores and does not recognise; drag the noise.",
            ),
            "Unions": Lines(
                "unions", "patterns that share a segment", "share of random volleys",
                [Curve("mean", "mean number of synapses (source)", 4), Curve("bars", "", FALSE),
                 Curve("counted", "counted, three standard errors", FALSE, points=True)],
                empty="Segments that store several patterns; change M.", logy=True,
            ),
        }  # fmt: skip
        self._unions: dict[Any, Any] = defaultdict(_counter)
        self.clear()
        super().__init__(explorer)
        explorer.on_info(lambda _info: self._built())

    def clear(self) -> None:
        self._false, self._missed = _counter(), _counter()
        self._overlaps: dict[bool, np.ndarray] = {}
        self._known: tuple[int, np.ndarray] | None = None
        self._settings: tuple = ()
        self._last: tuple[np.ndarray, np.ndarray, np.ndarray, bool] | None = None
        self._volleys = 0
        self.forest.clear()

    def _built(self) -> None:
        values = self.explorer.values
        self.forest.grow(values["n_cells"], values["n_segments"])
        self._watch()

    def _watch(self) -> None:
        n = self.explorer.network.population("segments").size
        every = tuple(range(n))
        self.explorer.watch({WATCHED[0]: every, WATCHED[1]: every, WATCHED[2]: (0,)})

    def _frames(self, frames: list[Any], t_ms: float) -> None:
        super()._frames(frames, t_ms)
        if frames and len(frames[-1].state_t) and WATCHED[1] not in frames[-1].states:
            self._watch()  # somebody else chose what is sampled

    def _pattern(self) -> int:
        shown = [e for e in self.explorer.interventions if e.name == "ShowPattern"]
        return int(shown[-1].args["pattern"]) if shown else 0

    def _knows(self) -> np.ndarray:
        """Whether each segment stores the pattern that familiar volleys show, (segments,)."""
        pattern = self._pattern()
        if self._known is None or self._known[0] != pattern:
            model: Any = self.explorer.model_class(**self.explorer.values)
            knows = np.zeros(model.n_cells * model.n_segments, bool)
            knows[knowing(model, pattern)] = True
            self._known = (pattern, knows)
        return self._known[1]

    def take(self, states: dict[str, np.ndarray], t_ms: np.ndarray) -> None:
        if any(name not in states for name in WATCHED):
            return
        values, tick = self.explorer.values, self.explorer.network.tick_ms
        overlap, lit, shown = (states[name] for name in WATCHED)
        knows = self._knows()
        if overlap.shape[1] != len(knows):
            return
        segment = tuple(values[k] for k in _SEGMENT)
        settings = (*segment, values["theta"], values["noise"], self._pattern())
        if settings != self._settings:  # these volleys may still be of the old setting
            if self._settings and segment != self._settings[: len(segment)]:
                self.clear()
            self._overlaps.pop(True, None)  # of other noise
            self._settings = settings
            return
        for k in np.flatnonzero(t_ms > 0.5 * tick):  # at t = 0 there was no volley yet
            familiar = bool(shown[k, 0] > 0.5)
            self._count(overlap[k], lit[k] > 0.5, knows, familiar)
            self._last = (overlap[k], lit[k], knows & familiar, familiar)
            self._volleys = round(float(t_ms[k]) / tick)

    def _count(
        self, overlap: np.ndarray, lit: np.ndarray, knows: np.ndarray, familiar: bool
    ) -> None:
        values = self.explorer.values
        theta = values["theta"]
        used = overlap[knows] if familiar else overlap
        n = values["n_synapses"] * values["n_stored"] + 1
        counts = np.bincount(used.astype(int), minlength=n)[:n]
        self._overlaps[familiar] = self._overlaps.get(familiar, 0) + counts
        if familiar:
            self._missed[theta, values["noise"]] += (np.sum(~lit[knows]), knows.sum())
        else:
            hits = np.array([lit.sum(), lit.size])
            self._false[theta] += hits
            if values["jitter"] == 0:
                key = tuple(values[k] for k in ("n_inputs", "n_active", "n_synapses", "theta"))
                self._unions[key][values["n_stored"]] += hits

    def draw(self) -> None:
        if self._last is None:
            return
        values = self.explorer.values
        n, a, s, theta = (values[k] for k in ("n_inputs", "n_active", "n_synapses", "theta"))
        overlap, lit, knows, familiar = self._last
        shape = (values["n_cells"], values["n_segments"])
        self.forest.show(overlap.reshape(shape), lit.reshape(shape), knows.reshape(shape), theta)
        self._say(lit > 0.5, knows, familiar)
        one = values["n_stored"] == 1
        exact = law.overlaps(n, a, s) if one else np.empty(0)
        shown = {"exact": _above(np.arange(len(exact)), exact)}
        for key, kind in (("counted", False), ("known", True)):
            counts = self._overlaps.get(kind, np.zeros(1))
            shown[key] = _above(np.arange(len(counts)), counts / max(1, counts.sum()))
        top = max(float(np.max(y, initial=0.01)) for _, y in shown.values())
        low = min(float(np.min(y, initial=0.01)) for _, y in shown.values())
        self.plots["Overlaps"].show(theta=((theta, theta), (low, top)), **shown)
        thetas = np.arange(max(1, int(a * s / n)), s + 1)
        falls = [law.false_match(n, a, s, t) for t in thetas] if one else []
        self.plots["False matches"].show(
            exact=_above(thetas[: len(falls)], np.array(falls)), **_dots(self._false)
        )
        noises = np.linspace(0, 1, 51)
        misses = [law.missed_match(a, s, theta, int(x * a + 0.5)) for x in noises]
        mine = {x: c for (t, x), c in self._missed.items() if t == theta}
        self.plots["Missed matches"].show(exact=(noises, misses), **_dots(mine, least=0.0))
        unions = [law.false_match(n, a, round(law.union_synapses(n, s, int(m))), theta)
                  for m in UNIONS]  # fmt: skip
        self.plots["Unions"].show(
            mean=_above(UNIONS, np.array(unions)), **_dots(self._unions[n, a, s, theta])
        )

    def _say(self, lit: np.ndarray, knows: np.ndarray, familiar: bool) -> None:
        values = self.explorer.values
        if familiar:
            moved = int(values["noise"] * values["n_active"] + 0.5)
            what = f"a stored pattern, {moved} of {values['n_active']} cells displaced"
        else:
            what = "random"
        text = (
            f"Volley {self._volleys}: {what}. Recognised by {np.sum(lit & knows)}, "
            f"missed by {np.sum(knows & ~lit)}, falsely matched by {np.sum(lit & ~knows)} of "
            f"{lit.size} segments."
        )
        if self.text.object != text:
            self.text.object = text


def _above(x: Any, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What can be drawn on a logarithmic axis."""
    x, y = np.asarray(x, float), np.asarray(y, float)
    return x[y > LEAST], y[y > LEAST]


def _dots(counts: dict[Any, np.ndarray], least: float = LEAST) -> dict[str, tuple[Any, Any]]:
    """Counted shares, and a line through each that is three standard errors long either way."""
    x, y, bars = [], [], []
    for at in sorted(counts):
        hits, trials = counts[at]
        if trials and (hits or least == 0):
            share = hits / trials
            error = 3 * np.sqrt(max(share * (1 - share), 1 / trials) / trials)
            x.append(at)
            y.append(share)
            bars.append((max(least, share - error), min(1.0, share + error)))
    across = np.array([[at, at, np.nan] for at in x]).ravel()
    along = np.array([[low, high, np.nan] for low, high in bars]).ravel()
    return {"counted": (x, y), "bars": (across, along)}


def extend(explorer: ModelPage) -> Extension:
    """The cells with their segments; overlaps, false and missed matches, unions."""
    return Added(
        cards=Segments(explorer).cards,
        controls=controls_with(explorer, PRESETS),
        leading=("own", "raster", "circuit"),
    )


if pn.state.served or __name__ == "__main__":
    from panels.alone import show

    show(__file__)
