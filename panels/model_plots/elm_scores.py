"""Running scores of a prediction against the trials that are played: numbers and a plot."""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource, LinearAxis, Range1d
from bokeh.plotting import figure

from models.elm_neuron.data.trials import Trial
from models.elm_neuron.scores import CLIP_MV, DROP_MS, Moments, Ranking
from panels.widgets.waiting import Waiting
from workbench.palette import COMPARED
from workbench.plots.live import theme as themes
from workbench.plots.live.time_labels import TimeLabels

EMPTY = (
    "Play a trial with the controls:\nits first half second is left out,\n"
    "then the prediction is scored as it comes."
)


class Playing:
    """A trial that is being played to the neuron, and what the neuron has said to it so far.

    start_ms : simulated time at which it began; a sample at t is the answer to the ms before t
    """

    def __init__(self, trial: Trial, start_ms: float):
        self.trial, self.start_ms = trial, start_ms
        self.t_ms = start_ms + 1 + np.arange(trial.n_ms)
        self.v_mV = np.minimum(trial.v_soma_mV, CLIP_MV)
        self.spikes = trial.spikes()
        self.message = np.full((trial.n_ms, 2), np.nan)

    def take(self, t: np.ndarray, p: np.ndarray, v: np.ndarray) -> None:
        bins = np.rint(t - self.start_ms - 1).astype(int)
        mine = (bins >= 0) & (bins < len(self.message))
        self.message[bins[mine]] = np.stack([p[mine], v[mine]], axis=1)

    @property
    def end_ms(self) -> float:
        return self.start_ms + self.trial.n_ms

    def counted(self) -> np.ndarray:
        """The bins that count: answered, and not at the beginning."""
        known = np.flatnonzero(~np.isnan(self.message[:, 0]))
        return known[known >= DROP_MS]


def scores(played: list[Playing]) -> dict[str, float]:
    """Scores over everything that counts; empty when there is nothing yet."""
    bins = [p.counted() for p in played]
    some = [(p, b) for p, b in zip(played, bins, strict=True) if len(b)]
    if not some:
        return {}
    probability = np.concatenate([p.message[b, 0] for p, b in some])
    spikes = np.concatenate([p.spikes[b] for p, b in some])
    voltage = Moments([p.message[b, 1] for p, b in some], [p.v_mV[b] for p, b in some]).scores()
    ranking = Ranking(probability, spikes, np.zeros(len(spikes), int)).scores()
    return {
        "seconds": len(spikes) / 1000, "spikes": float(spikes.sum()), "auc": ranking["auc"],
        "average_precision": ranking["average_precision"], "rmse_mV": voltage["rmse_mV"],
        "explained": voltage["explained"],
    }  # fmt: skip


class RunningScores:
    """AUC (left axis) and voltage RMSE (right axis) of everything played so far."""

    def __init__(self, dark: bool = False):
        self.source = ColumnDataSource(data={"s": [], "auc": [], "rmse": []})
        fig: Any = figure(
            sizing_mode="stretch_both", min_height=110, min_width=200, tools="", title=None,
            toolbar_location=None, name="elm-scores", x_axis_label="scored (s)",
            y_axis_label="AUC", y_range=Range1d(0.5, 1.005), x_range=Range1d(0, 5),
        )  # fmt: skip
        TimeLabels(fig, "s")
        fig.extra_y_ranges = {"mV": Range1d(0, 3)}
        fig.add_layout(LinearAxis(y_range_name="mV", axis_label="RMSE (mV)"), "right")
        self._lines: list[Any] = [
            fig.line("s", "auc", source=self.source, line_width=2, legend_label="AUC"),
            fig.line("s", "rmse", source=self.source, line_width=2, line_dash=[6, 3],
                     y_range_name="mV", legend_label="RMSE"),
        ]  # fmt: skip
        fig.legend.orientation = "horizontal"
        fig.add_layout(fig.legend[0], "above")
        self.root: Any = fig
        self._waiting = Waiting(fig, EMPTY)
        self.set_dark(dark)

    def set_dark(self, dark: bool) -> None:
        themes.apply(self.root, themes.theme(dark))
        self._waiting.set_dark(dark)
        for line, ink in zip(self._lines, COMPARED[dark][:2], strict=True):
            line.glyph.line_color = ink

    def reset(self) -> None:
        self.source.data = {"s": [], "auc": [], "rmse": []}
        self.root.x_range.end = 5
        self._waiting.show(True)

    def show(self, played: list[Playing]) -> dict[str, float]:
        """Score again; returns the scores."""
        found = scores(played)
        if found:
            last = self.source.data["s"]
            if not len(last) or found["seconds"] > last[-1]:
                row = {"s": [found["seconds"]], "auc": [found["auc"]], "rmse": [found["rmse_mV"]]}
                self.source.stream(row, rollover=2000)
                self._waiting.show(False)
                self.root.x_range.end = max(5.0, 1.05 * found["seconds"])
                self.root.extra_y_ranges["mV"].end = max(3.0, 1.2 * max(self.source.data["rmse"]))
        return found


def sentence(found: dict[str, float], published: tuple[float, float] | None) -> str:
    """The scores as HTML, "" for none; ``published``: (AUC, RMSE) of this neuron, if known."""
    if not found:
        return ""  # the plot says what to do

    def message(name: str, digits: int) -> str:
        value = found[name]
        return "no spike yet" if value != value else f"{value:.{digits}f}"

    n = int(found["spikes"])
    cells = [
        ("AUC", message("auc", 4)), ("average precision", message("average_precision", 3)),
        ("RMSE", message("rmse_mV", 3) + " mV"),
        ("explained variance", f"{100 * found['explained']:.1f} %"),
        ("scored", f"{found['seconds']:.1f} s, {n} spike{'' if n == 1 else 's'}"),
    ]  # fmt: skip
    line = " · ".join(f"{name} <b>{value}</b>" for name, value in cells)
    more = ""
    if published is not None:
        more = (
            f"<p class='sum'>Published, on the NeuronIO test set: AUC {published[0]:.4f}, "
            f"RMSE {published[1]:.3f} mV (matched in mean and std).</p>"
        )
    return f"<div class='verdicts'><p class='sum'>{line}</p>{more}</div>"
