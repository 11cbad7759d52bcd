"""Cells with their dendritic segments as small trees: each segment lights up as it is driven."""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource, LinearColorMapper, Range1d
from bokeh.plotting import figure

from panels.model_plots.gain import COLORS, ORANGE
from workbench.plots.live import theme as themes

MOST_CELLS, MOST_SEGMENTS = 30, 40  # drawn; the others are counted all the same
PER_ROW = 10
KINDS = ("recognised", "false match", "missed")
RECOGNISED, FALSE, MISSED = 0, ORANGE, 1  # their colours, in the plots beside the trees too
INKS = {dark: tuple(colors[k] for k in (RECOGNISED, FALSE, MISSED))
        for dark, colors in COLORS.items()}  # fmt: skip
DRIVEN = {False: "#3A6EA5", True: "#7FB5EA"}  # of a segment on its way to the threshold
SHADES = 32
NOWHERE = np.full((1, 2, 2), np.nan)


def trees(n_cells: int, n_segments: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where everything is drawn, in units of a cell's width.

    returns : (cells, 2) somata, (cells, 2, 2) trunks, (cells, segments, 2, 2) both ends of segments
    """
    k = np.arange(n_cells)
    columns = min(PER_ROW, n_cells)
    somata = np.stack([k % columns + 0.5, -1.0 * (k // columns)], axis=1)
    top = 0.72
    trunks = np.stack([somata, somata + np.array([0.0, top])], axis=1)
    s = np.arange(n_segments)
    side = np.where(s % 2, 1.0, -1.0)
    level = (s // 2 + 0.5) / max(1, (n_segments + 1) // 2)
    reach = 0.42 * (1 - 0.62 * level)  # a tree becomes narrow towards its top
    start = np.stack([0.012 * side, 0.1 + (top - 0.1) * level], axis=1)
    end = start + np.stack([side * reach, 0.09 + 0 * level], axis=1)
    ends = np.stack([start, end], axis=1)
    return somata, trunks, somata[:, None, None, :] + ends[None]


class Forest:
    """Segments coloured by the share of the threshold that their overlap reaches.

    Active ones are drawn in the colour of what they are: recognised, false match; and so are those
    that missed a pattern they store.
    """

    def __init__(self) -> None:
        self._segments = ColumnDataSource(data={"xs": [], "ys": [], "share": []})
        self._somata = ColumnDataSource(data={"x": [], "y": []})
        self._active = ColumnDataSource(data={"x": [], "y": []})
        self._trunks = ColumnDataSource(data={"xs": [], "ys": []})
        self._kinds = {k: ColumnDataSource(data={"xs": [], "ys": []}) for k in KINDS}
        self._mapper = LinearColorMapper(palette=["#000000"] * SHADES, low=0, high=1)
        fig = figure(
            sizing_mode="stretch_both", min_height=170, min_width=260, tools="", title=None,
            toolbar_location=None, x_range=Range1d(0, PER_ROW), y_range=Range1d(-1.2, 0.85),
            name="forest", html_attributes={"role": "img", "aria-label": "segments of all cells"},
        )  # fmt: skip
        fig.axis.visible = fig.grid.visible = False
        self._trunk: Any = fig.multi_line("xs", "ys", source=self._trunks, line_width=2.5)
        fig.multi_line(
            "xs", "ys", source=self._segments, line_width=2.2, line_cap="round",
            line_color={"field": "share", "transform": self._mapper},
        )  # fmt: skip
        self._lit: list[Any] = [
            fig.multi_line(
                "xs", "ys", source=self._kinds[k], line_width=4, line_cap="round", legend_label=k,
                line_dash="dashed" if k == "missed" else "solid",
            )
            for k in KINDS
        ]  # fmt: skip
        self._soma: Any = fig.scatter("x", "y", source=self._somata, size=9, line_width=0)
        self._told: Any = fig.scatter("x", "y", source=self._active, size=13, line_width=0)
        fig.legend.update(orientation="horizontal", padding=2, spacing=12, margin=0)
        fig.add_layout(fig.legend[0], "above")
        self.root: Any = fig
        self._places = trees(0, 0)
        self.set_dark(False)

    def set_dark(self, dark: bool) -> None:
        """Restyle for a dark or a light page."""
        t = themes.theme(dark)
        themes.apply(self.root, t)
        self._mapper.palette = [
            themes.mix(t.grid, DRIVEN[dark], (k / (SHADES - 1)) ** 1.5) for k in range(SHADES)
        ]
        self._trunk.glyph.line_color = t.grid
        self._soma.glyph.fill_color = t.axis
        self._told.glyph.fill_color = t.text
        for drawn, ink in zip(self._lit, INKS[dark], strict=True):
            drawn.glyph.line_color = ink

    def grow(self, n_cells: int, n_segments: int) -> None:
        """Draw so many cells, nothing lit."""
        cells, each = min(n_cells, MOST_CELLS), min(n_segments, MOST_SEGMENTS)
        self._places = somata, trunks, ends = trees(cells, each)
        flat = ends.reshape(-1, 2, 2)
        self.root.x_range.update(start=0, end=min(PER_ROW, cells))
        self.root.y_range.update(start=float(somata[:, 1].min()) - 0.12, end=0.85)
        self._somata.data = {"x": somata[:, 0], "y": somata[:, 1]}
        self._trunks.data = {"xs": list(trunks[:, :, 0]), "ys": list(trunks[:, :, 1])}
        self._segments.data = {
            "xs": list(flat[:, :, 0]), "ys": list(flat[:, :, 1]), "share": np.zeros(len(flat)),
        }  # fmt: skip
        self.clear()

    def clear(self) -> None:
        """Nothing is driven, nothing lit."""
        self._light(np.zeros(len(self._segments.data["share"])), {})

    def show(self, overlap: np.ndarray, lit: np.ndarray, knows: np.ndarray, theta: float) -> None:
        """One volley.

        overlap, lit : (cells, segments) active synapses, and whether the segment is active
        knows        : (cells, segments) whether it stores the pattern that is shown
        """
        cells, each = self._places[2].shape[:2]
        overlap, lit, knows = (x[:cells, :each] for x in (overlap, lit > 0.5, knows))
        kinds = (lit & knows, lit & ~knows, knows & ~lit)
        self._light(np.clip(overlap / theta, 0, 1).ravel(), dict(zip(KINDS, kinds, strict=True)))

    def _light(self, shares: np.ndarray, kinds: dict[str, np.ndarray]) -> None:
        somata, _, ends = self._places
        self._segments.patch({"share": [(slice(len(shares)), shares)]})
        none = np.zeros(ends.shape[:2], bool)
        for k in KINDS:
            chosen = ends[kinds.get(k, none)]
            if not len(chosen):  # without any line, Bokeh leaves it out of the legend
                chosen = NOWHERE
            self._kinds[k].data = {"xs": list(chosen[:, :, 0]), "ys": list(chosen[:, :, 1])}
        active = (kinds.get(KINDS[0], none) | kinds.get(KINDS[1], none)).any(axis=1)
        self._active.data = {"x": somata[active, 0], "y": somata[active, 1]}
