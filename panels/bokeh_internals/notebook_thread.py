"""What a notebook's browser sends, taken on the thread that runs the cells."""

from __future__ import annotations

import functools
import threading
from typing import Any

from panel.viewable import Renderable
from tornado.ioloop import IOLoop

from panels.bokeh_internals import patches


def answer_on_this_thread() -> None:
    """Let Panel take what the browser sends on the thread that runs the cells.

    JupyterLab hands it over on a second thread (a subshell of the kernel). There it would meet the
    drawing clock in the middle of its changes, and Panel forgets the changes it finds half made.
    """
    if not patches.fits("notebook-thread", Renderable):
        return
    take = Renderable._on_msg
    if getattr(take, "hops", False):
        return
    here, loop = threading.get_ident(), IOLoop.current()

    @functools.wraps(take)
    def on_msg(*given: Any) -> None:
        if threading.get_ident() == here:
            take(*given)
        else:
            loop.add_callback(take, *given)

    on_msg.hops = True  # type: ignore[attr-defined]
    Renderable._on_msg = on_msg
