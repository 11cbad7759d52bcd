"""Pages that leave a server which has let go of them before."""

from __future__ import annotations

import functools
from typing import Any

from bokeh.server.views.ws import WSHandler

from panels.bokeh_internals import patches


def leave_once() -> None:
    """Have a page that leaves be given up once only, by whoever notices first."""
    if not patches.fits("leaving", WSHandler) or hasattr(WSHandler.on_close, "__wrapped__"):
        return
    plain = WSHandler.on_close

    @functools.wraps(plain)
    def on_close(self: Any) -> None:
        if self.connection is None or getattr(self.connection, "_session", self) is not None:
            plain(self)

    WSHandler.on_close = on_close
