"""A page that somebody opened is shown to nobody else.

Bokeh lets whoever asks name the session that they want, in the address too. By a link with a name
of their own choice somebody could join the page that another person opened with it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from bokeh.protocol.exceptions import ProtocolError
from bokeh.server.contexts import ApplicationContext
from bokeh.util.token import get_token_payload
from tornado.web import HTTPError

from panels.bokeh_internals import patches


class NotTheirs(HTTPError, ProtocolError):
    """Ends a request as an `HTTPError`, and a websocket as a `ProtocolError` does."""


def bind_once(name_in: Callable[[Mapping[str, str]], str | None]) -> None:
    """Have a server give a session only to the person whose page it is.

    name_in : returns the name that cookies hold; None for nobody
    """
    plain: Any = getattr(ApplicationContext, "create_session_if_needed", None)
    if not patches.fits("own-sessions", ApplicationContext) or hasattr(plain, "__wrapped__"):
        return

    def check(request: Any, token: str | None) -> None:
        """The token holds the cookies that the page was asked for with."""
        asks = name_in({name: cookie.value for name, cookie in request.cookies.items()})
        cookies = get_token_payload(token).get("cookies") if token else None
        if name_in(cookies if isinstance(cookies, dict) else {}) != asks:
            raise NotTheirs(403, reason="This page is another person's")

    @functools.wraps(plain)
    async def create_session_if_needed(
        self: Any, session_id: Any, request: Any = None, token: str | None = None
    ) -> Any:
        if request is not None:
            check(request, token)  # before a page is made
        session = await plain(self, session_id, request, token)
        if request is not None:
            check(request, session.token)
        return session

    ApplicationContext.create_session_if_needed = create_session_if_needed
