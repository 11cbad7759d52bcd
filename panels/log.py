"""The log of interventions: what was done to the simulation, and when."""

from __future__ import annotations

import html
from typing import Any

import panel as pn

from .look import css
from .status import clock

SHOWN = 200


class Log:
    """Shows a session's interventions, the latest first."""

    def __init__(self) -> None:
        self.view = pn.pane.HTML(
            "", sizing_mode="stretch_width", margin=0, stylesheets=[css("log")]
        )
        self._shown = -1
        self._last: Any = None
        self.show([])

    def show(self, entries: list[dict[str, Any]]) -> None:
        """Show these entries if they differ from those shown."""
        last = entries[-1] if entries else None
        if len(entries) == self._shown and last == self._last:
            return
        self._shown, self._last = len(entries), dict(last) if last else None
        if not entries:
            body = (
                "<p>Nothing was changed yet. Every parameter that you move and everything that you "
                "do to the model is noted here with its simulated time, so that the run can be "
                "repeated exactly.</p>"
            )
        else:
            rows = "".join(
                f"<li><time>{clock(e['t_ms'])}</time><span>{html.escape(text_of(e))}</span></li>"
                for e in reversed(entries[-SHOWN:])
            )
            left = len(entries) - SHOWN
            more = f"<p>and {left} earlier</p>" if left > 0 else ""
            body = f"<ol>{rows}</ol>{more}"
        self.view.object = f'<div class="wb-log">{body}</div>'


def text_of(entry: dict[str, Any]) -> str:
    """One intervention in words: ``τ_m 3 → 3.4 ms``, ``learn cue 0 {1, 4}``."""
    if entry.get("text"):
        return str(entry["text"])
    if entry["kind"] == "set":
        was = f"{entry['was']:g} → " if entry.get("was") is not None else "= "
        return f"{entry['name']} {was}{entry['value']:g}"
    return f"{entry['name']} {entry.get('args', '')}"
