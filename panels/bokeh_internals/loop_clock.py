"""The clock by which a server's pages are drawn, asked whether they are there, and given up."""

from __future__ import annotations

import functools
import time
from typing import Any

from tornado.ioloop import IOLoop

from panels.bokeh_internals import patches


def be_steady() -> None:
    """Have Tornado's loops measure time by a clock that nobody sets; before anything is timed."""
    loop: Any = IOLoop
    plain: Any = getattr(loop, "time", None)
    if not patches.fits("loop-clock", IOLoop) or hasattr(plain, "__wrapped__"):
        return

    @functools.wraps(plain)
    def steady(_self: Any) -> float:
        return time.monotonic()

    loop.time = steady
