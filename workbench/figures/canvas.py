"""A Matplotlib figure that knows its size on paper, and shows itself in a notebook."""

from __future__ import annotations

import io
from typing import Any

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

SCREEN_DPI = 220  # shown at half of it, which is what a sharp screen draws
_FONTS = {"pdf.fonttype": 42, "svg.fonttype": "none"}


class ExportedFigure(Figure):
    """Not one of pyplot's: nothing keeps it but whoever asked for it."""

    def __init__(self, width_mm: float, height_mm: float):
        size = (width_mm / 25.4, height_mm / 25.4)
        super().__init__(figsize=size, layout="constrained", facecolor="white")
        FigureCanvasAgg(self)
        engine: Any = self.get_layout_engine()
        engine.set(w_pad=1.5 / 72, h_pad=1.5 / 72, hspace=0.02, wspace=0.02)

    def savefig(self, *args: Any, **options: Any) -> None:
        """As Matplotlib's, with fonts embedded whoever calls it."""
        with mpl.rc_context(_FONTS):
            super().savefig(*args, **options)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[Any, Any]:
        buffer = io.BytesIO()
        self.savefig(buffer, format="png", dpi=SCREEN_DPI)
        width = round(self.get_size_inches()[0] * SCREEN_DPI / 2)
        return {"image/png": buffer.getvalue()}, {"image/png": {"width": width}}
