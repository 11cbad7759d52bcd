"""How changes go to the browser: all of one drawing together, in the order they were made."""

from __future__ import annotations

import base64
import contextlib
import gzip
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import panel as pn
from bokeh.core.serialization import BytesRep, NDArrayRep, Serializer
from bokeh.document import Document
from bokeh.document.events import DocumentPatchedEvent
from bokeh.model import Model
from bokeh.protocol.messages.patch_doc import patch_doc
from panel.custom import JSComponent
from panel.io.notebook import block_comm, push
from panel.io.state import state
from param.parameterized import discard_events
from tornado.websocket import WebSocketClosedError

from panels.bokeh_internals import patches, versions

if TYPE_CHECKING:
    from bokeh.protocol.message import Message
    from bokeh.server.views.ws import WSHandler

FEW = 128  # numbers; more of them are sent as they lie in memory
SHORT = 1 << 16  # bytes; more of them are sent as messages of their own
FLOATS = ("float32", "float64")


class Parcel:
    """One message to each browser that shows a page."""

    def __init__(self) -> None:
        self._messages: list[tuple[WSHandler, Message[Any]]] = []

    def add(self, handler: WSHandler, message: Message[Any]) -> None:
        self._messages.append((handler, message))

    def empty(self) -> None:
        self._messages.clear()

    async def send(self) -> None:
        """Send them; to be awaited before the lock of the document is given back."""
        for handler, message in self._messages:
            # A page that is closed meanwhile, also in the midst of a message, needs no more of it.
            # Bokeh would warn in the log, though nothing is lost that anybody waits for.
            with contextlib.suppress(WebSocketClosedError):
                await message.send(cast(Any, handler))


@contextlib.contextmanager
def together(shown: Any = None) -> Iterator[Parcel]:
    """Hand all changes made in this block to the browser as one message.

    Bokeh sends a message for each, which costs the web process more than the drawing; and Panel
    may queue the changes of its own objects behind those of Bokeh's, so that a plot's new data
    would reach the browser before the plot.

    shown   : the page that a notebook shows; None on a page of its own
    returns : what a page of its own has to ``send`` afterwards, while it still has the document's
        lock
    """
    parcel = Parcel()
    if shown is not None:
        with _to_notebook(shown):
            yield parcel
        return
    document = pn.state.curdoc
    if document is None or document.session_context is None or document.callbacks.hold_value:
        yield parcel
        return
    document.hold("combine")
    try:
        yield parcel
    finally:
        session = document.session_context.session
        if _as_tried() and patches.fits("one-message", document.callbacks, session):
            patches.attempt("one-message", lambda: _pack(document, parcel), parcel.empty)
        document.unhold()  # all that was not packed, as Bokeh does it


def _as_tried() -> bool:
    """Whether changes may be written down here: Bokeh and Panel are versions that were tried."""
    untried = versions.untried("bokeh", "panel")
    if untried:
        patches.leave_out("one-message", "it was not tried with these versions")
    return patches.on("one-message")


def report(component: JSComponent, **values: Any) -> None:
    """Set properties that only the page reads, in a block that is `together`.

    Nobody who watches them in Python hears of it. Set as usual, Panel finds out in a roundabout way
    that the page itself did not make the change, which costs as much as a plot.
    """
    if not patches.fits("quiet-properties", component, component):
        component.param.update(**values)
        return
    with discard_events(component):
        component.param.update(**values)  # for a page that is opened later
    for ref, (model, _parent) in component._models.items():
        component._changing[ref] = list(values)
        try:
            model.data.update(**values)
        finally:
            del component._changing[ref]


@contextlib.contextmanager
def _to_notebook(shown: Any) -> Iterator[None]:
    """Send all changes of this block to the page that a notebook shows."""
    if not patches.fits("notebook-push", shown, state):
        yield  # Panel sends each by itself
        return
    with block_comm():
        yield
    for ref in list(shown._models):
        if ref in state._views:
            _, _, document, comm = state._views[ref]
            # As text: a notebook loses empty binary parts, and all that follows with them.
            push(document, comm, binary=False)


def _pack(document: Document, parcel: Parcel) -> None:
    """Take the changes that the document holds, and make one message of them for each browser."""
    callbacks = document.callbacks
    changed = [e for e in callbacks._held_events if isinstance(e, DocumentPatchedEvent)]
    connections = document.session_context.session._subscribed_connections
    if changed and connections:  # what nobody was told of stays new
        changes = changes_of(document.models.synced_references)
        content: Any = {"events": changes.encode(changed)}
        for connection in connections:
            message = patch_doc(patch_doc.create_header(), {}, content)
            message.add_buffers(*changes.buffers)
            parcel.add(connection._socket, message)
        document.models.flush_synced(lambda model: not changes.has_ref(model))
    others = [e for e in callbacks._held_events if not isinstance(e, DocumentPatchedEvent)]
    callbacks._held_events = others


def changes_of(known: set[Model]) -> Changes:
    """A writer of changes, for a browser that has these models."""
    if patches.fits("short-arrays", Serializer, Serializer):
        return ShortArrays(known)
    return Changes(known)


class Changes(Serializer):
    """Writes changes down as Bokeh does.

    known : the models that the browser has; Bokeh would look all of them up for each message
    """

    def __init__(self, known: set[Model]):
        super().__init__()
        self._known = known

    def get_ref(self, obj: Any) -> Any:
        found = super().get_ref(obj)
        if found is None and isinstance(obj, Model) and obj in self._known:
            return obj.ref
        return found

    def has_ref(self, obj: Any) -> bool:
        return super().has_ref(obj) or obj in self._known


class ShortArrays(Changes):
    """Writes arrays among the text unless they are long.

    Each array that is sent by itself travels as two messages of the socket. A drawing has up to a
    dozen, and the socket cost the web process and the page more than what was in it.
    """

    def _encode_ndarray(self, obj: np.ndarray) -> NDArrayRep:
        if obj.size > FEW or obj.dtype.name not in FLOATS or not np.isfinite(obj).all():
            return super()._encode_ndarray(obj)
        return NDArrayRep(
            type="ndarray", array=obj.ravel().tolist(), shape=list(obj.shape),
            dtype=obj.dtype.name, order=sys.byteorder,
        )  # fmt: skip

    def _encode_bytes(self, obj: bytes | memoryview) -> BytesRep:
        if memoryview(obj).nbytes > SHORT:
            return super()._encode_bytes(obj)
        # The page unpacks text as gzip; packed in earnest, it would cost more than it saves.
        packed = gzip.compress(obj, compresslevel=0, mtime=0)
        return BytesRep(type="bytes", data=base64.b64encode(packed).decode("ascii"))
