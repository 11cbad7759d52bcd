"""The button that keeps the run so far: a copy of what was recorded, in the catalogue."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import panel_material_ui as pmui

from workbench.catalogue import Catalogue
from workbench.run import Run

from ..access.quota import room
from ..access.visitor import in_words
from ..widgets.icons import icon
from ..widgets.notices import notify
from .drawn_ahead import draw_ahead

SAID = "Keep this run"


class Keeping:
    """``button`` goes into the header.

    reading   : called when it is pressed, in a thread then entered: a context in which the run
                stays, also where another one begins; it gives what returns the run so far
    catalogue : where the visitor's runs are kept
    later     : does something at the next drawing, when the page may be changed
    """

    def __init__(
        self,
        reading: Callable[[], AbstractContextManager[Callable[[], Run]]],
        catalogue: Callable[[], Catalogue],
        later: Callable[[Callable[[], Any]], Any],
    ):
        self._reading, self._catalogue, self._later = reading, catalogue, later
        self.message = ""  # what the last attempt led to
        self.button = pmui.IconButton(
            icon=icon("keep"), size="small", description=SAID, css_classes=["wb-keep"],
            color="default", margin=0,
        )  # fmt: skip
        self.button.on_click(lambda _e: self.keep())

    def keep(self) -> None:
        """Copy the run; writing may take a second, and the page must not wait for it."""
        if not self.button.loading:
            self.button.loading = True
            threading.Thread(target=self._keep, args=(self._reading(),), daemon=True).start()

    def _keep(self, reading: AbstractContextManager[Callable[[], Run]]) -> None:
        try:
            with reading as run_now:
                catalogue, run = self._catalogue(), run_now()
                with room(catalogue, run):
                    entry = catalogue.keep(run)
            draw_ahead(str(entry.path.parent), entry.path.name)
            text, kept = f"Kept as {entry.id}, up to t = {entry.duration_ms:g} ms.", True
        except Exception as error:  # whatever it is, the button must not go on turning
            text, kept = in_words(error), False
        self._later(lambda: self._show(text, kept))

    def _show(self, message: str, kept: bool) -> None:
        self.message = message
        self.button.loading = False
        if not notify("success" if kept else "error", message, 6000 if kept else 0):
            self.button.description = f"{SAID}. {message}"
