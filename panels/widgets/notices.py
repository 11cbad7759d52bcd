"""Notices in a corner of the page, of which few stand at a time."""

from __future__ import annotations

from typing import Any, Literal

import panel as pn

MOST = 4  # with the next one as many as the browser shows


def notify(kind: Literal["success", "warning", "error"], text: str, duration_ms: int) -> bool:
    """Show a notice; False where there is no place for one, as in a notebook.

    With each new one Bokeh writes out all that stand, each with all the others: where a page had
    some twenty, that took the web process seconds. So the oldest go before.

    duration_ms : 0 for until it is closed
    """
    area: Any = pn.state.notifications
    if area is None:
        return False
    for old in area.notifications[:-MOST]:
        old.destroy()
    getattr(area, kind)(text, duration=duration_ms)
    return True
