"""Sharing and exporting a run: as a Brian2 script, a notebook, or a file of other programs."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import panel as pn
import panel_material_ui as pmui

from panels.access.visitor import in_words
from workbench.errors import WorkbenchError
from workbench.export.kinds import KINDS, kind_of
from workbench.model.model import Model
from workbench.model.transfer import pack_model, unpack_model
from workbench.run import Run

from ..theme import css
from ..widgets.background_job import elsewhere, writing
from ..widgets.copy_text import CopyText
from ..widgets.error_alert import ErrorAlert
from ..widgets.icons import icon

LABELS = {
    "script": "As a Brian2 script",
    "notebook": "As a notebook",
    "nwb": "As NWB",
    "neo": "As a Neo block",
    "csv": "As CSV tables",
    "parquet": "As Parquet tables",
    "parameters": "Parameters, as JSON",
    "methods": "Methods, for a paper",
}


TEXTS = {"link": "link", "python": "as Python"}


class ExportDialog:
    """``button`` goes into the header; ``view`` onto the page.

    slug      : what the files are named after: the model; it may change between two openings
    run_now   : returns the run so far; called in a thread
    reading   : called when a file is asked for, and entered until it is written: a context in which
                the run stays, also where another one begins; it gives another ``run_now``
    model_now : the model that is simulated
    place     : does something that adds to the page, when that may be changed
    texts     : returns the texts that can be copied: "link", a query, and "python"
    """

    def __init__(
        self,
        slug: str,
        run_now: Callable[[], Run],
        model_now: Callable[[], Model],
        place: Callable[[Callable[[], Any]], Any],
        texts: Callable[[], dict[str, str]] = dict,
        reading: Callable[[], AbstractContextManager[Callable[[], Run]]] | None = None,
    ):
        self._reading = reading or (lambda: nullcontext(run_now))
        self._texts = texts
        self.copied: dict[str, CopyText] = {}
        self.slug, self._model_now = slug, model_now
        self.button = pmui.IconButton(
            icon=icon("export"), size="small", description="Share or export this run",
            css_classes=["wb-export"], color="default", margin=0,
        )  # fmt: skip
        self.button.on_click(lambda _e: place(self.open))
        self.message = ErrorAlert(margin=(8, 0))
        self.files: dict[str, Any] = {}
        self.view = pn.Column(margin=0)  # filled when it is first opened

    def open(self) -> None:
        """Offer the files; writing one takes the run as it is then."""
        texts = self._texts()
        self.build(texts)
        for id, file in self.files.items():
            file.filename = self._name(id)
        for name, text in texts.items():
            self.copied[name].text = text
        self.message.say("")
        self.dialog.open = True

    def build(self, texts: Iterable[str]) -> None:
        """Make the dialog, closed, unless it is there; ``texts`` are those that it will have."""
        if not self.files:
            self.copied = {
                name: CopyText(
                    label=TEXTS[name], address=name == "link", sizing_mode="stretch_width",
                    margin=(0, 0, 8, 0), css_classes=[f"wb-copy-{name}"],
                )
                for name in texts
            }  # fmt: skip
            self.files = {kind.id: self._file(kind.id, LABELS[kind.id]) for kind in KINDS}
            note = pn.pane.HTML(
                "The script and the notebook repeat the run with Brian2 alone. "
                "What is several files comes as ZIP.",
                stylesheets=[css("text")], margin=(6, 0, 0, 0),
            )  # fmt: skip
            self.dialog = pmui.Dialog(
                pmui.Column(
                    *self.copied.values(), *self.files.values(), self.message, note,
                    sizing_mode="stretch_width"
                ),
                title="Share or export this run", title_variant="h6", show_close_button=True,
                close_on_click=True, width_option="xs", css_classes=["wb-export-dialog"],
            )  # fmt: skip
            self.view[:] = [self.dialog]

    def _file(self, id: str, label: str) -> Any:
        return pmui.FileDownload(
            callback=self._callback(id), filename=self._name(id), label=label, auto=True,
            icon=icon("save"), variant="outlined", css_classes=[f"wb-export-{id}"],
            margin=(0, 0, 6, 0), sizing_mode="stretch_width", size="small",
        )  # fmt: skip

    def _name(self, id: str) -> str:
        kind = kind_of(id)
        return self.slug + (".zip" if kind.builds or not kind.suffix else kind.suffix)

    def _callback(self, id: str) -> Callable[[], Any]:
        async def make() -> io.BytesIO:
            self.message.say("")
            try:
                with writing(self.files[id]), self._reading() as run_now:
                    model = pack_model(self._model_now()) if kind_of(id).builds else None
                    run = await asyncio.get_running_loop().run_in_executor(None, run_now)
                    return io.BytesIO(await elsewhere(made, run, id, self.slug, model))
            except (WorkbenchError, OSError) as error:
                self.message.say(in_words(error))
                raise

        return make


def made(run: Run, id: str, name: str, model: dict[str, Any] | None) -> bytes:
    """A run as one file of a kind, or as ZIP; ``model`` as `pack_model` packs it, if needed."""
    cls = None if model is None else type(unpack_model(model))
    _, content = kind_of(id).packed(run, name, cls)
    return content
