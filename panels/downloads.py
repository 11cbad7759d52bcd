"""Saving pictures and data: one dialog for the page, opened by the ⤓ of every card."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmui

from workbench.errors import WorkbenchError
from workbench.run import Run

from .jobs import elsewhere
from .look import css

WIDTHS_MM = {"85 mm · one column": 85, "120 mm": 120, "174 mm · two columns": 174}
FORMATS = {
    "svg": "SVG, editable vector",
    "pdf": "PDF, vector with fonts",
    "png": "PNG, 300 dots per inch",
    "csv": "CSV, the data",
}


class SaveDialog:
    """Asks for format and width, draws the picture elsewhere, and hands the file over.

    run_now : returns the run so far; called in a thread
    """

    def __init__(self, slug: str, run_now: Callable[[], Run]):
        self._slug = slug
        self._run_now = run_now
        self._view = "raster"
        self._extra: dict[str, Any] = {}
        self.width = pmui.RadioButtonGroup(
            label="Width", options=WIDTHS_MM, value=85, size="small", css_classes=["wb-width"],
            orientation="horizontal", margin=(4, 0, 12, 0), color="primary",
        )  # fmt: skip
        self.said = pmui.Alert(object="", severity="error", visible=False, margin=(8, 0))
        self.files = {
            fmt: pmui.FileDownload(
                callback=self._callback(fmt), filename=f"{slug}.{fmt}", label=text, auto=True,
                icon="download", variant="outlined", css_classes=[f"wb-save-{fmt}"],
                margin=(0, 0, 6, 0), sizing_mode="stretch_width", size="small",
            )
            for fmt, text in FORMATS.items()
        }  # fmt: skip
        self.note = pn.pane.HTML("", stylesheets=[css("text")], margin=(6, 0, 0, 0))
        self.view = pmui.Dialog(
            pmui.Column(
                self.width, *self.files.values(), self.said, self.note, sizing_mode="stretch_width"
            ),
            title="Save", title_variant="h6", show_close_button=True, close_on_click=True,
            width_option="xs", css_classes=["wb-save-dialog"],
        )  # fmt: skip

    def open(self, view: str, title: str, **extra: Any) -> None:
        """Offer the picture ``view``; ``extra`` goes to the figure, such as a projection."""
        self._view, self._extra = view, extra
        self.said.visible = False
        self.note.object = (
            "The run so far, from t = 0 to now. Parameters, seed and versions are written into "
            "the file."
        )
        stem = f"{self._slug}-{re.sub(r'[^a-z0-9]+', '-', title.lower()).strip('-')}"
        for fmt, button in self.files.items():
            button.filename = f"{stem}.{fmt}"
        self.view.title = f"Save: {title}"
        self.view.open = True

    def _callback(self, fmt: str) -> Callable[[], Any]:
        async def make() -> io.BytesIO:
            self.said.visible = False
            self.files[fmt].loading = True
            try:
                run = await asyncio.get_running_loop().run_in_executor(None, self._run_now)
                return io.BytesIO(
                    await elsewhere(
                        draw, run, self._view, fmt, float(self.width.value), self._extra
                    )
                )
            except (WorkbenchError, OSError) as error:
                self.said.param.update(object=str(error), visible=True)
                raise
            finally:
                self.files[fmt].loading = False

        return make


def draw(run: Run, view: str, fmt: str, width_mm: float, extra: dict[str, Any]) -> bytes:
    """One picture of a run, or its data, as the bytes of a file."""
    from workbench import figure

    if fmt == "csv":
        return figure.csv_text(run, view, **extra).encode()
    return figure.figure_bytes(run, view, fmt=fmt, width_mm=width_mm, **extra)
