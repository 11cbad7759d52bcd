"""The card "Bring in": a recording's spike trains beside the simulated ones, or as an input."""

from __future__ import annotations

import html
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import panel as pn
import panel_material_ui as pmui

from panels.access.visitor import in_words
from workbench.engine.process import limit_memory
from workbench.errors import ParameterError, StoreError
from workbench.formats.read_trains import listed
from workbench.formats.spikes import RecordedSpikes, read_spikes
from workbench.model.misread import shortened
from workbench.network import NetworkInfo

from ..theme import css
from ..widgets.background_job import BackgroundJob
from ..widgets.uploaded import safe_name

if TYPE_CHECKING:
    from workbench.model.model import Model
    from workbench.run import Run

ENDINGS = (".nwb", ".csv", ".tsv", ".txt", ".mat")
NOTHING = "none: it is only shown"


LONGEST_NAME = 60  # characters, of a population with its size
LONGEST_S = 60.0  # that a file may take to be read
# For a process that reads one: a file of 1 MB may unpack to gigabytes. Loading Brian2 and PyNWB
# takes 1.4 GB of addresses and 0.2 GB of memory.
MOST_GB = 3.0


class RecordingCard:
    """A field for a file; what is read is handed to the page, which begins a new run.

    changed : called when a recording came or went, or is replayed otherwise; with why in words
    later   : performs an action when the session may be touched

    ``recording`` is what was read, None before; ``options`` what a session is given of it.
    """

    def __init__(self, changed: Callable[[str], Any], later: Callable[[Callable[[], Any]], Any]):
        self._changed, self._later = changed, later
        self.recording: RecordedSpikes | None = None
        self.file = pmui.FileInput(
            label="Open spike trains", accept=",".join(ENDINGS), size="small", variant="outlined",
            margin=(4, 8, 4, 0), width=200, css_classes=["wb-recording-file"],
        )  # fmt: skip
        self.file.param.watch(lambda *_e: later(self._read), ["value", "filename"])
        self.replayed = pmui.Select(
            label="Replay as the input", options=[NOTHING], value=NOTHING, size="small",
            width=330, margin=(4, 8, 4, 0), visible=False, css_classes=["wb-recording-input"],
        )  # fmt: skip
        self.replayed.param.watch(lambda e: later(lambda: self._replay(e.new)), "value")
        self.remove = pmui.Button(
            label="Remove", variant="text", size="small", margin=(8, 8, 4, 0), visible=False,
            css_classes=["wb-recording-remove"],
        )  # fmt: skip
        self.remove.on_click(lambda _e: later(self._remove))
        self.message = pn.pane.HTML(
            "An NWB, CSV or MAT file of spike trains: raster and rates show it beside the "
            "simulation, from t = 0 on.",
            margin=(2, 0), css_classes=["wb-recording-message"], stylesheets=[css("text")],
        )  # fmt: skip
        self.view = pn.Column(
            pn.FlexBox(self.file, self.replayed, self.remove, margin=0), self.message,
            sizing_mode="stretch_width", margin=(0, 12, 8, 12),
        )  # fmt: skip
        self._pairs: dict[str, tuple[str, str]] = {}

    def options(self, model: type[Model]) -> dict[str, Any]:
        """What a session is given: ``input_spikes`` where something is replayed."""
        chosen = self._pairs.get(self.replayed.value)
        if chosen is None or self.recording is None:
            return {}
        population, target = chosen
        return {"input_spikes": {target: self.recording.as_input(model, population)}}

    def joined(self, run: Run) -> Run:
        """A run as the page shows it: with the recording beside it."""
        return run if self.recording is None else run.beside(self.recording)

    def show_network(self, info: NetworkInfo) -> None:
        """Offer to replay each population by each input that takes as many neurons."""
        recorded = {} if self.recording is None else self.recording.populations
        takes = [p for p in info.populations if "drive" in p.variables]
        self._pairs = {
            f"{name.replace('_', ' ')} ({size:,}) by {p.label}": (name, p.name)
            for name, size in recorded.items()
            for p in takes
            if size <= p.size
        }
        options = [NOTHING, *self._pairs]
        if options != self.replayed.options:
            kept = self.replayed.value if self.replayed.value in options else NOTHING
            self.replayed.param.update(options=options, value=kept)
        self.replayed.visible = bool(self._pairs)

    def in_words(self) -> str:
        """What was brought in, and what is replayed of it, as HTML."""
        replayed = html.escape(f"{self.replayed.label}: {self.replayed.value}.")
        more = f"<p>{replayed}</p>" if self.recording is not None and self._pairs else ""
        return f"<p>{self.message.object}</p>{more}"

    # -- what a person does ------------------------------------------------------------------------

    def _read(self) -> None:
        name, content = self.file.filename, self.file.value
        if not content or self.file.loading:
            return
        self.file.loading = True
        # A file of an unknown kind may take seconds to read; the page must not wait for it.
        name = safe_name(name, "recording")
        threading.Thread(target=self._open, args=(name, content), daemon=True).start()

    def _open(self, name: str, content: bytes) -> None:
        try:
            recording = _read_elsewhere(name, content)
        except Exception as error:  # whatever it is, the field must not go on turning
            text = in_words(error)
            self._later(lambda: self._refuse(text))
            return
        self._later(lambda: self._take(recording, name))

    def _take(self, recording: RecordedSpikes, name: str) -> None:
        self.file.loading = False
        self.recording = recording
        populations = listed(
            (f"{shortened(k.replace('_', ' '))} ({n:,})" for k, n in recording.populations.items()),
            LONGEST_NAME,
        )
        self.message.object = html.escape(
            f"{name}: {populations}; {recording.duration_ms:,.6g} ms. In raster and rates it "
            "stands below the simulated populations."
        )
        self.remove.visible = True
        self._changed(f"{name} beside the simulation")

    def _refuse(self, text: str) -> None:
        self.file.loading = False
        self.message.object = html.escape(text)

    def _replay(self, name: str) -> None:
        chosen = self._pairs.get(name)
        if self.recording is not None:
            said = f"{name} of the recording" if chosen else "the recording is no input any more"
            self._changed(said)

    def _remove(self) -> None:
        self.recording, self._pairs = None, {}
        with pn.io.hold():
            self.replayed.param.update(options=[NOTHING], value=NOTHING, visible=False)
        self.remove.visible = False
        self.message.object = "The recording was removed."
        self._changed("without the recording")


def _read_elsewhere(name: str, content: bytes) -> RecordedSpikes:
    """The trains of a file, read in another process; raises WorkbenchError, OSError."""
    if Path(name).suffix.lower() not in ENDINGS:
        raise ParameterError(f"{name} cannot be opened: its name ends in {' or '.join(ENDINGS)}.")
    with tempfile.TemporaryDirectory(prefix="workbench-recording-") as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        job = BackgroundJob(_read_within, path, name="workbench-reading")
        if not job.over.wait(LONGEST_S):
            job.stop()
            raise StoreError(
                f"{name} was not read within {LONGEST_S:g} s, and is given up: give a part of it, "
                "or the same spike trains as NWB or CSV."
            )
        kind, found, *_ = job.poll()[-1]
    if kind != "done":
        raise StoreError(str(found).replace(f"{folder}/", ""))
    assert isinstance(found, RecordedSpikes)
    return found


def _read_within(path: Path) -> RecordedSpikes:
    limit_memory(MOST_GB)
    try:
        return read_spikes(path)
    except MemoryError:
        raise StoreError(
            f"{path} needs more than {MOST_GB:g} GB to be read, and is given up: give a part of it."
        ) from None
