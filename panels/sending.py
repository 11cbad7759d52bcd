"""How changes go to the browser: all of one drawing together, in the order they were made."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import panel as pn
from bokeh.document import Document
from bokeh.document.events import DocumentPatchedEvent
from panel.io.notebook import block_comm, push
from panel.io.state import state


@contextlib.contextmanager
def together(shown: Any = None) -> Iterator[None]:
    """Hand all changes made in this block to the browser as one message.

    Bokeh sends a message for each, which costs the web process more than the drawing; and Panel
    may queue the changes of its own objects behind those of Bokeh's, so that a picture's new data
    would reach the browser before the picture.

    shown : the page that a notebook shows; None on a page of its own
    """
    if shown is not None:
        with block_comm():
            yield
        _to_notebook(shown)
        return
    document = pn.state.curdoc
    if document is None or document.session_context is None or document.callbacks.hold_value:
        yield
        return
    document.hold("combine")
    try:
        yield
    finally:
        _to_page(document)


def _to_notebook(shown: Any) -> None:
    for ref in list(shown._models):
        if ref in state._views:
            _, _, document, comm = state._views[ref]
            # As text: a notebook loses empty binary parts, and all that follows with them.
            push(document, comm, binary=False)


def _to_page(document: Document) -> None:
    session = document.session_context.session
    callbacks = document.callbacks
    # None outside the document's lock: then Bokeh keeps the order by itself.
    if session._pending_writes is not None:
        held, callbacks._held_events = callbacks._held_events, []
        patches = [e for e in held if isinstance(e, DocumentPatchedEvent)]
        callbacks._held_events = [e for e in held if not isinstance(e, DocumentPatchedEvent)]
        for connection in session._subscribed_connections if patches else ():
            message = connection.protocol.create("PATCH-DOC", patches)
            session._pending_writes.append(connection._socket.send_message(message))
    document.unhold()
