"""What is special to adaptive whitening: ellipses in and out, gains, how white it is."""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np
import panel as pn

from models import _gain_frames as frames
from models._gain_whitening_network import covariances, frame_of
from panels.gain_pictures import Line, Lines, Watcher, controls_of, ellipse

LEADING = ("own", "map", "circuit")
SAMPLES = 400  # of input and response that make up an ellipse
KEPT = 4000  # moments of gains and errors that are drawn
MOST_GAINS = 5  # lines of gains


class Whitening(Watcher):
    """Watches inputs, responses and gains, and compares them with the closed forms."""

    def __init__(self, explorer: Any):
        self.pictures = {
            "Covariance, in and out": Lines(
                "covariance", "neuron 0", "neuron 1",
                [Line("input", "input", 1), Line("output", "response", 0),
                 Line("unit", "white", 4, dashed=True), Line("cloud", "", 0, points=True)],
                empty="One standard deviation of input and response,\nof the last 400 samples.",
                equal=True,
            ),
            "Gains": Lines(
                "gains", "time (s)", "gain",
                [Line(f"g{k}", f"g{k}", k) for k in range(MOST_GAINS)]
                + [Line(f"o{k}", "", k, dashed=True) for k in range(MOST_GAINS)],
                empty="Gains of the first interneurons; dashed: their optimum g*.",
            ),
            "Variance of each projection": Lines(
                "projections", "interneuron", "variance of z",
                [Line("seen", "last 400 samples", 0, points=True),
                 Line("expected", "at the present gains", 1, points=True)],
                empty="What each interneuron sees; adapted, all are 1.", level=1.0,
            ),
            "Distance from white": Lines(
                "whiteness", "time (s)", "|C_yy − I|",
                [Line("error", "operator norm", 0), Line("least", "least eigenvalue of M", 2)],
                empty="Operator norm of C_yy − I at the present gains.", logy=True,
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
        self._model: Any = None

    def _known(self) -> Any:
        """Frame and contexts of the running model; they change only with a new network."""
        if self._model is None:
            self._model = self.explorer.model_class(**self.explorer.values)
            self._W, self._C = frame_of(self._model), covariances(self._model)
        return self._model

    def _context(self) -> int:
        """The context whose covariance is shown now, from the log."""
        count, now = len(self._C), 0
        for e in self.explorer.session.interventions if self.explorer.session else ():
            if e["name"] == "SwitchContext":
                now = int(e["args"]["context"])
            elif e["name"] == "CycleContexts" and self._t:
                ran = self._t[-1] - e["t_ms"]
                shown = ran // e["args"]["every_ms"]
                now = int(min(shown, e["args"]["rounds"] * count - 1)) % count
        return now

    def take(self, states: dict[str, np.ndarray], t_ms: np.ndarray) -> None:
        model = self._known()
        ends = (np.abs(t_ms % model.hold) < 1e-6) & (t_ms > 0)  # samples have settled there
        for k in np.flatnonzero(ends):
            self._x.append(states["primary.x"][k])
            self._y.append(states["primary.y"][k])
            self._z.append(states["interneurons.z"][k])
        step = max(1, len(t_ms) // 4)
        for k in range(0, len(t_ms), step):
            self._g.append(states["interneurons.g"][k])
            self._t.append(float(t_ms[k]))

    def draw(self) -> None:
        if not self._g:
            return
        model = self._known()
        values = self.explorer.values
        alpha = values["alpha"]
        C, g, t = self._C[self._context()], self._g[-1], np.array(self._t) / 1e3
        best = frames.optimal_gains(
            C, self._W, alpha, non_negative=model.quantity("clamp").text(values["clamp"]) != "free"
        )
        n = min(MOST_GAINS, len(g))
        history = np.array(self._g)
        lines: dict[str, tuple[Any, Any]] = {f"g{k}": (t, history[:, k]) for k in range(n)}
        lines |= {f"o{k}": ((t[0], t[-1]), (best[k], best[k])) for k in range(n)}
        self.pictures["Gains"].show(**lines)
        least = frames.least_eigenvalue(g, self._W, alpha)
        error = frames.whitening_error(C, self._W, g, alpha) if least > 1e-9 else np.nan
        self._white.append((self._t[-1] / 1e3, max(error, 1e-6), max(least, 1e-6)))
        when, errors, leasts = np.array(self._white).T
        self.pictures["Distance from white"].show(error=(when, errors), least=(when, leasts))
        if len(self._y) > 20 and len(C) > 1:
            y = np.array(self._y)
            self.pictures["Covariance, in and out"].show(
                input=ellipse(C), output=ellipse(np.cov(y.T)), unit=ellipse(np.eye(2)),
                cloud=(y[-80:, 0], y[-80:, 1]),
            )  # fmt: skip
        if len(self._z) > 20:
            k = np.arange(len(g))
            seen = np.mean(np.square(np.array(self._z)), axis=0)
            if least > 1e-9:
                out = self._W.T @ frames.response_covariance(C, self._W, g, alpha) @ self._W
                self.pictures["Variance of each projection"].show(
                    seen=(k, seen), expected=(k, np.diag(out))
                )


def extra(explorer: Any) -> dict[str, Any]:
    """Covariance ellipses, gains against g*, variances of the projections, distance from white."""
    return Whitening(explorer).cards


def controls(explorer: Any) -> Any:
    """Switch or cycle contexts, set gains; the classic figure."""
    return controls_of(explorer)


if pn.state.served:
    from panels.explorer import app

    app("adaptive-whitening").servable()
