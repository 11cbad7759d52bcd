"""What each subspace unit looks at, as a picture of its own: blue for less, red for more."""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource, Range1d
from bokeh.plotting import figure

from models._shared.tiles import GAP, tiled
from panels.model_plots.receptive_fields import rgba
from workbench.plots.live import theme as themes

ENDS = {False: ((33, 102, 172), (178, 24, 43)), True: ((121, 180, 242), (240, 138, 122))}


def painted(rows: np.ndarray, dark: bool) -> np.ndarray:
    """(height, width, 3) uint8 of (M, pixels) weights, each row scaled to its largest size."""
    weight, owner = tiled(rows)
    top = np.maximum(np.abs(rows).max(axis=1), 1e-12)
    share = np.where(owner >= 0, weight / top[owner], 0.0)[..., None]
    surface = themes.theme(dark).surface
    paper = np.array([int(surface[k : k + 2], 16) for k in (1, 3, 5)], float)
    less, more = (np.array(end, float) for end in ENDS[dark])
    zero = paper + 0.06 * (more - paper)
    ground = np.where((owner >= 0)[..., None], zero, paper)
    found = ground + np.abs(share) * (np.where(share > 0, more, less) - ground)
    return np.rint(found).astype(np.uint8)


class Directions:
    """A grid of squares, in the pixels' plain order; those of tasks to come are still noise."""

    def __init__(self) -> None:
        self._fig = figure(
            sizing_mode="stretch_both", min_height=170, min_width=220, tools="", title=None,
            toolbar_location=None, x_range=Range1d(0, 1), y_range=Range1d(1, 0),
            name="directions", html_attributes={
                "role": "img", "aria-label": "What each subspace unit looks at."},
        )  # fmt: skip
        self._source = ColumnDataSource(data={"image": [], "w": [], "h": []})
        self._fig.image_rgba("image", x=0, y=0, dw="w", dh="h", source=self._source)
        self._fig.axis.visible = self._fig.grid.visible = False
        self._dark = False
        self._rows: np.ndarray | None = None
        self.root: Any = self._fig
        self.set_dark(False)

    def clear(self) -> None:
        self._rows = None
        self._source.data = {"image": [], "w": [], "h": []}

    def show(self, rows: np.ndarray) -> None:
        """rows : (M, pixels)"""
        self._rows = rows
        colors = painted(rows, self._dark)
        height, width = colors.shape[:2]
        self._source.data = {"image": [rgba(colors)], "w": [width], "h": [height]}
        self._fig.x_range.update(start=-GAP, end=width + GAP)
        self._fig.y_range.update(start=height + GAP, end=-GAP)

    def set_dark(self, dark: bool) -> None:
        self._dark = dark
        themes.apply(self._fig, themes.theme(dark))
        self._fig.outline_line_color = None
        if self._rows is not None:
            self.show(self._rows)
