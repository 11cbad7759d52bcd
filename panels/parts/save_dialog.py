"""Saving plots and data: one dialog for the page, opened by the ⤓ of every card."""

from __future__ import annotations

import asyncio
import io
import re
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import panel as pn
import panel_material_ui as pmui

from panels.access.visitor import in_words
from workbench.errors import WorkbenchError
from workbench.figures.csv import header
from workbench.plots.kind import T_MS
from workbench.plots.registry import in_figure, kinds, plot_kind
from workbench.run import Run
from workbench.settings import PNG_DPI

from ..theme import css
from ..widgets.background_job import elsewhere, writing
from ..widgets.error_alert import ErrorAlert
from ..widgets.icons import icon

WIDTHS_MM = {"85 mm": 85, "120 mm": 120, "174 mm": 174}
FORMATS = {
    "svg": "SVG, editable vector",
    "pdf": "PDF, vector with fonts",
    "png": f"PNG, {PNG_DPI} dots per inch",
    "csv": "CSV, the data",
    "html": "HTML, what the card says",
}
LAYOUT = "layout"  # all plots as one figure with panel letters
CARD = "card"  # what a card shows, which is no plot of a run
ROWS = "rows"  # the option that holds which neurons are seen
NOTE = "Parameters, seed and versions are written into the file."
Shown = dict[str, Any]  # title -> a list of `Seen`, or the HTML of a card of words


class SaveDialog:
    """Asks for format and width, draws the plot elsewhere, and hands the file over.

    run_now : returns the run so far; called in a thread
    reading : as for `ExportDialog`
    view    : where on the page the dialog goes, when it is first opened
    """

    def __init__(
        self,
        slug: str,
        run_now: Callable[[], Run],
        reading: Callable[[], AbstractContextManager[Callable[[], Run]]] | None = None,
        view: pn.Column | None = None,
    ):
        self._slug = slug
        self._reading = reading or (lambda: nullcontext(run_now))
        self._view, self._title = "raster", ""
        self._options: dict[str, Any] = {}
        self._seen: Shown = {}
        self._draw: Callable[[str, float], bytes] | None = None
        self._stem = slug
        self._saved: Counter[str] = Counter()  # how often a file of each name was made
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
        self.message = ErrorAlert(margin=(8, 0))
        self.files = {
            fmt: pmui.FileDownload(
                callback=self._callback(fmt), filename=f"{slug}.{fmt}", label=text, auto=True,
                icon=icon("save"), variant="outlined", css_classes=[f"wb-save-{fmt}"],
                margin=(0, 0, 6, 0), sizing_mode="stretch_width", size="small",
            )
            for fmt, text in FORMATS.items()
        }  # fmt: skip
        self.note = pn.pane.HTML(
            NOTE,
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
        self.view = pn.Column(margin=0) if view is None else view

    def open(
        self,
        view: str,
        title: str,
        options: dict[str, Any],
        shown_ms: tuple[float, float],
        seen: Shown | None = None,
    ) -> None:
        """Offer a card, or all plots.

        view     : id of a kind of plot, `LAYOUT`, or `CARD` for a card that is only as it is seen
        options  : of the kind's figure
        shown_ms : the time that the page shows of it
        seen     : title of a card -> what it shows now, below one another; of a kind of plot whose
                   figure is not drawn anew from the run, of a card, and of all cards of the model's
                   own for the layout
        """
        self._view, self._title, self._options, self._shown_ms = view, title, options, shown_ms
        self._seen, self._draw = seen or {}, None
        kind = None if view in (LAYOUT, CARD) else plot_kind(view)
        self._timed = view == LAYOUT or (
            kind is not None and (kind.option(T_MS.name) is not None or bool(self._seen))
        )
        self.time.visible = self._timed
        text = view == CARD and all(isinstance(v, str) for v in self._seen.values())
        for fmt, button in self.files.items():
            button.visible = (fmt == "html") == text and (kind is None or kind.static is not None)
        if not text:
            self.files["csv"].visible = view == CARD or (
                kind is not None and kind.table is not None
            )
        self.width.visible = not text
        self.width.value = 174 if view == LAYOUT else 85
        self._show(title)

    def open_drawn(self, title: str, draw: Callable[[str, float], bytes]) -> None:
        """Offer something that is none of a run.

        draw : returns a file of a format at a width in mm; called in another process
        """
        self._title, self._draw = title, draw
        self._timed = self.time.visible = False
        for fmt, button in self.files.items():
            button.visible = fmt != "html"
        self.width.visible, self.width.value = True, 85
        self._show(title)

    def _show(self, title: str) -> None:
        self.message.say("")
        self._stem = f"{self._slug}-{re.sub(r'[^a-z0-9]+', '-', title.lower()).strip('-')}"
        self.note.object = NOTE
        self.dialog.title = f"Save: {title.lower()}"
        self.dialog.open = True
        self.view[:] = [self.dialog]

    def _chosen(self) -> tuple[dict[str, Any], Shown]:
        """Options of the figure, and what is drawn as it is seen."""
        whole = self.time.value == "all"
        if self._view == CARD:
            return {}, self._seen
        if self._view == LAYOUT:
            each = dict(self._options) if whole else {
                kind: {**self._options.get(kind, {}), **self._at(kind)} for kind in kinds()
            }  # fmt: skip
            return each, self._seen
        if self._timed and not whole:
            return {**self._options, **self._at(self._view)}, self._seen
        return {k: v for k, v in self._options.items() if k != ROWS}, {}

    def _at(self, kind: str) -> dict[str, Any]:
        """The stretch of time that is shown, for kinds that can be cut to one."""
        timed = plot_kind(kind).option(T_MS.name) is not None
        return {T_MS.name: self._shown_ms} if timed else {}

    def _name(self, fmt: str) -> str:
        """A name that no file of this page has had: the same one again would be taken for it."""
        name = f"{self._stem}.{fmt}"
        self._saved[name] += 1
        n = self._saved[name]
        return name if n == 1 else f"{self._stem}-{n}.{fmt}"

    async def _file(self, fmt: str) -> bytes:
        width_mm = float(self.width.value)
        if self._draw is not None:
            drawn: bytes = await elsewhere(self._draw, fmt, width_mm)
            return drawn
        seen = (self._view, fmt, width_mm, *self._chosen(), self._title)
        with self._reading() as run_now:
            run = await asyncio.get_running_loop().run_in_executor(None, run_now)
            content: bytes = await elsewhere(draw, run, *seen)
        return content

    def _callback(self, fmt: str) -> Callable[[], Any]:
        async def make() -> io.BytesIO:
            self.message.say("")
            button = self.files[fmt]
            try:
                with writing(button):
                    content = await self._file(fmt)
                # The browser saves data that change: the same ones again would do nothing.
                button.param.update(data=None, filename=self._name(fmt))
                self.note.object = f"Saved as <b>{button.filename}</b>. {NOTE}"
                return io.BytesIO(content)
            except (WorkbenchError, OSError) as error:
                self.message.say(in_words(error))
                raise

        return make


def draw(
    run: Run,
    view: str,
    fmt: str,
    width_mm: float,
    options: dict[str, Any],
    seen: Shown | None = None,
    title: str = "",
) -> bytes:
    """One plot of a run, or its data, or what a card shows, as the bytes of a file.

    Arguments as of `SaveDialog.open`.
    """
    from workbench import figures as figure
    from workbench.figures.as_seen import bytes_as_seen

    if fmt == "html":
        return "".join(str(text) for text in (seen or {}).values()).encode()
    if view == LAYOUT:
        views = [(kind.id, options.get(kind.id, {})) for kind in in_figure(run)]
        also = [part for parts in (seen or {}).values() for part in parts]
        drawn = figure.panel_figure(run, views, width_mm=width_mm, fmt=fmt, also=also)
        assert isinstance(drawn, bytes)  # a path comes back only when one was given
        return drawn
    if seen and not (fmt == "csv" and view != CARD):
        parts = [part for each in seen.values() for part in each]
        return bytes_as_seen(parts, fmt, width_mm, f"{run.model}: {title}", header(run))
    return figure.figure_bytes(run, view, fmt=fmt, width_mm=width_mm, **options)
