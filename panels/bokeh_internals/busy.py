"""Pages that do not follow the busy state of every callback, and are not kept by it."""

from __future__ import annotations

from contextvars import Context
from typing import Any

import param
from panel.io.state import state
from panel.util import edit_readonly

from panels.bokeh_internals import patches


class _Calm(param.Parameterized):
    """What is never busy."""

    busy = param.Boolean(default=False)


def never_busy(page: Any) -> None:
    """Let a `Page` keep its busy sign off, whatever runs.

    It follows something of its own instead of the busy state of all pages, which would go on
    informing it, and so keep it, after it was closed; a plain value would not end that.
    """
    if patches.fits("idle", page):
        with edit_readonly(page):
            page.busy = _Calm().param.busy


def look_after_busy_state() -> None:
    """Begin Panel's own look after its busy state, once a process; called on the server's loop.

    In no context: the task would keep that of its maker, and with it the first page, for good.
    """
    if patches.fits("busy-task", state):
        Context().run(state._schedule_busy_cleanup)
