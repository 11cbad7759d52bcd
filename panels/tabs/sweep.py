"""The Sweep tab: one or two parameters over a range, drawn as results arrive.

The sweep runs in a separate process, which starts the workers; this process only polls it.
"""

from __future__ import annotations

import hashlib
import html
import io
import json
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import panel as pn
import panel_material_ui as pmui

from panels.access.visitor import in_words, served_to_others, visitor
from workbench.errors import WorkbenchError
from workbench.figures.sweeps import sweep_bytes
from workbench.model.model import Model
from workbench.model.units import read
from workbench.paths import live_folder
from workbench.settings import processors
from workbench.sweeps.background import Background
from workbench.sweeps.dataset import dataset, measured
from workbench.sweeps.design import Design, make_design
from workbench.sweeps.measures import NAMED

from ..access.turns import NO_TURN, Turn
from ..theme import LINE, css
from ..widgets.cards import button
from ..widgets.icons import icon
from ..widgets.named_select import named_select
from .sweep_fields import NONE, Axis, named, whole
from .sweep_plot import SweepPlot

DRAW_EVERY_S = 0.5
POINTS = (9, 5)  # default number of values of the first and the second parameter


class Sweep:
    """The Sweep tab of a model.

    values  : returns the current parameter values, used for parameters that are not varied
    engine  : returns the currently chosen engine
    later   : runs a function once the page may be modified
    on_open : called with the parameter values of a clicked point
    on_save : called with a title, and what makes a file of the plot, when its ⤓ is pressed
    """

    def __init__(
        self,
        model: type[Model],
        values: Callable[[], dict[str, float]],
        engine: Callable[[], str],
        later: Callable[[Callable[[], Any]], Any],
        on_open: Callable[[dict[str, float]], Any],
        on_save: Callable[[str, Callable[[str, float], bytes]], Any],
    ):
        self.model = model
        self._values, self._engine, self._later = values, engine, later
        self._on_open, self._on_save = on_open, on_save
        self._job: Background | None = None
        self._whose = visitor().name
        self._turn = Turn(whose=self._whose)
        self._settings: dict[str, Any] = {}
        self._outcomes: dict[int, dict[str, Any]] = {}
        self._data: Any = None
        self._drawn_at = 0.0
        self._new = False
        self._dark = False
        self._began: tuple[float, int] = (0.0, 0)
        self._view: pn.Column | None = None

    # -- parts ---------------------------------------------------------------------------------

    def build(self) -> pn.Column:
        """Create the tab's content."""
        names = list(self.model.parameters())
        symbols = {named(self.model, n): n for n in names}
        live = [n for n in names if self.model.parameter(n).live] or names
        self.axes = [
            Axis("Parameter", symbols, live[0], self.model, POINTS[0]),
            Axis("Second parameter", {NONE: NONE, **symbols}, NONE, self.model, POINTS[1]),
        ]
        self.measure = pmui.Select(
            label="Measure", options={k.replace("_", " "): k for k in NAMED}, value="mean_rate",
            size="small", width=150,
            margin=(4, 12, 4, 0), css_classes=["wb-sweep-measure"],
        )  # fmt: skip
        self.repeats = whole("Repeats", 2, "runs at each point, each with a seed of its own")
        self.duration = pmui.TextInput(
            label="Duration (ms)", value="500", size="small", width=120,
            margin=(4, 12, 4, 0), description="simulated time of each run",
            css_classes=["wb-sweep-duration"],
        )  # fmt: skip
        cores = processors()
        self.workers = whole("Workers", max(1, cores // 2), f"of {cores} cores", end=cores)
        self.start_button = pmui.Button(
            label="Start sweep", icon=icon("run"), size="small", variant="outlined",
            margin=(6, 8, 6, 0), css_classes=["wb-sweep-start"],
        )  # fmt: skip
        self.stop_button = pmui.Button(
            label="Stop", icon=icon("stop"), size="small", variant="text", visible=False,
            margin=(6, 0), css_classes=["wb-sweep-stop"],
        )  # fmt: skip
        self.start_button.on_click(lambda _e: self._later(self.start))
        self.stop_button.on_click(lambda _e: self._later(self.stop))
        self.bar = pmui.LinearProgress(
            value=0, max=100, variant="determinate", visible=False, width=260, margin=(14, 12)
        )
        sheets = [css("text"), css("experiments")]
        self.message = pn.pane.HTML(
            "", stylesheets=sheets, margin=(8, 0), css_classes=["wb-sweep-said"]
        )
        self.shown = named_select(
            "Shown", options=[], visible=False, width=190, variant="standard",
            margin=(0, 12, 0, 0), css_classes=["wb-sweep-shown"],
        )  # fmt: skip
        self.label = named_select(
            "Sweep", options=[], visible=False, width=190, variant="standard", margin=0,
            css_classes=["wb-sweep-label"],
        )  # fmt: skip
        self.shown.param.watch(lambda _e: self._later(self._rechoose), "value")
        self.label.param.watch(lambda _e: self._later(self._redraw), "value")
        self.save_button = button("save", "Save this plot", "wb-save-sweep")
        self.save_button.visible = False
        self.save_button.on_click(lambda _e: self._later(self.save))
        self.hint = pn.pane.HTML(
            '<p class="source">A click on the plot runs the model live with the values of the '
            "nearest point.</p>", stylesheets=sheets, margin=(6, 0), visible=False,
        )  # fmt: skip
        self.files = pn.FlexBox(visible=False, margin=(6, 0))
        self.plot = SweepPlot(lambda values: self._later(lambda: self._on_open(values)))
        self.plot.dark = self._dark
        head = pn.pane.HTML(
            "<h2>Sweep</h2><p class='source'>Simulates the model at every combination of the "
            "values; everything else is as in the column at the left. The measure is drawn below: "
            "as a curve, or as a map of two parameters.</p>",
            stylesheets=sheets, margin=0, sizing_mode="stretch_width",
        )  # fmt: skip
        self._view = pn.Column(
            head, *(a.view for a in self.axes),
            pn.FlexBox(
                self.measure, self.repeats, self.duration, self.workers, align_items="center",
                margin=(2, 0),
            ),
            pn.FlexBox(self.start_button, self.stop_button, self.bar, self.message, margin=0),
            pn.FlexBox(self.shown, self.label, self.save_button, margin=(6, 0)), self.plot.view,
            self.hint, self.files,
            sizing_mode="stretch_width", margin=(10, 12),
            styles={"background": "var(--panel-surface-color)", "padding": "14px 16px",
                    "border": LINE, "border-radius": "8px"},
        )  # fmt: skip
        return self._view

    # -- user actions ----------------------------------------------------------------------------

    def design(self) -> Design:
        """Create the design from the fields; raises WorkbenchError if they are invalid."""
        vary: dict[str, Any] = {}
        for axis in self.axes:
            if axis.name in vary:
                raise WorkbenchError(f"{axis.name} is chosen twice: choose two parameters.")
            if axis.name != NONE:
                vary[axis.name] = axis.values()
        defaults = self.model().values()
        # Reset varied parameters to their defaults, so that equal sweeps have the same folder.
        base = {k: defaults[k] if k in vary else v for k, v in self._values().items()}
        return make_design(
            self.model(**base), vary, repeats=int(self.repeats.number()),
            measure=self.measure.value,
            duration_ms=read(self.duration.value, "ms", what="Duration", such_as="500 ms"),
            engine=self._engine(), operations=(), seed=1,
        )  # fmt: skip

    def start(self) -> None:
        """Start or resume the sweep described by the fields."""
        if self._job is not None:
            return
        try:
            design, workers = self.design(), int(self.workers.number())
        except WorkbenchError as error:
            self._report(str(error), bad=True)
            return
        self._settings, self._outcomes, self._data = design.settings(), {}, None
        self.path = place_of(self._settings, self.model.slug, self._whose)
        self.plot.clear()
        for part in (self.shown, self.label, self.save_button, self.hint, self.files):
            part.visible = False
        self._began = (0.0, 0)
        if not self._turn.take():
            self._report(NO_TURN, bad=True)
            return
        self._job = Background(design, self.path, workers)
        self.bar.param.update(visible=True, value=0)
        self._busy(True)
        self._report("starting workers")

    def stop(self) -> None:
        """Stop the sweep; finished runs are kept."""
        if self._job is not None:
            self._report("stopping")
            self._job.stop()

    def end(self) -> None:
        """Stop a running sweep, because the page was closed."""
        job, self._job = self._job, None
        if job is not None:
            job.stop()
            self._turn.leave()

    def set_dark(self, dark: bool) -> None:
        """Adapt the plot to a dark or a light page."""
        self._dark = dark
        if self._view is not None:
            self.plot.set_dark(dark)

    # -- the drawing clock -----------------------------------------------------------------------

    def poll(self) -> None:
        """Show new results; called by the page's drawing clock."""
        if self._job is not None:
            for kind, *rest in self._job.poll():
                if kind == "progress":
                    self._progress(*rest)
                elif kind == "done":
                    self._done(rest[0])
                else:
                    self._fail(*rest)
        if self._new and time.monotonic() - self._drawn_at >= DRAW_EVERY_S and self.plot.ready:
            self._new, self._drawn_at = False, time.monotonic()
            self._draw()

    def _progress(self, state: str, done: int, total: int, failed: int, outcome: Any) -> None:
        if outcome is not None:
            self._outcomes[int(outcome["k"])] = outcome
            self._new = True
        if state == "running" and not self._began[0]:
            self._began = (time.monotonic(), done)
        self.bar.value = round(100 * done / total)
        if state == "running":
            parts = [f"{done} of {total} runs"]
            if failed:
                parts.append(f"{failed} failed")
            since, before = self._began
            if done > before:
                left = (time.monotonic() - since) / (done - before) * (total - done)
                parts.append(f"about {_minutes(left)} left")
            self._report(" · ".join(parts))

    def _done(self, outcome: str) -> None:
        self._over()
        reasons = [o["error"] for o in self._outcomes.values() if o["error"]]
        message = f"{outcome}: {len(self._outcomes)} runs"
        if outcome == "stopped":
            message += "; Start goes on from here"
        if reasons:
            message += f" · {len(reasons)} failed: {reasons[-1]}"
        self._report(message, bad=bool(reasons))
        if self._data is not None or self._outcomes:
            place = [] if served_to_others() else [self._place()]
            self.files[:] = [self._table_file(), *place]
            self.files.visible = True

    def _fail(self, sentence: str, _details: str) -> None:
        self._over()
        self._report(sentence, bad=True)

    def _over(self) -> None:
        self._job = None
        self._busy(False)

    def _busy(self, busy: bool) -> None:
        if not busy:
            self._turn.leave()
        self.start_button.disabled = busy
        self.stop_button.visible = busy
        self.bar.visible = busy

    def _report(self, text: str, bad: bool = False) -> None:
        message = html.escape(in_words(text))
        self.message.object = f'<span class="bad">{message}</span>' if bad else message

    # -- drawing ---------------------------------------------------------------------------------

    def _draw(self) -> None:
        self._data = dataset(self._settings, self._outcomes)
        names = measured(self._data)
        if not names:
            return
        if list(self.shown.options) != names:
            value = self.shown.value if self.shown.value in names else names[0]
            self.shown.param.update(options=names, value=value)
        self._offer_labels()
        self.shown.visible = len(names) > 1
        self.hint.visible = self.save_button.visible = True
        self._redraw()

    def _rechoose(self) -> None:
        if self._data is not None:
            self._offer_labels()
            self._redraw()

    def _offer_labels(self) -> None:
        """Update the label options: one label for a heat map, one or all for lines."""
        from workbench.plots.sweep import axes_of, own_dimension

        values = self._data[self.shown.value]
        axes = axes_of(self._data)
        own = own_dimension(values, axes)
        labels = [] if own is None else [str(v) for v in values[own].values]
        offered = ([f"all {own}s"] if len(axes) == 1 and len(labels) > 1 else []) + labels
        if list(self.label.options) != offered:
            self.label.param.update(options=offered, value=offered[0] if offered else None)
        self.label.visible = len(offered) > 1

    def _redraw(self) -> None:
        if self._data is None or self.shown.value not in self._data:
            return
        self.plot.show(self._data, self.shown.value, self._chosen_label())

    def _chosen_label(self) -> str | None:
        """One label of the measure; None for all of them."""
        label = self.label.value
        own = {str(v) for d in self._data[self.shown.value].coords for v in self._data[d].values}
        return label if label in own else None

    def save(self) -> None:
        """Offer the plot as a file, as it is seen."""
        name = self.shown.value
        draw = partial(sweep_bytes, self._data, name, self._chosen_label())
        self._on_save(f"Sweep {name.replace('_', ' ')}", draw)

    def _table_file(self) -> Any:
        def csv() -> io.BytesIO:
            data = dataset(self._settings, self._outcomes)
            return io.BytesIO(data.to_dataframe().to_csv().encode())

        return pmui.FileDownload(
            callback=csv, filename=f"{self.path.stem}.csv", auto=True, label="CSV",
            icon=icon("save"), variant="outlined", size="small", margin=(0, 12, 0, 0),
            description="Every run: parameters, seed, and what was measured",
        )  # fmt: skip

    def _place(self) -> Any:
        return pn.pane.HTML(
            f'<p class="source">wb.open_sweep({html.escape(str(self.path))!r})</p>',
            stylesheets=[css("text"), css("experiments")], margin=(4, 0),
            styles={"overflow-wrap": "anywhere"},
        )  # fmt: skip


def place_of(settings: dict[str, Any], slug: str, whose: str = "") -> Path:
    """Folder of a sweep; equal settings give the same folder, so that the sweep can be resumed.

    whose : the name of the person whose it is, where people log in: a class may begin one sweep
            at once, and a folder is written by one at a time
    """
    mark = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:12]
    return live_folder().parent / "sweeps" / whose / f"{slug}-{mark}.zarr"


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
