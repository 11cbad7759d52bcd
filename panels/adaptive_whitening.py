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
from panels.widgets.course import Course

SAMPLES = 400  # of input and response that make up an ellipse
KEPT = 4000  # moments of errors that are drawn
GAP_S = 1.0  # lines do not reach over what is not known
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
        self._gains = Course(GAP_S)
        self._g: np.ndarray | None = None  # the latest
        self._t_ms = 0.0
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

    def _contexts(self, t_ms: np.ndarray) -> np.ndarray:
        """The contexts whose covariances are shown at some times, (T,) int, from the log."""
        count, found = len(self._C), np.zeros(len(t_ms), int)
        for e in self.explorer.interventions:
            since = t_ms >= e.t_ms
            if e.name == "SwitchContext":
                found[since] = int(e.args["context"])
            elif e.name == "CycleContexts":
                shown = (t_ms[since] - e.t_ms) // e.args["every_ms"]
                found[since] = np.minimum(shown, e.args["rounds"] * count - 1) % count
        return found

    def take(self, states: dict[str, np.ndarray], t_ms: np.ndarray) -> None:
        model = self._known()
        ends = (np.abs(t_ms % model.hold) < 1e-6) & (t_ms > 0)  # samples have settled there
        for k in np.flatnonzero(ends)[-SAMPLES:]:
            self._x.append(states["primary.x"][k])
            self._y.append(states["primary.y"][k])
            self._z.append(states["interneurons.z"][k])
        if len(t_ms):
            self._switched(states["interneurons.g"], t_ms)
            g = states["interneurons.g"]
            self._gains.add(t_ms / 1e3, g[:, :MOST_GAINS])
            self._g, self._t_ms = g[-1], float(t_ms[-1])

    def _switched(self, g: np.ndarray, t_ms: np.ndarray) -> None:
        """Note the errors on both sides of a switch of contexts, at the gains of that moment."""
        contexts, alpha = self._contexts(t_ms), self.explorer.values["alpha"]
        first = contexts[0] if self._shown is None else self._shown
        for k in np.flatnonzero(np.diff(contexts, prepend=first))[-KEPT:]:
            before = self._ended if k == 0 and self._ended is not None else g[max(k - 1, 0)]
            was = contexts[k - 1] if k else first
            errors = [frames.whitening_error(self._C[c], self._W, h, alpha)
                      for c, h in ((was, before), (contexts[k], g[k]))]  # fmt: skip
            self._onsets.append((float(t_ms[k]) / 1e3, *errors))
        self._shown, self._ended = int(contexts[-1]), g[-1]

    def draw(self) -> None:
        if self._g is None:
            return
        model = self._known()
        values = self.explorer.values
        alpha = values["alpha"]
        C, g = self._C[self._contexts(np.array([self._t_ms]))[0]], self._g
        t, gains = self._gains.line()
        best = self._best(C, alpha, model.parameter("clamp").text(values["clamp"]) != "free")
        lines: dict[str, tuple[Any, Any]] = {f"g{k}": (t, each) for k, each in enumerate(gains.T)}
        lines |= {f"o{k}": (t[[0, -1]], best[[k, k]]) for k in range(gains.shape[1])}
        self.plots["Gains"].show(**lines)
        least = frames.least_eigenvalue(g, self._W, alpha)
        error = frames.whitening_error(C, self._W, g, alpha) if least > 1e-9 else np.nan
        if self._white and self._white[-1][0] == self._t_ms / 1e3:
            self._white.pop()  # of the same moment, with other values
        self._white.append((self._t_ms / 1e3, max(error, 1e-6), max(least, 1e-6)))
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
