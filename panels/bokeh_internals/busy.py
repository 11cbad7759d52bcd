"""Pages that do not follow the busy state of every callback."""

from __future__ import annotations

from typing import Any

from panel.util import edit_readonly

from panels.bokeh_internals import patches


def never_busy(page: Any) -> None:
    """Let a `Page` keep its busy sign off, whatever runs."""
    if patches.fits("idle", page):
        with edit_readonly(page):
            page.busy = False
