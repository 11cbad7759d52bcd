"""The Figure tab: the panels that cards were sent as, the figure at its true size, its files."""

from __future__ import annotations

import io
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import panel as pn
import panel_material_ui as pmui
import param
from panel.custom import JSComponent

from panels.access.visitor import in_words
from workbench.errors import WorkbenchError
from workbench.figures.composed import AXES, LETTERS, SHARES
from workbench.figures.journals import JOURNALS
from workbench.figures.typefaces import FONTS

from ..parts.figure_desk import MARKED, NUMBERS, UNMARKED
from ..parts.figure_drawing import Drawn, FigureDrawing
from ..theme import css
from ..widgets.background_job import place, waited, writing
from ..widgets.copy_text import CopyText
from ..widgets.error_alert import ErrorAlert
from ..widgets.icons import icon

if TYPE_CHECKING:
    from panels.model_page import Explorer

FILES = {
    "pdf": "PDF",
    "svg": "SVG",
    "png": "PNG",
    "zip": "ZIP: figure, runs and Python that redraws it",
}
REST_S = 0.25  # after the last change, before it is drawn: a number is typed digit by digit
EMPTY = (
    "Send cards here with the button beside their ⤓: a raster, its rates, a trace. They become the "
    "panels of one figure, at the size that it has on paper."
)
LABELS = {"": "none", "a": "a, b, c", "A": "A, B, C"}


class FigureSheet(JSComponent):
    """The fields of a figure and of its panels, and the figure itself as it is on paper.

    page    : field -> value;  choices: field -> what there is to choose
    panels  : dicts with "letter", "title", "fields" (field -> value) and "has" (fields that apply)
    image   : the figure as an address;  size_mm: its size on paper
    notes   : sentences about the figure;  wrong: why the last value was not taken
    busy    : it is being drawn
    """

    page = param.Dict(default={})
    choices = param.Dict(default={})
    panels = param.List(default=[], item_type=dict)
    image = param.String(default="")
    size_mm = param.List(default=[0.0, 0.0])
    notes = param.List(default=[], item_type=str)
    wrong = param.String(default="")
    busy = param.Boolean(default=False)
    empty = param.String(default=EMPTY)

    _esm = Path(__file__).with_name("figure.js")
    _stylesheets = [css("figure")]

    def __init__(self, on_change: Callable[[dict[str, Any]], Any], **params: Any):
        self._on_change = on_change
        super().__init__(**params)

    def _handle_msg(self, message: Any) -> None:
        if isinstance(message, dict):
            self._on_change(message)


class FigureTab:
    """Shows the desk of a page; made when the tab is first looked at."""

    def __init__(self, page: Explorer):
        self._page, self._desk = page, page.desk
        self._drawing = FigureDrawing()
        self._due = 0.0  # when it is to be drawn; 0: it is as it should be
        self._saved: Counter[str] = Counter()
        self.sheet: FigureSheet | None = None

    def build(self) -> pn.Column:
        """Create the tab's content."""
        self.sheet = FigureSheet(
            lambda message: self._page.later(lambda: self._change(message)),
            choices={
                "journal": list(JOURNALS), "font": list(FONTS), "letters": list(LETTERS),
                "width": list(SHARES), "axis": list(AXES), "spikes": [UNMARKED, MARKED],
                "width_mm": {name: list(j.widths_mm) for name, j in JOURNALS.items()},
                "named": LABELS,
            },
            sizing_mode="stretch_width", margin=0, css_classes=["wb-figure"],
        )  # fmt: skip
        slug = self._page.slug
        self.files = {
            fmt: pmui.FileDownload(
                callback=self._callback(fmt), filename=f"{slug}-figure.{fmt}", label=text,
                auto=True, icon=icon("save"), variant="outlined", size="small",
                css_classes=[f"wb-figure-{fmt}"], margin=(0, 8, 8, 0), disabled=True,
            )
            for fmt, text in FILES.items()
        }  # fmt: skip
        self.message = ErrorAlert(margin=(8, 0))
        self.caption = CopyText(
            label="caption", rows=5, prose=True, sizing_mode="stretch_width", margin=(4, 0),
            visible=False, css_classes=["wb-figure-caption"],
        )  # fmt: skip
        self._desk.changed = self._changed
        self._changed()
        return pn.Column(
            self.sheet,
            pn.FlexBox(*self.files.values(), margin=(10, 0, 0, 0), sizing_mode="stretch_width"),
            self.message, self.caption, sizing_mode="stretch_width", margin=(10, 14),
        )  # fmt: skip

    def poll(self) -> None:
        """Called at every drawing: draw what changed, show what was drawn."""
        if self.sheet is None:
            return
        news = self._drawing.poll()
        if news is not None:
            self._show(*news)
        if self._due and not self._drawing.busy and time.monotonic() >= self._due:
            self._due = 0.0
            self._drawing.ask(self._desk.asked())
        busy = bool(self._due) or self._drawing.busy
        if self.sheet.busy != busy:
            self.sheet.busy = busy

    def end(self) -> None:
        """The page is gone."""
        self._drawing.end()
        self._desk.close()

    # -- inside ------------------------------------------------------------------------------------

    def _changed(self) -> None:
        """Show the fields as they are, and draw the figure soon."""
        sheet, desk = self.sheet, self._desk
        assert sheet is not None
        letter = {"a": str.lower, "A": str.upper}.get(desk.paper["letters"], lambda _c: "")
        sheet.param.update(
            page=dict(desk.paper), wrong="",
            panels=[
                {
                    "letter": letter("abcdefghijklmnopqrstuvwxyz"[k]), "title": sent.title,
                    "fields": {
                        name: "" if value is None else value for name, value in sent.fields.items()
                    },
                    "has": [n for n in (*NUMBERS, "width", "axis", "spikes") if sent.has(n)],
                }
                for k, sent in enumerate(desk.panels)
            ],
        )  # fmt: skip
        for file in self.files.values():
            file.disabled = not desk.panels
        if desk.panels:
            self._due = time.monotonic() + REST_S
        else:
            self._due = 0.0
            self._show("done", Drawn("", (0.0, 0.0), "", ()))

    def _change(self, message: dict[str, Any]) -> None:
        """A field was changed, or a button pressed."""
        desk, k = self._desk, int(message.get("panel", -1))
        try:
            if message["type"] == "page":
                desk.set_page(message["name"], message["value"])
            elif not 0 <= k < len(desk.panels):
                return  # it was removed meanwhile
            elif message["type"] == "panel":
                desk.set_panel(k, message["name"], message["value"])
            elif message["type"] == "move":
                desk.move(k, int(message["by"]))
            elif message["type"] == "remove":
                desk.remove(k)
            elif message["type"] == "same":
                desk.same_time(k)
        except WorkbenchError as error:
            assert self.sheet is not None
            self.sheet.wrong = in_words(error)

    def _show(self, what: str, found: Any) -> None:
        sheet = self.sheet
        assert sheet is not None
        if what == "failed":
            sheet.wrong = in_words(found)
            return
        sheet.param.update(image=found.image, size_mm=list(found.size_mm), notes=list(found.notes))
        self.caption.param.update(text=found.caption, visible=bool(found.caption))

    def _callback(self, fmt: str) -> Callable[[], Any]:
        async def make() -> io.BytesIO:
            button = self.files[fmt]
            self.message.say("")
            try:
                with writing(button):
                    asked = self._desk.asked()
                    async with place():
                        content = await waited(self._drawing.file, asked, fmt)
                self._saved[fmt] += 1
                n = self._saved[fmt]
                stem = f"{self._page.slug}-figure"
                # The browser saves data that change: the same ones again would do nothing.
                button.param.update(
                    data=None, filename=f"{stem}.{fmt}" if n == 1 else f"{stem}-{n}.{fmt}"
                )
                return io.BytesIO(content)
            except (WorkbenchError, OSError) as error:
                self.message.say(in_words(error))
                raise

        return make
