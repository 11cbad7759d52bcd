"""Precision and recall of the answers over time, as a live plot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource, Range1d
from bokeh.plotting import figure

from panels.widgets.waiting import Waiting
from workbench.palette import COMPARED
from workbench.plots.live import theme as themes
from workbench.plots.live.time_labels import TimeLabels

WINDOW = 10  # recalls over which the lines are averaged


class RecallQuality:
    """Mean precision and recall of the last ``WINDOW`` answers, at the time of each answer."""

    def __init__(self, least_s: float = 1.0, dark: bool = False):
        self._least_s = least_s  # how much time is shown at least
        self.source = ColumnDataSource(data={"t": [], "precision": [], "recall": []})
        fig = figure(
            sizing_mode="stretch_both", min_height=160, min_width=240, tools="", title=None,
            toolbar_location=None, y_range=Range1d(start=-0.04, end=1.06),
            x_range=Range1d(start=0, end=least_s), x_axis_label="time (s)",
            y_axis_label=f"mean of the last {WINDOW}", name="recall-quality",
        )  # fmt: skip
        TimeLabels(fig, "s")
        self._lines: list[Any] = [
            fig.line("t", "precision", source=self.source, line_width=2, legend_label="precision"),
            fig.line(
                "t", "recall", source=self.source, line_width=2, line_dash=[6, 3],
                legend_label="recall",
            ),
        ]  # fmt: skip
        self._dots: list[Any] = [
            fig.scatter("t", "precision", source=self.source, size=5),
            fig.scatter("t", "recall", source=self.source, size=5, marker="square"),
        ]
        fig.legend.orientation = "horizontal"
        fig.add_layout(fig.legend[0], "above")
        self.root: Any = fig
        self._waiting = Waiting(
            fig, "Teach the memory and ask it: here stands how well it answers."
        )
        self.set_dark(dark)

    def set_dark(self, dark: bool) -> None:
        themes.apply(self.root, themes.theme(dark))
        self._waiting.set_dark(dark)
        for renderers in (self._lines, self._dots):
            for renderer, color in zip(renderers, COMPARED[dark][:2], strict=True):
                renderer.glyph.update(line_color=color)
        for renderer, color in zip(self._dots, COMPARED[dark][:2], strict=True):
            renderer.glyph.update(fill_color=color)

    def show(self, evaluated: Sequence[Any]) -> None:
        """Draw the verdicts on finished recalls."""
        done = [v for v in evaluated if v.is_recall and v.state != "pending"]
        data: dict[str, Any] = {"t": np.array([v.tick / 1000 for v in done])}
        for name in ("precision", "recall"):
            values = np.array([getattr(v, name) for v in done], dtype=float)
            data[name] = running_mean(values, WINDOW)
        self.source.data = data
        self._waiting.show(not done)
        self.root.x_range.end = max(self._least_s, 1.05 * data["t"][-1]) if done else self._least_s


def running_mean(values: np.ndarray, window: int) -> np.ndarray:
    """Mean of each value and up to ``window - 1`` before it; same length as ``values``."""
    total = np.concatenate([[0.0], np.cumsum(values)])
    ends = np.arange(1, len(values) + 1)
    starts = np.maximum(ends - window, 0)
    return (total[ends] - total[starts]) / (ends - starts)
