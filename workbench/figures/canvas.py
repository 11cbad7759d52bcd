"""A Matplotlib figure with a fixed size on paper and a notebook representation."""

from __future__ import annotations

import io
from typing import Any

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

SCREEN_DPI = 220  # displayed at half the pixel size, sharp on high-resolution screens
_FONTS = {"pdf.fonttype": 42, "svg.fonttype": "none"}


class ExportedFigure(Figure):
    """A figure that is not registered with pyplot, so it is freed with its last reference.

    placed : whoever draws it says where the axes are; otherwise Matplotlib makes room
    """

    def __init__(self, width_mm: float, height_mm: float, placed: bool = False):
        size = (width_mm / 25.4, height_mm / 25.4)
        super().__init__(figsize=size, layout=None if placed else "constrained", facecolor="white")
        FigureCanvasAgg(self)
        if placed:
            return
        engine: Any = self.get_layout_engine()
        engine.set(w_pad=1.5 / 72, h_pad=1.5 / 72, hspace=0.02, wspace=0.02)

    def savefig(self, *args: Any, **options: Any) -> None:
        """Save as Matplotlib does, always with embedded fonts."""
        with mpl.rc_context(_FONTS):
            super().savefig(*args, **options)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[Any, Any]:
        buffer = io.BytesIO()
        self.savefig(buffer, format="png", dpi=SCREEN_DPI)
        width = round(self.get_size_inches()[0] * SCREEN_DPI / 2)
        return {"image/png": buffer.getvalue()}, {"image/png": {"width": width}}
