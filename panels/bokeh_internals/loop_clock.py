"""The clock by which a server's pages are drawn, asked whether they are there, and given up."""

from __future__ import annotations

import time
from typing import Any

from panels.bokeh_internals import patches


def be_steady(loop: Any) -> None:
    """Have this loop of Tornado's measure time by a clock that nobody sets.

    This one alone: others in the process, such as those of Dask, are asked to wait for a date.
    """
    if patches.fits("loop-clock", loop):
        loop.time = time.monotonic
