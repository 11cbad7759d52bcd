"""Draws the plots of runs that were just kept before somebody looks at them, one run at a time.

Each takes a process of some 0.3 GB, and the longer the more simulations run: a class that keeps
its runs at the end of an exercise would have thirty of them.
"""

from __future__ import annotations

import contextlib
import functools
import os
import queue
import threading

from ..widgets.background_job import BackgroundJob
from . import run_plots

MOST_WAITING = 100  # more are drawn when somebody looks

_waiting: queue.Queue[tuple[str, str]] = queue.Queue(MOST_WAITING)


def draw_ahead(folder: str, name: str) -> None:
    """Draw the plots of a run in this folder of runs when there is time; does not wait."""
    _drawer()
    with contextlib.suppress(queue.Full):
        _waiting.put_nowait((folder, name))


@functools.cache
def _drawer() -> threading.Thread:
    thread = threading.Thread(target=_draw_all, name="drawn-ahead", daemon=True)
    thread.start()
    return thread


def _draw_all() -> None:
    while True:
        folder, name = _waiting.get()
        with contextlib.suppress(OSError, EOFError):  # no process could be started: it can wait
            BackgroundJob(_draw, folder, name, name="workbench-drawing").over.wait()


def _draw(folder: str, name: str) -> None:
    os.nice(10)  # a simulation that goes on comes first
    run_plots.stored(folder, name)
