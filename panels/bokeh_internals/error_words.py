"""What a page is told of a message of its own that could not be worked off.

The traceback is in the log. Bokeh sends it to the page as well, and with it the folders in which
the server's code lies.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from bokeh.server.connection import ServerConnection

from panels.bokeh_internals import patches


def tell_once(in_words: Callable[[str], str]) -> None:
    """Have a server send the error alone, as ``in_words`` says it."""
    plain: Any = getattr(ServerConnection, "error", None)
    if not patches.fits("errors", ServerConnection) or hasattr(plain, "__wrapped__"):
        return

    @functools.wraps(plain)
    def error(self: Any, message: Any, text: str) -> Any:
        found = plain(self, message, in_words(text))
        found.content["traceback"] = None
        return found

    ServerConnection.error = error
