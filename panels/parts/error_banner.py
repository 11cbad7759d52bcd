"""What went wrong: one sentence, the traceback one click away, and a way on."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmui

from workbench.engine.frames import Status

from ..access.visitor import in_words
from ..theme import css
from ..widgets.icons import icon


class ErrorBanner:
    """Hidden while all is well. ``on_restart()`` begins a new run; data stay until then."""

    def __init__(self, on_restart: Callable[[], Any]):
        self.text = pn.pane.HTML(
            "", sizing_mode="stretch_width", stylesheets=[css("trouble")], margin=0
        )
        again = pmui.Button(
            label="Start again", icon=icon("reset"), size="small", variant="outlined",
            css_classes=["wb-restart"], margin=(0, 0, 0, 12),
        )  # fmt: skip
        again.on_click(lambda _e: on_restart())
        self.view = pn.Row(
            self.text, again, sizing_mode="stretch_width", visible=False, margin=(0, 12, 8, 12),
            styles={"align-items": "center"},
        )  # fmt: skip

    def show(self, status: Status) -> None:
        """Appear when the state is "failed", and go when it is something else."""
        failed = status.state == "failed"
        if failed:
            details = (
                f"<details><summary>Traceback</summary><pre>{html.escape(in_words(status.details))}</pre></details>"
                if status.details
                else ""
            )
            kept = "" if "kept" in status.message else "What was recorded can still be saved."
            said = html.escape(in_words(status.message))
            text = f'<div class="wb-trouble" role="alert"><b>{said}</b> {kept}{details}</div>'
            if text != self.text.object:
                self.text.object = text
        if failed != self.view.visible:
            self.view.visible = failed
