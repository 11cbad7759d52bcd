"""What each subspace unit looks at, as a picture of its own: blue for less, red for more."""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource
from bokeh.plotting import figure

from models._shared.tiles import tiled
from panels.model_plots.receptive_fields import BLANK, rgba, square_points
from workbench.plots.live import theme as themes

GROUND = 0.1  # how far a weight of nothing is from the page to the ink, so that squares are seen
SCALE = "red above 0, blue below; strongest: each unit's largest weight"
ENDS = {False: ((33, 102, 172), (178, 24, 43)), True: ((121, 180, 242), (240, 138, 122))}


def painted(rows: np.ndarray, dark: bool) -> np.ndarray:
    """(height, width, 3) uint8 of (M, pixels) weights, each row scaled to its largest size."""
    weight, owner = tiled(rows)
    top = np.maximum(np.abs(rows).max(axis=1), 1e-12)
    share = np.where(owner >= 0, weight / top[owner], 0.0)[..., None]
    t = themes.theme(dark)
    paper, ink = (np.array([int(c[k : k + 2], 16) for k in (1, 3, 5)], float)
                  for c in (t.surface, t.text))  # fmt: skip
    less, more = (np.array(end, float) for end in ENDS[dark])
    zero = paper + GROUND * (ink - paper)
    ground = np.where((owner >= 0)[..., None], zero, paper)
    found = ground + np.abs(share) * (np.where(share > 0, more, less) - ground)
    return np.rint(found).astype(np.uint8)


class Directions:
    """A grid of squares, in the pixels' plain order; those of tasks to come are still noise."""

    def __init__(self) -> None:
        self._fig = figure(
            sizing_mode="stretch_both", min_height=170, min_width=220, tools="", title=SCALE,
            toolbar_location=None, name="directions", html_attributes={
                "role": "img", "aria-label": f"What each subspace unit looks at: {SCALE}."},
            **square_points(),
        )  # fmt: skip
        self._source = ColumnDataSource(data=BLANK)
        self._fig.image_rgba("image", x=0, y=0, dw="w", dh="h", source=self._source)
        self._fig.axis.visible = self._fig.grid.visible = False
        self._dark = False
        self._rows: np.ndarray | None = None
        self.root: Any = self._fig
        self.set_dark(False)

    def clear(self) -> None:
        self._rows = None
        self._source.data = BLANK

    def show(self, rows: np.ndarray) -> None:
        """rows : (M, pixels)"""
        self._rows = rows
        colors = painted(rows, self._dark)
        height, width = colors.shape[:2]
        self._source.data = {"image": [rgba(colors)], "w": [width], "h": [height]}

    def set_dark(self, dark: bool) -> None:
        self._dark = dark
        themes.apply(self._fig, themes.theme(dark))
        self._fig.outline_line_color = None
        if self._rows is not None:
            self.show(self._rows)
