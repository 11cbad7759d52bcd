"""What is special to orthogonal projection: five tasks with and without, and what is protected."""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np
import panel as pn

from models.orthogonal_projection.tasks import PIXELS, accuracies, captured, rows_of, tasks_of
from panels.extension import Added, Extension, ModelPage
from panels.model_plots.directions import Directions
from panels.model_plots.gain import Curve, Lines, Watcher, controls_of
from panels.theme import css

WEIGHTS = ("input_to_subspace", "input_to_readout", "input_to_control")
KEPT = 3000  # moments that are drawn
MOST = 6  # lines, one a task


def _tasks_lines(name: str, words: str) -> Lines:
    return Lines(
        name, f"pictures shown (1,000), {words}", "right (%)",
        [Curve(f"t{k}", f"{k + 1}", k) for k in range(MOST)],
        empty=f"Test accuracy on each task,\n{words}.", level=10.0,
    )  # fmt: skip


class Projection(Watcher):
    """Reads both readouts from their weights, whenever these arrive."""

    def __init__(self, explorer: ModelPage):
        self.plots = {
            "with": _tasks_lines("with", "with projection"),
            "without": _tasks_lines("without", "without it"),
            "directions": Directions(),
            "circuit": Lines(
                "lateral", "pictures shown (1,000)", "share",
                [Curve("protected", "learnt and protected", 0),
                 Curve("free", "present and free", 2),
                 Curve("off", "|H H′ − 1|", 1)],
                empty="How much of the learnt tasks' pictures lies in the span of H,\nhow much of "
                "the present one's does not,\nand how far its rows are from right angles.",
            ),
        }  # fmt: skip
        self.clear()
        super().__init__(explorer)

    def clear(self) -> None:
        self._shown: deque[float] = deque(maxlen=KEPT)
        self._read: deque[np.ndarray] = deque(maxlen=KEPT)  # (2, tasks)
        self._lateral: deque[tuple[float, float, float]] = deque(maxlen=KEPT)
        self._w: dict[str, np.ndarray] = {}
        self._new = False
        self._t_ms = 0.0
        self._known: Any = None

    def learned(self, weights: dict[str, np.ndarray]) -> None:
        found = {k: w for k, w in weights.items() if k in WEIGHTS}
        self._w |= found
        self._new |= bool(found)

    def take(self, states: dict[str, np.ndarray], t_ms: np.ndarray) -> None:
        self._t_ms = float(t_ms[-1])

    def _task(self) -> int:
        """The task that is learnt now, from the log of tasks that were begun by hand."""
        values, begun, first = self.explorer.values, 0.0, 0
        for e in self.explorer.interventions:
            if e.name == "StartTask" and e.t_ms <= self._t_ms:
                begun, first = e.t_ms, int(e.args["task"])
        shown = first * values["samples"] + self._t_ms - begun
        return int(min(shown // values["samples"], values["n_tasks"] - 1))

    def draw(self) -> None:
        if not self._new or any(name not in self._w for name in WEIGHTS):
            return
        self._new = False
        values = self.explorer.values
        if self._known is None:
            self._known = tasks_of(self.explorer.model)
        given, H = self._known, np.asarray(self._w["input_to_subspace"], float)
        mine = rows_of(values["n_first"], values["n_more"], values["n_tasks"])
        task = self._task()
        self._shown.append(self._t_ms / 1000)
        self._read.append(np.array([accuracies(self._w[name], given) for name in WEIGHTS[1:]]))
        old = H[mine < task]
        seen = [captured(H[mine <= k], given.test[k]) for k in range(task)]
        known = H[mine <= task]
        off = float(np.abs(known @ known.T - np.eye(len(known))).max()) if len(known) else 0.0
        self._lateral.append(
            (float(np.mean(seen)) if seen else np.nan, 1 - captured(old, given.test[task]), off)
        )
        self._show(given, H, mine)

    def _show(self, given: Any, H: np.ndarray, mine: np.ndarray) -> None:
        shown, read = np.array(self._shown), np.array(self._read)
        for r, name in enumerate(("with", "without")):
            self.plots[name].show(
                **{f"t{k}": (shown, read[:, r, k]) for k in range(min(MOST, read.shape[2]))}
            )
        protected, free, off = np.array(self._lateral).T
        self.plots["circuit"].show(
            protected=(shown, protected), free=(shown, free), off=(shown, np.minimum(off, 1.5))
        )
        plain = np.zeros((len(H), PIXELS))
        for k, row in enumerate(H):  # back to the order of the picture
            plain[k, given.orders[mine[k]]] = row
        self.plots["directions"].show(plain)

    @property
    def cards(self) -> dict[str, Any]:
        both = pn.Row(
            self.plots["with"].pane, self.plots["without"].pane, sizing_mode="stretch_both",
            margin=0, stylesheets=[css("side_by_side")],
        )  # fmt: skip
        directions = pn.pane.Bokeh(
            self.plots["directions"].root, sizing_mode="stretch_both", margin=0
        )
        return {
            "Tasks one after the other": both,
            "Directions of the input": directions,
            "Lateral circuit": self.plots["circuit"].pane,
        }


def extend(explorer: ModelPage) -> Extension:
    """Both readouts first, then what the lateral circuit has learnt."""
    return Added(
        cards=Projection(explorer).cards,
        controls=controls_of(explorer),
        leading=("own", "circuit", "map", "weights"),
        weights=WEIGHTS,
    )


if pn.state.served or __name__ == "__main__":
    from panels.alone import show

    show(__file__)
