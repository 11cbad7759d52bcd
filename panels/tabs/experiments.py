"""The Experiments tab: reproduce a published table or figure in a separate process."""

from __future__ import annotations

import html
import io
import math
from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmui

from panels.access.visitor import in_words, served_to_others, visitor
from workbench.engine.process import allowed_children
from workbench.errors import ParameterError
from workbench.model import registry
from workbench.model.model import Comparison, Experiment, Model
from workbench.numerals import numeral
from workbench.settings import processors

from ..access.turns import NO_TURN, Turn
from ..parts.save_dialog import FORMATS
from ..theme import LINE, css
from ..widgets.background_job import BackgroundJob
from ..widgets.icons import icon
from ..widgets.number_field import field_for, typed_in

WIDTH_MM = 174.0
WORKERS = "workers"  # the option of experiments that says how many processes they have
FIELD_PX = 220


class Experiments:
    """One entry per experiment of the model; ``values`` returns the parameters to run it with."""

    def __init__(self, model: type[Model], values: Callable[[], dict[str, float]]):
        self._model, self._values = model, values
        self._whose = visitor().name
        self.entries: list[_Entry] = []

    def build(self) -> pn.Column:
        """Create the tab's content."""
        model = self._model
        self.entries = [_Entry(model.slug, e, self._values, self._whose) for e in model.experiments]
        return pn.Column(
            *(e.view for e in self.entries), sizing_mode="stretch_width", margin=(10, 12)
        )

    def poll(self) -> None:
        """Show messages from running experiments."""
        for entry in self.entries:
            entry.poll()

    def end(self) -> None:
        """End running experiments, because the page was closed."""
        for entry in self.entries:
            entry.end()


class _Entry:
    def __init__(
        self,
        slug: str,
        experiment: Experiment,
        values: Callable[[], dict[str, float]],
        whose: str = "",
    ) -> None:
        self.slug, self.experiment, self._values = slug, experiment, values
        self._job: BackgroundJob | None = None
        name = experiment.name
        self._turn = Turn(whose=whose)
        # Files and folders of a server are no business of whoever comes to its pages.
        left_out = experiment.of_machine if served_to_others() else frozenset()
        self.inputs = {
            k: _field(k, default, experiment.labels[k], experiment.choices[k])
            for k, (default, _) in experiment.options.items()
            if k not in left_out
        }
        self.start_button = pmui.Button(
            label="Run experiment", icon=icon("run"), size="small", variant="outlined",
            css_classes=[f"wb-experiment-{name}"], margin=(6, 8, 6, 0),
        )  # fmt: skip
        self.stop_button = pmui.Button(
            label="Stop",
            icon=icon("stop"),
            size="small",
            variant="text",
            visible=False,
            margin=(6, 0),
        )
        self.start_button.on_click(lambda _e: self.start())
        self.stop_button.on_click(lambda _e: self.stop())
        self.bar = pmui.LinearProgress(
            value=0, max=100, variant="determinate", visible=False, width=320, margin=(14, 12)
        )
        self.message = pn.pane.HTML(
            "", stylesheets=[css("text"), css("experiments")], margin=(8, 0)
        )
        self.result = pn.pane.HTML(
            "",
            stylesheets=[css("text"), css("experiments")],
            margin=0,
            sizing_mode="stretch_width",
            visible=False,
        )
        self.files = pn.Row(visible=False, margin=(6, 0))
        head = pn.pane.HTML(
            f"<h2>{html.escape(experiment.title)}</h2>"
            f'<p class="source">{html.escape(experiment.source)}</p>',
            stylesheets=[css("text"), css("experiments")], margin=0, sizing_mode="stretch_width",
        )  # fmt: skip
        self.view = pn.Column(
            head, pn.FlexBox(*self._explained(), margin=(6, 0), gap="4px 18px"),
            pn.Row(self.start_button, self.stop_button, self.bar, self.message, margin=0),
            self.result, self.files, sizing_mode="stretch_width", margin=(0, 0, 12, 0),
            styles={"background": "var(--panel-surface-color)", "padding": "14px 16px",
                    "border": LINE, "border-radius": "8px"},
        )  # fmt: skip

    def _explained(self) -> list[pn.Column]:
        """Each field, and under it what the option is."""
        return [
            pn.Column(
                field,
                pn.pane.HTML(
                    html.escape(self.experiment.options[name][1]), margin=0, width=FIELD_PX,
                    stylesheets=[css("text"), css("option")],
                ),
                width=FIELD_PX, margin=(4, 0),
            )
            for name, field in self.inputs.items()
        ]  # fmt: skip

    def start(self) -> None:
        if self._job is not None:
            return  # a second click, before the browser heard that the first one was enough
        options = {}
        try:
            for name, field in self.inputs.items():
                default = self.experiment.options[name][0]
                options[name] = typed_in(field, name, default)
        except ParameterError as error:
            self.message.object = f'<span class="bad">{html.escape(in_words(error))}</span>'
            return
        if not self._turn.take():
            self.message.object = f'<span class="bad">{NO_TURN}</span>'
            return
        self._job = BackgroundJob(
            perform, self.slug, self._values(), self.experiment.name, options,
            name=f"workbench-{self.slug}-{self.experiment.name}",
        )  # fmt: skip
        self.bar.param.update(visible=True, value=0)
        self.message.object = "starting"
        self._busy(True)

    def _busy(self, busy: bool) -> None:
        if not busy:
            self._turn.leave()
        self.start_button.disabled = busy
        self.stop_button.visible = busy
        self.bar.visible = busy

    def end(self) -> None:
        job, self._job = self._job, None
        if job is not None:
            job.stop()
            self._turn.leave()

    def stop(self) -> None:
        self.end()
        self._busy(False)
        self.message.object = "stopped"

    def poll(self) -> None:
        if self._job is None:
            return
        for kind, *rest in self._job.poll():
            if kind == "progress":
                fraction, text = rest
                self.bar.value = round(100 * min(1.0, fraction))
                self.message.object = html.escape(text)
            elif kind == "done":
                self._show(rest[0])
            else:
                self._fail(*rest)

    def _fail(self, sentence: str, details: str) -> None:
        self._job = None
        self._busy(False)
        self.message.object = f'<span class="bad">{html.escape(in_words(sentence))}</span>'
        self.result.param.update(
            object=f"<details><summary>Traceback</summary><pre>{html.escape(in_words(details))}</pre></details>",
            visible=bool(details),
        )

    def _show(self, result: dict[str, Any]) -> None:
        self._job = None
        self._busy(False)
        agree = sum(c.agrees for c in result["compared"])
        total = len(result["compared"])
        self.message.object = f"{agree} of {total} published numbers met" if total else "done"
        self.result.param.update(
            object=table(result["compared"]) + plot(result["files"].get("svg")), visible=True
        )
        name = f"{self.slug}-{self.experiment.name}"
        self.files[:] = [
            pmui.FileDownload(
                callback=lambda data=data: io.BytesIO(data), filename=f"{name}.{fmt}", auto=True,
                label=fmt.upper(), icon=icon("save"), variant="outlined", size="small",
                description=FORMATS[fmt], margin=(0, 6, 0, 0),
            )
            for fmt, data in result["files"].items()
        ]  # fmt: skip
        self.files.visible = True


def perform(
    slug: str, values: dict[str, float], name: str, options: dict[str, Any], report: Any
) -> dict[str, Any]:
    """Run one experiment; return its comparisons, and its figure and data as files."""
    experiment = next(e for e in registry.model_class(slug).experiments if e.name == name)
    with allowed_children():  # those that simulate by the dozen have some
        data = experiment.run(registry.load(slug, **values), progress=report, **options)
    report(1.0, "drawing the figure")
    return {
        "compared": list(experiment.compare(data)),
        "files": files_of(experiment.figure(data), data),
    }


def files_of(element: Any, data: Any) -> dict[str, bytes]:
    """Encode a HoloViews figure at two-column width, and its data, as files."""
    from workbench import figures as figure

    files = {
        f: figure.element_bytes(element, fmt=f, width_mm=WIDTH_MM) for f in ("svg", "pdf", "png")
    }
    try:
        files["csv"] = data.to_dataframe().to_csv().encode()
    except ValueError:  # variables of different shapes have no common table
        files["csv"] = "\n".join(
            f"# {k}\n{v.to_dataframe(name=str(k)).to_csv()}" for k, v in data.data_vars.items()
        ).encode()
    return files


def table(compared: list[Comparison]) -> str:
    """HTML table of published value, ours, difference and verdict.

    Where the published numbers are from one place, it stands below once instead of in every row.
    """
    if not compared:
        return ""
    notes = {c.note for c in compared}
    apart = len(notes) > 1 or len(compared) == 1
    note = "" if apart else notes.pop()
    below = f'<p class="source">Published: {html.escape(note)}</p>' if note else ""
    rows = "".join(
        f"<tr><td>{html.escape(c.what)}</td><td class=n>{_number(c.published, c.unit)}</td>"
        f"<td class=n>{_number(c.ours, c.unit)}{_error(c)}</td>"
        f"<td class=n>{_number(c.ours - c.published, c.unit)}</td>"
        f'<td class="{"yes" if c.agrees else "no"}">{"agrees" if c.agrees else "differs"}</td>'
        f"{f'<td>{html.escape(c.note)}</td>' if apart else ''}</tr>"
        for c in compared
    )
    return (
        "<table><tr><th>what</th><th>published</th><th>ours</th><th>difference</th>"
        f"<th>verdict</th>{'<th></th>' if apart else ''}</tr>{rows}</table>{below}"
    )


def plot(svg: bytes | None) -> str:
    """HTML of the figure, on white as in a paper."""
    from base64 import b64encode

    if svg is None:
        return ""
    uri = "data:image/svg+xml;base64," + b64encode(svg).decode()
    return f'<div class="figure"><img alt="The experiment\'s figure" src="{uri}"></div>'


def _number(value: float, unit: str) -> str:
    return numeral(value, 4) + ("" if unit == "1" else f" {html.escape(unit)}")


def _error(c: Comparison) -> str:
    return "" if math.isnan(c.error) else f" ± {numeral(c.error, 2)}"


def _field(name: str, default: Any, label: str, choices: tuple[str, ...]) -> Any:
    options: dict[str, Any] = {"label": label, "size": "small", "width": FIELD_PX, "margin": 0}
    if name == WORKERS:
        options |= {"low": 1, "high": processors()}
        default = min(default, processors())
    return field_for(name, default, choices, **options)
