"""Pages that were closed, and what Panel still holds of them."""

from __future__ import annotations

import gc
from contextvars import Context

from bokeh.document import Document
from panel.io import document as panel_documents
from panel.io.state import state
from tornado.ioloop import IOLoop

from panels.bokeh_internals import patches
from workbench.engine.process import trim_memory

TRIM_S = 20.0  # after a page was closed: others may follow it


class _Trim:
    """Whether memory will be given back soon; once for all pages that are closed until then."""

    is_due = False


def forget(document: Document) -> None:
    """Have Panel hold nothing of this document's page any more, which was closed."""
    if patches.fits("closed-views", state):
        for ref in [ref for ref, view in state._views.items() if document in view]:
            del state._views[ref]


def collect_together() -> None:
    """Have what pages leave behind be looked for once for all that are closed within `TRIM_S`."""
    if patches.fits("closed-garbage", panel_documents):
        panel_documents._garbage_collect = trim_soon


def trim_soon() -> None:
    """Give the memory of pages that are closed now back to the system, after `TRIM_S`."""
    if not _Trim.is_due:
        _Trim.is_due = True
        # In no context: a timer keeps that of its maker, and with it the page, until it is due.
        Context().run(IOLoop.current().call_later, TRIM_S, _trim)


def _trim() -> None:
    _Trim.is_due = False
    gc.collect()
    trim_memory()
