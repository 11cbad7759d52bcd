"""What is special to orthogonal projection: five tasks with and without, and what is protected."""

from __future__ import annotations

from typing import Any

import numpy as np
import panel as pn

from models.orthogonal_projection.tasks import PIXELS, accuracies, captured, rows_of, tasks_of
from panels.extension import Added, Extension, ModelPage
from panels.model_plots.directions import Directions
from panels.model_plots.gain import Curve, Lines, Watcher, controls_of
from panels.theme import css
from panels.widgets.course import Course

LATERAL, READOUTS = "input_to_subspace", ("input_to_readout", "input_to_control")
WEIGHTS = (LATERAL, *READOUTS)
EVERY_MS = 100.0  # a step is a picture
GAP = 0.25  # of a task: lines do not reach over what is not known
AT_ONCE = 60  # moments that are evaluated in one drawing; they cost some ms each
WAITING = 4000  # moments that wait for that; of more, every second one goes
MOST = 6  # lines, one a task
SHARES = ("protected", "free", "off")  # lines of the lateral circuit


def _tasks_lines(name: str, words: str) -> Lines:
    return Lines(
        name, "pictures shown (1,000)", "right (%)",
        [Curve(f"t{k}", f"{k}" if k else f"task {k}", k) for k in range(MOST)],
        empty=f"Test accuracy on each task,\n{words}.", level=10.0, title=words.capitalize(),
    )  # fmt: skip


class _Waiting:
    """Weights of moments that are not evaluated yet, in their order."""

    def __init__(self) -> None:
        self._rows: list[tuple[float, np.ndarray]] = []

    def add(self, t_ms: np.ndarray, w: np.ndarray) -> None:
        self._rows += zip(t_ms.tolist(), w, strict=True)
        if len(self._rows) > WAITING:
            self._rows = self._rows[::2]

    def take(self) -> list[tuple[float, np.ndarray]]:
        """All of them, or as many as there is time for, evenly."""
        rows, self._rows = self._rows, []
        if len(rows) <= AT_ONCE:
            return rows
        chosen = np.unique(np.linspace(0, len(rows) - 1, AT_ONCE).round().astype(int))
        return [rows[k] for k in chosen]


class Projection(Watcher):
    """Reads both readouts, and the lateral circuit, from their weights of every few pictures."""

    def __init__(self, explorer: ModelPage):
        self.plots = {
            "with": _tasks_lines("with", "with projection"),
            "without": _tasks_lines("without", "without it"),
            "directions": Directions(),
            "circuit": Lines(
                "lateral", "pictures shown (1,000)", "share",
                [Curve(SHARES[0], "learnt and protected", 0),
                 Curve(SHARES[1], "present and free", 2),
                 Curve(SHARES[2], "off right angles |H Hᵀ − 1|", 1)],
                empty="How much of the learnt tasks' pictures lies in the span of H,\nhow much of "
                "the present one's does not,\nand how far its rows are from right angles.",
            ),
        }  # fmt: skip
        self.clear()
        super().__init__(explorer)

    def clear(self) -> None:
        self._waiting = {name: _Waiting() for name in WEIGHTS}
        self._courses = {name: Course() for name in WEIGHTS}
        self._known: Any = None
        self._H: np.ndarray | None = None

    def _frames(self, frames: list[Any], t_ms: float) -> None:
        for frame in frames:
            for name, (t, w) in frame.followed.items():
                self._waiting[name].add(t, w)
        super()._frames(frames, t_ms)

    def learned(self, weights: dict[str, np.ndarray]) -> None:
        self._H = weights.get(LATERAL, self._H)

    def _task(self, t_ms: float) -> int:
        """The task that is learnt at a time, from the log of tasks that were begun by hand."""
        values, begun, first = self.explorer.values, 0.0, 0
        for e in self.explorer.interventions:
            if e.name == "StartTask" and e.t_ms <= t_ms:
                begun, first = e.t_ms, int(e.args["task"])
        shown = first * values["samples"] + t_ms - begun
        return int(min(shown // values["samples"], values["n_tasks"] - 1))

    def draw(self) -> None:
        values = self.explorer.values
        if self._known is None:
            self._known = tasks_of(self.explorer.model)
        mine = rows_of(values["n_first"], values["n_more"], values["n_tasks"])
        for course in self._courses.values():
            course.gap = max(GAP * values["samples"], 1.5 * EVERY_MS) / 1000
        for name, plot in zip(READOUTS, ("with", "without"), strict=True):
            for t_ms, w in self._waiting[name].take():
                self._courses[name].add(t_ms / 1000, accuracies(w, self._known))
            shown, read = self._courses[name].line()
            lines = {f"t{k}": (shown, r) for k, r in enumerate(read.T[:MOST])}
            self.plots[plot].show(**lines)
        for t_ms, H in self._waiting[LATERAL].take():
            self._courses[LATERAL].add(t_ms / 1000, self._lateral(t_ms, H, mine))
        shown, shares = self._courses[LATERAL].line()
        if len(shown):
            lines = {k: (shown, s) for k, s in zip(SHARES, shares.T, strict=True)}
            self.plots["circuit"].show(**lines)
        if self._H is not None:
            self._show_directions(np.asarray(self._H, float), mine)
            self._H = None

    def _lateral(self, t_ms: float, H: np.ndarray, mine: np.ndarray) -> np.ndarray:
        """What `SHARES` names, at a time."""
        task, given = self._task(t_ms), self._known
        seen = [captured(H[mine <= k], given.test[k]) for k in range(task)]
        known = H[mine <= task]
        off = float(np.abs(known @ known.T - np.eye(len(known))).max()) if len(known) else 0.0
        protected = float(np.mean(seen)) if seen else np.nan
        free = 1 - captured(H[mine < task], given.test[task])
        return np.array([protected, free, min(off, 1.5)])

    def _show_directions(self, H: np.ndarray, mine: np.ndarray) -> None:
        plain = np.zeros((len(H), PIXELS))
        for k, row in enumerate(H):  # back to the order of the picture
            plain[k, self._known.orders[mine[k]]] = row
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
        weights=(LATERAL,),
        followed=dict.fromkeys(WEIGHTS, EVERY_MS),
    )


if pn.state.served or __name__ == "__main__":
    from panels.alone import show

    show(__file__)
