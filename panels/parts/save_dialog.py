"""Saving plots and data: one dialog for the page, opened by the ⤓ of every card."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmui

from workbench.errors import WorkbenchError
from workbench.plots.kind import T_MS
from workbench.plots.registry import in_figure, plot_kind
from workbench.run import Run
from workbench.settings import PNG_DPI

from ..theme import css
from ..widgets.background_job import elsewhere
from ..widgets.icons import icon

WIDTHS_MM = {"85 mm": 85, "120 mm": 120, "174 mm": 174}
FORMATS = {
    "svg": "SVG, editable vector",
    "pdf": "PDF, vector with fonts",
    "png": f"PNG, {PNG_DPI} dots per inch",
    "csv": "CSV, the data",
}
LAYOUT = "layout"  # all plots as one figure with panel letters


class SaveDialog:
    """Asks for format and width, draws the plot elsewhere, and hands the file over.

    run_now : returns the run so far; called in a thread
    """

    def __init__(self, slug: str, run_now: Callable[[], Run]):
        self._slug = slug
        self._run_now = run_now
        self._view = "raster"
        self._options: dict[str, Any] = {}
        self._timed = False  # whether the plot can be cut to a stretch of time
        self._shown_ms = (0.0, 0.0)
        self.time = pmui.RadioButtonGroup(
            label="Time", options={"what is shown": "shown", "the whole run": "all"},
            value="shown", size="small", css_classes=["wb-time"], margin=(4, 0, 12, 0),
            color="primary", sizing_mode="stretch_width",
        )  # fmt: skip
        self.width = pmui.RadioButtonGroup(
            label="Width for the page", options=WIDTHS_MM, value=85, size="small",
            css_classes=["wb-width"], margin=(4, 0, 8, 0), color="primary",
            sizing_mode="stretch_width",
        )  # fmt: skip
        self.message = pmui.Alert(object="", severity="error", visible=False, margin=(8, 0))
        self.files = {
            fmt: pmui.FileDownload(
                callback=self._callback(fmt), filename=f"{slug}.{fmt}", label=text, auto=True,
                icon=icon("save"), variant="outlined", css_classes=[f"wb-save-{fmt}"],
                margin=(0, 0, 6, 0), sizing_mode="stretch_width", size="small",
            )
            for fmt, text in FORMATS.items()
        }  # fmt: skip
        self.note = pn.pane.HTML(
            "Parameters, seed and versions are written into the file.",
            stylesheets=[css("text")], margin=(6, 0, 0, 0),
        )  # fmt: skip
        self.dialog = pmui.Dialog(
            pmui.Column(
                self.width, self.time, *self.files.values(), self.message, self.note,
                sizing_mode="stretch_width",
            ),
            title="Save", title_variant="h6", show_close_button=True, close_on_click=True,
            width_option="xs", css_classes=["wb-save-dialog"],
        )  # fmt: skip
        self.view = pn.Column(margin=0)  # the dialog is placed when it is first opened

    def open(
        self, view: str, title: str, options: dict[str, Any], shown_ms: tuple[float, float]
    ) -> None:
        """Offer the plot ``view``; ``shown_ms`` is the time that the page shows of it."""
        self._view, self._options, self._shown_ms = view, options, shown_ms
        self.message.visible = False
        kind = None if view == LAYOUT else plot_kind(view)
        self._timed = kind is not None and kind.option(T_MS.name) is not None
        self.time.visible = self._timed
        for button in self.files.values():
            button.visible = kind is None or kind.static is not None
        self.files["csv"].visible = kind is not None and kind.table is not None
        self.width.value = 174 if view == LAYOUT else 85
        stem = f"{self._slug}-{re.sub(r'[^a-z0-9]+', '-', title.lower()).strip('-')}"
        for fmt, button in self.files.items():
            button.filename = f"{stem}.{fmt}"
        self.dialog.title = f"Save: {title.lower()}"
        self.dialog.open = True
        self.view[:] = [self.dialog]

    def _chosen(self) -> dict[str, Any]:
        if self._timed and self.time.value == "shown":
            return {**self._options, T_MS.name: self._shown_ms}
        return self._options

    def _callback(self, fmt: str) -> Callable[[], Any]:
        async def make() -> io.BytesIO:
            self.message.visible = False
            self.files[fmt].loading = True
            try:
                run = await asyncio.get_running_loop().run_in_executor(None, self._run_now)
                return io.BytesIO(
                    await elsewhere(
                        draw, run, self._view, fmt, float(self.width.value), self._chosen()
                    )
                )
            except (WorkbenchError, OSError) as error:
                self.message.param.update(object=str(error), visible=True)
                raise
            finally:
                self.files[fmt].loading = False

        return make


def draw(run: Run, view: str, fmt: str, width_mm: float, options: dict[str, Any]) -> bytes:
    """One plot of a run, or its data, as the bytes of a file."""
    from workbench import figures as figure

    if view == LAYOUT:
        views = [(kind.id, options.get(kind.id, {})) for kind in in_figure(run)]
        drawn = figure.panel_figure(run, views, width_mm=width_mm, fmt=fmt)
        assert isinstance(drawn, bytes)  # a path comes back only when one was given
        return drawn
    return figure.figure_bytes(run, view, fmt=fmt, width_mm=width_mm, **options)
