"""Pages that leave a server, and pages whose connection was lost and that may come back.

A page that is closed says so, and its session ends within seconds. A connection that breaks says
nothing: the session is kept for a while, its simulation runs on, and the page comes back to it.
"""

from __future__ import annotations

import functools
import weakref
from typing import Any

from bokeh.document import Document
from bokeh.server.session import ServerSession
from bokeh.server.views.ws import WSHandler
from tornado.ioloop import IOLoop
from tornado.web import RequestHandler

from panels.bokeh_internals import patches

LOST_S = 75.0  # so long a page whose connection was lost is waited for
ROUTE = "/page-left"
LONGEST = 64  # characters of what a page says there

# Session -> what will end the wait for it.
_waited_for: weakref.WeakKeyDictionary[ServerSession, object] = weakref.WeakKeyDictionary()
_shown: weakref.WeakValueDictionary[str, ServerSession] = weakref.WeakValueDictionary()
_left: weakref.WeakSet[ServerSession] = weakref.WeakSet()


class PageLeft(RequestHandler):
    """Answers `ROUTE`: a page says, by the secret that only it has, that it is being closed.

    It also ends its connection with a code that says so. But the browser may drop the connection
    with drawings in it that nobody read, and then the system drops the code as well.
    """

    def post(self) -> None:
        session = _shown.get(self.request.body[:LONGEST].decode("ascii", "replace"))
        if session is not None:
            _left.add(session)
            _wait_no_more(session)
        self.set_status(204)


def shows(secret: str, document: Document | None) -> None:
    """A page that knows ``secret`` shows this document."""
    if document is not None and document.session_context is not None:
        session = document.session_context.session
        _shown[secret] = session
        _left.discard(session)  # it went back to where it had been


def leave_once() -> None:
    """Have a page that leaves be given up once only, by whoever notices first."""
    if not patches.fits("leaving", WSHandler) or hasattr(WSHandler.on_close, "__wrapped__"):
        return
    plain = WSHandler.on_close

    @functools.wraps(plain)
    def on_close(self: Any) -> None:
        if self.connection is None or getattr(self.connection, "_session", self) is not None:
            session = None if self.connection is None else self.connection.session
            plain(self)
            if session is not None and patches.fits("lost", WSHandler, ServerSession):
                if self.close_code is None and session not in _left:
                    _wait(session)
                else:
                    _wait_no_more(session)

    WSHandler.on_close = on_close


def _wait(session: ServerSession) -> None:
    _wait_no_more(session)
    if not session.destroyed:
        session.block_expiration()
        _waited_for[session] = IOLoop.current().call_later(LOST_S, _wait_no_more, session)


def _wait_no_more(session: ServerSession) -> None:
    timeout = _waited_for.pop(session, None)
    if timeout is not None:
        IOLoop.current().remove_timeout(timeout)
        session.unblock_expiration()
