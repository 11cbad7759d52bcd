"""Pages that were closed, and what Panel still holds of them."""

from __future__ import annotations

from bokeh.document import Document
from panel.io.state import state

from panels.bokeh_internals import patches


def forget(document: Document) -> None:
    """Have Panel hold nothing of this document's page any more, which was closed."""
    if patches.fits("closed-views", state):
        for ref in [ref for ref, view in state._views.items() if document in view]:
            del state._views[ref]
