"""A matplotlib backend without windows: what a script shows goes to whoever watches the script.

Chosen by ``MPLBACKEND=module://workbench.scripts.matplotlib_backend``; matplotlib's documentation,
"Writing a backend", says what is looked up here.
"""

from __future__ import annotations

from typing import Any

from matplotlib.backend_bases import FigureManagerBase
from matplotlib.backends.backend_agg import FigureCanvasAgg

from .shown import drawn


class FigureManager(FigureManagerBase):
    """``plt.show()`` sends all figures; within ``plt.pause()``, at most two times a second."""

    @classmethod
    def pyplot_show(cls, *, block: bool | None = None) -> None:
        drawn(again=block is not False)


class FigureCanvas(FigureCanvasAgg):
    manager_class = FigureManager

    def start_event_loop(self, timeout: float = 0) -> None:
        """Nobody clicks: ``plt.pause(1)`` goes on at once."""

    def draw_idle(self, *args: Any, **options: Any) -> None:
        """Figures are drawn when they are sent."""
