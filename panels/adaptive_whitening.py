"""What is special to adaptive whitening, a reconstruction: ellipses, gains, synapses."""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np
import panel as pn

from models.adaptive_whitening import frames
from models.adaptive_whitening.network import covariances, frame_of
from panels.extension import Added, Extension, ModelPage
from panels.model_plots.gain import Curve, Lines, Watcher, controls_of, ellipse

SAMPLES = 400  # of input and response that make up an ellipse
KEPT = 4000  # moments of gains and errors that are drawn
MOST_GAINS = 5  # lines of gains
WEIGHTS = ("to_interneurons",)  # plastic ones move, and with them the optimum


class Whitening(Watcher):
    """Watches inputs, responses and gains, and compares them with the closed forms."""

    def __init__(self, explorer: ModelPage):
        self.plots = {
            "Covariance, in and out": Lines(
                "covariance", "neuron 0", "neuron 1",
                [Curve("input", "input", 1), Curve("output", "response", 0),
                 Curve("unit", "white", 4, dashed=True), Curve("cloud", "", 0, points=True)],
                empty="One standard deviation of input and response,\nof the last 400 samples.",
                equal=True,
            ),
            "Gains": Lines(
                "gains", "time (s)", "gain",
                [Curve(f"g{k}", f"g{k}", k) for k in range(MOST_GAINS)]
                + [Curve(f"o{k}", "" if k else "optimum g*", k, dashed=True)
                   for k in range(MOST_GAINS)],
                empty="Gains of the first interneurons; dashed: their optimum g*.",
            ),
            "Variance of each projection": Lines(
                "projections", "interneuron", "variance of z",
                [Curve("seen", "last 400 samples", 0, points=True),
                 Curve("expected", "at the present gains", 1, points=True)],
                empty="What each interneuron sees; adapted, all are 1.", level=1.0, whole=True,
            ),
            "Distance from white": Lines(
                "whiteness", "time (s)", "distance, eigenvalue",
                [Curve("error", "distance |C − I|", 0), Curve("least", "least eigenvalue of M", 2)],
                empty="Operator norm of C_yy − I at the present gains.", logy=True,
            ),
            "Synapses and axes": Lines(
                "axes", "neuron 0", "neuron 1",
                [Curve(f"w{k}", "synapses" if k == 0 else "", k) for k in range(MOST_GAINS)]
                + [Curve(f"v{k}", "axes of the input" if k == 0 else "", 4, dashed=True)
                   for k in range(2)],
                empty="What each interneuron looks at, and the axes of the input:\nplastic "
                "synapses turn to those that all contexts share.",
                equal=True,
            ),
            "Error at the switch": Lines(
                "onsets", "time (s)", "distance |C − I|",
                [Curve("onset", "when a context begins", 1, points=True),
                 Curve("end", "when it ends", 0, points=True)],
                empty="How far from white responses are when a context begins,\nand when it ends: "
                "switch or cycle the contexts.", logy=True,
            ),
        }  # fmt: skip
        self.clear()
        super().__init__(explorer)

    def clear(self) -> None:
        self._x: deque[np.ndarray] = deque(maxlen=SAMPLES)
        self._y: deque[np.ndarray] = deque(maxlen=SAMPLES)
        self._z: deque[np.ndarray] = deque(maxlen=SAMPLES)
        self._g: deque[np.ndarray] = deque(maxlen=KEPT)
        self._t: deque[float] = deque(maxlen=KEPT)
        self._white: deque[tuple[float, float, float]] = deque(maxlen=KEPT)
        self._onsets: deque[tuple[float, ...]] = deque(maxlen=KEPT)
        self._shown: int | None = None  # context of the last sample
        self._ended: np.ndarray | None = None  # gains at its end
        self._model: Any = None

    def _known(self) -> Any:
        """Frame and contexts of the running model; they change only with a new network."""
        if self._model is None:
            self._model = self.explorer.model_class(**self.explorer.values)
            self._W, self._C = frame_of(self._model), covariances(self._model)
        return self._model

    def learned(self, weights: dict[str, np.ndarray]) -> None:
        model, W = self._known(), weights.get("to_interneurons")
        if W is not None and W.shape == (model.n_inter, model.n_primary):
            self._W = W.T.astype(float)

    def _best(self, C: np.ndarray, alpha: float, non_negative: bool) -> np.ndarray:
        """g* for the synapses as they are; the closed form is for columns of length 1."""
        length = np.linalg.norm(self._W, axis=0)
        best = frames.optimal_gains(C, self._W / length, alpha, non_negative=non_negative)
        return best / length**2

    def _context(self, t_ms: float) -> int:
        """The context whose covariance is shown at a time, from the log."""
        count, now = len(self._C), 0
        for e in self.explorer.interventions:
            if e.t_ms > t_ms:
                break
            if e.name == "SwitchContext":
                now = int(e.args["context"])
            elif e.name == "CycleContexts":
                ran = t_ms - e.t_ms
                shown = ran // e.args["every_ms"]
                now = int(min(shown, e.args["rounds"] * count - 1)) % count
        return now

    def take(self, states: dict[str, np.ndarray], t_ms: np.ndarray) -> None:
        model = self._known()
        ends = (np.abs(t_ms % model.hold) < 1e-6) & (t_ms > 0)  # samples have settled there
        for k in np.flatnonzero(ends):
            self._x.append(states["primary.x"][k])
            self._y.append(states["primary.y"][k])
            self._z.append(states["interneurons.z"][k])
        if len(t_ms):
            self._switched(states["interneurons.g"], t_ms)
        step = max(1, len(t_ms) // 4)
        for k in range((len(t_ms) - 1) % step, len(t_ms), step):  # the last one among them
            self._g.append(states["interneurons.g"][k])
            self._t.append(float(t_ms[k]))

    def _switched(self, g: np.ndarray, t_ms: np.ndarray) -> None:
        """Note the errors on both sides of a switch of contexts, at the gains of that moment."""
        for k, t in enumerate(t_ms):
            now = self._context(float(t))
            if self._shown is not None and now != self._shown:
                alpha = self.explorer.values["alpha"]
                before = self._ended if self._ended is not None else g[k]
                errors = [frames.whitening_error(self._C[c], self._W, h, alpha)
                          for c, h in ((self._shown, before), (now, g[k]))]  # fmt: skip
                self._onsets.append((float(t) / 1e3, *errors))
            self._shown, self._ended = now, g[k]

    def draw(self) -> None:
        if not self._g:
            return
        model = self._known()
        values = self.explorer.values
        alpha = values["alpha"]
        C, g, t = self._C[self._context(self._t[-1])], self._g[-1], np.array(self._t) / 1e3
        best = self._best(C, alpha, model.parameter("clamp").text(values["clamp"]) != "free")
        n = min(MOST_GAINS, len(g))
        history = np.array(self._g)
        lines: dict[str, tuple[Any, Any]] = {f"g{k}": (t, history[:, k]) for k in range(n)}
        lines |= {f"o{k}": ((t[0], t[-1]), (best[k], best[k])) for k in range(n)}
        self.plots["Gains"].show(**lines)
        least = frames.least_eigenvalue(g, self._W, alpha)
        error = frames.whitening_error(C, self._W, g, alpha) if least > 1e-9 else np.nan
        if self._white and self._white[-1][0] == self._t[-1] / 1e3:
            self._white.pop()  # of the same moment, with other values
        self._white.append((self._t[-1] / 1e3, max(error, 1e-6), max(least, 1e-6)))
        when, errors, leasts = np.array(self._white).T
        self.plots["Distance from white"].show(error=(when, errors), least=(when, leasts))
        self._draw_axes(C)
        if self._onsets:
            at, ends, onsets = np.array(self._onsets).T
            self.plots["Error at the switch"].show(
                onset=(at, np.maximum(onsets, 1e-6)), end=(at, np.maximum(ends, 1e-6))
            )
        if len(self._y) > 20 and len(C) > 1:
            y = np.array(self._y)
            self.plots["Covariance, in and out"].show(
                input=ellipse(C), output=ellipse(np.cov(y.T)), unit=ellipse(np.eye(2)),
                cloud=(y[-80:, 0], y[-80:, 1]),
            )  # fmt: skip
        if len(self._z) > 20:
            k = np.arange(len(g))
            # Relative to |w|^2, which is 1 but for plastic synapses.
            square = np.sum(self._W**2, axis=0)
            seen = np.mean(np.square(np.array(self._z)), axis=0) / square
            if least > 1e-9:
                out = self._W.T @ frames.response_covariance(C, self._W, g, alpha) @ self._W
                self.plots["Variance of each projection"].show(
                    seen=(k, seen), expected=(k, np.diag(out) / square)
                )

    def _draw_axes(self, C: np.ndarray) -> None:
        """Lines from end to end through the origin, of the first two neurons."""
        if len(C) < 2:
            return
        both = np.array([-1.0, 1.0])
        n = min(MOST_GAINS, self._W.shape[1])
        axes = np.linalg.eigh(C)[1][:, ::-1][:, :2]
        shown = {f"w{k}": (both * self._W[0, k], both * self._W[1, k]) for k in range(n)}
        shown |= {f"v{k}": (1.3 * both * axes[0, k], 1.3 * both * axes[1, k]) for k in range(2)}
        self.plots["Synapses and axes"].show(**shown)


def extend(explorer: ModelPage) -> Extension:
    """Ellipses, gains against g*, projections, distance from white, synapses, switches."""
    return Added(
        cards=Whitening(explorer).cards,
        controls=controls_of(explorer),
        leading=("own", "map", "circuit"),
        weights=WEIGHTS,
    )


if pn.state.served or __name__ == "__main__":
    from panels.alone import show

    show(__file__)
