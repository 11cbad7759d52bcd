"""Two rasters of one pass in one plot: matched spikes, extra ones, and missed ones that fade."""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource, Label, Legend, LegendItem, Node, Range1d
from bokeh.plotting import figure

from workbench.plots.live import theme as themes
from workbench.plots.live.time_labels import TimeLabels

KINDS = ("matched", "extra", "missed")
INKS = {
    False: {"matched": "#9AA3AD", "extra": "#D55E00", "missed": "#0072B2"},
    True: {"matched": "#6C7681", "extra": "#F0A04B", "missed": "#56B4E9"},
}
# No kind is told by its colour alone.
MARKERS = {"matched": ("circle", 3), "extra": ("triangle", 7), "missed": ("circle", 8)}
FADING = 0.75  # of what a missed spike was, in the next pass in which it is matched
FAINT = 0.06  # below it, a mark is not drawn
EMPTY = (
    "Spikes of the latest pass: matched, extra, and missed ones,\nwhich fade once they are matched."
)


class TwoRasters:
    """One row a neuron, time within the pass. A missed spike is full at once, and then fades."""

    def __init__(self) -> None:
        self.sources = {
            k: ColumnDataSource(data={"t": [], "i": [], "a": []}) for k in KINDS
        }  # fmt: skip
        fig = figure(
            sizing_mode="stretch_both", min_height=260, min_width=300, tools="", title=None,
            toolbar_location=None, x_range=Range1d(0, 1), y_range=Range1d(-1, 1),
            name="two rasters",
            x_axis_label="time in the pass (s)", y_axis_label="neuron",
            html_attributes={"role": "img", "aria-label": "spikes of learner and reference"},
        )  # fmt: skip
        TimeLabels(fig, "s")
        fig.grid.visible = False
        self._drawn: dict[str, Any] = {}
        self._samples: dict[str, Any] = {}  # in the legend, where a mark that fades would be faint
        items = []
        for kind in KINDS:
            marker, size = MARKERS[kind]
            look: dict[str, Any] = {"marker": marker, "size": size, "line_width": 1.6}
            self._drawn[kind] = fig.scatter(
                "t", "i", source=self.sources[kind], line_alpha="a",
                fill_alpha=0.0 if kind == "missed" else "a", **look,
            )  # fmt: skip
            self._samples[kind] = fig.scatter(
                [0], [0], fill_alpha=float(kind != "missed"), visible=False, **look
            )
            renderers = [self._drawn[kind], self._samples[kind]]
            items.append(LegendItem(label={"value": kind}, renderers=renderers))
        fig.add_layout(Legend(items=items))
        fig.legend.update(orientation="horizontal", padding=2, spacing=12, margin=0)
        fig.add_layout(fig.legend[0], "above")
        self._empty = Label(
            x=Node(target="frame", symbol="center"), y=Node(target="frame", symbol="center"),
            text=EMPTY, text_align="center", text_baseline="middle", text_font=themes.FONT,
            text_font_size="13px", level="overlay",
        )  # fmt: skip
        fig.add_layout(self._empty)
        self._items = dict(zip(KINDS, fig.legend[0].items, strict=True))
        self.root: Any = fig
        self.clear()
        self.set_dark(False)

    def set_dark(self, dark: bool) -> None:
        """Restyle for a dark or a light page."""
        themes.apply(self.root, themes.theme(dark))
        self._empty.text_color = themes.theme(dark).muted
        for renderers in (self._drawn, self._samples):
            for kind, drawn in renderers.items():
                drawn.glyph.update(line_color=INKS[dark][kind], fill_color=INKS[dark][kind])

    def clear(self) -> None:
        """Nothing has fired yet."""
        self._strength: np.ndarray | None = None
        for source in self.sources.values():
            source.data = {"t": [], "i": [], "a": []}
        for kind, item in self._items.items():
            item.label = {"value": kind}
        self._empty.visible = True

    def take(self, missed: np.ndarray) -> None:
        """Missed spikes of a pass, (steps, N) bool: those of before fade."""
        before = np.zeros(missed.shape) if self._strength is None else self._strength
        self._strength = np.maximum(missed, FADING * before)

    def draw(self, learner: np.ndarray, extra: np.ndarray, missed: np.ndarray, dt_s: float) -> None:
        """Show the pass that was taken last.

        learner, extra, missed : (steps, N) bool
        """
        assert self._strength is not None
        steps, n = learner.shape
        self.root.x_range.update(start=0, end=steps * dt_s)
        self.root.y_range.update(start=-1, end=n)
        strength = {"matched": learner & ~extra, "extra": extra, "missed": self._strength}
        counts = {
            "matched": strength["matched"].sum(),
            "extra": extra.sum(),
            "missed": missed.sum(),
        }
        for kind, values in strength.items():
            k, i = np.nonzero(values > FAINT)
            self.sources[kind].data = {"t": k * dt_s, "i": i, "a": values[k, i].astype(float)}
            self._items[kind].label = {"value": f"{kind} {counts[kind]:,}"}
        self._empty.visible = False
