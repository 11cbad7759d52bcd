"""A lesson on a model's page: step after step, what is predicted, and what is reached."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from functools import partial
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import panel_material_ui as pmui
import param
from panel.custom import JSComponent

from workbench.engine.frames import Frame, Status
from workbench.errors import UnknownName, WorkbenchError, unknown
from workbench.lessons import Measured, Prediction, Progress, Step, lesson_files, load_lesson
from workbench.lessons.measures import Window, find, in_words, unit_of
from workbench.model.operation import Operation
from workbench.network import NetworkInfo

from ..theme import css
from .lesson_in_words import number, shown_over, shown_step

if TYPE_CHECKING:
    from ..model_page import Explorer
    from .address import Asked

LOOK_EVERY_S = 0.5  # measuring
LONGEST = 60  # characters of an answer
PREDICT, TARGET = "predict", "target"


class LessonCard(JSComponent):
    """What the browser draws of a lesson, and keeps of it. Texts are texts there.

    of    : the model and the lesson, by which it is kept
    shown : the step, as `lesson_in_words` says it
    live  : what is measured now: "predict" and "target" -> sentence, "share" of the range
    kept  : `Progress`, as plain data
    """

    of = param.String(default="")
    shown = param.Dict(default={})
    live = param.Dict(default={})
    kept = param.Dict(default={})

    _esm = Path(__file__).with_name("lesson.js")
    _stylesheets = [css("lesson")]

    def __init__(self, on_message: Callable[[dict[str, Any]], Any], **params: Any):
        self._on_message = on_message
        super().__init__(sizing_mode="stretch_width", margin=(8, 12, 4, 12), **params)

    def _handle_msg(self, message: Any) -> None:
        if isinstance(message, dict):
            self._on_message(message)


class Taught:
    """The lesson of one page, if its address names one.

    name    : of the lesson, "" for none
    view    : [the lesson], or [] on a page without one
    buttons : what opens the lessons of a model, on a page without one
    """

    def __init__(self, page: Explorer, begun: Asked):
        self._page = page
        self.name = "" if begun.link is None else begun.link.lesson
        self.progress: Progress | None = None
        self.view: list[LessonCard] = []
        self.buttons: list[Any] = []
        self._asked: dict[str, Measured] = {}  # what is measured in this step
        self._windows: dict[str, Window] = {}
        self._since_ms = 0.0  # when the answer was revealed
        self._found: dict[str, float] = {}  # what was measured of a prediction
        self._due: list[tuple[float, Callable[[], Any]]] = []  # in their order
        self._round_ms = 0.0  # when the operations of the step begin again
        self._asked_done = 0  # operations that the log has once all that was asked for is done
        self._looked = 0.0
        if self.name:
            self._open()
        elif not page.notebook:
            self.buttons = [self._button(name) for name in lesson_files(page.model_class)]

    def _open(self) -> None:
        page = self._page
        try:
            self.progress = Progress(load_lesson(page.model_class, self.name))
        except WorkbenchError as error:
            self.name = ""
            page.address.say(f"The lesson was not opened. {error}")
            return
        self.view = [
            LessonCard(
                self._on_message, of=f"{page.slug}-{self.name}", css_classes=["wb-lesson"],
                shown=self._in_words(),
            )
        ]  # fmt: skip
        page.on_info(self._on_network)
        page.on_reset(self._on_reset)
        page.on_frames(self._on_frames)
        page.on_dark(self._on_dark)

    def _on_dark(self, dark: bool) -> None:
        self.view[0].css_classes = ["wb-lesson", *(["dark"] if dark else [])]

    def _button(self, name: str) -> Any:
        page = self._page
        try:
            title = load_lesson(page.model_class, name).title
        except WorkbenchError:
            title = name  # opening it says what is wrong
        button = pmui.Button(
            label=f"Lesson: {title}", size="small", variant="text", margin=(6, 14, 0, 0),
            css_classes=["wb-open-lesson"],
        )  # fmt: skip
        button.on_click(lambda _e: page.go_to_lesson(name))
        return button

    # -- what the visitor does -------------------------------------------------------------------

    def _on_message(self, message: dict[str, Any]) -> None:
        """From the browser: what it has kept, an answer, or a button."""
        self._page.later(lambda: self._act(message))

    def _act(self, message: dict[str, Any]) -> None:
        progress, page = self.progress, self._page
        assert progress is not None
        if "kept" in message:
            self.progress = Progress.from_json(progress.lesson, message["kept"])
            self._begin(running=False, kept=True)
        elif "answer" in message:
            try:
                progress.answer(progress.at, message["answer"], self._unit())
            except WorkbenchError as error:
                self._show(refused=(str(message["answer"])[:LONGEST], str(error)))
                return
            self._show()
        elif message.get("reveal"):
            self._reveal()
        elif message.get("again"):
            self.progress = Progress(progress.lesson)
            self._begin()
        elif message.get("leave"):
            page.go_to_lesson("")
        elif message.get("step") in (-1, 1):
            progress.at = min(max(progress.at + message["step"], 0), len(progress.lesson.steps))
            self._begin()

    def _reveal(self) -> None:
        progress, page, step = self.progress, self._page, self._step
        assert progress is not None
        asked = None if step is None else step.predict
        if asked is None or progress.at in progress.revealed or not progress.reveal(progress.at):
            return
        self._show()
        anew = any(not page.model_class.parameter(k).live for k in asked.values)
        if anew or page.session.status().over:
            page.changes.show(asked.values)
            page.restart(True, "what the lesson asked")
        now_ms = 0.0 if page.info is None else page.t_ms
        if self._due and step is not None and step.every_ms is None:
            now_ms = max(now_ms, self._due[-1][0] + asked.over_ms)  # what is done before is over
        self._since_ms = math.inf
        self._due.append((now_ms, lambda: self._ask(asked)))
        self._due += [(now_ms + (o.t_ms or 0.0), partial(self._do, o)) for o in asked.do]
        self._due.sort(key=itemgetter(0))
        if not page.running:
            page.go()

    def _ask(self, asked: Prediction) -> None:
        """What was to be predicted begins."""
        page = self._page
        self._since_ms = page.t_ms
        self._asked_done = self._done() + len(asked.do)
        page.changes.teach(asked.values, "what the lesson asked")
        self._measure(PREDICT, asked)

    def _done(self) -> int:
        return sum(e.is_operation for e in self._page.interventions)

    def _do(self, operation: Operation) -> None:
        self._page.session.do(operation)

    # -- a step ----------------------------------------------------------------------------------

    @property
    def _step(self) -> Step | None:
        progress = self.progress
        if progress is None or progress.over:
            return None
        return progress.lesson.steps[progress.at]

    def _begin(self, running: bool = True, kept: bool = False) -> None:
        """Begin the step that it has come to: a new run, with its values.

        kept : the page has just opened; values that its address has are those that were left
        """
        page, progress, step = self._page, self.progress, self._step
        assert progress is not None
        defaults = page.model_class().values()
        values = {**defaults, **({} if step is None else step.values)}
        if step is not None and step.predict is not None and progress.at in progress.revealed:
            values |= step.predict.values
        fences = {} if step is None else {
            name: state for name in defaults if (state := step.state_of(name)) != "free"
        }  # fmt: skip
        page.changes.held = frozenset(fences)
        page.changes.first = values
        page.parameters.fences = fences
        self._arrange(step)
        self._asked, self._found = {}, {}
        if step is not None and step.target is not None:
            self._asked[TARGET] = step.target
        if kept and page.values != defaults:
            values = dict(page.values)
        if progress.lesson.speed is not None:
            page.transport.show_speed(progress.lesson.speed)
        page.changes.undo.forget()
        if not kept or values != page.values:
            page.changes.show(values)
            page.restart(running, f"step {progress.at + 1} of the lesson")
        else:
            self._on_reset()
        self._show()

    def _arrange(self, step: Step | None) -> None:
        """Show the cards that a step names; all where it names none."""
        ordered = self._page.plots.ordered
        wanted = () if step is None else step.cards
        titles = [card.title for card in ordered]
        missing = [title for title in wanted if title not in titles]
        if missing:
            error = unknown("card", missing[0], titles, owner=self._page.slug)
            self._page.address.say(f"{self.name}.toml: {error}")
        for card in ordered:
            card.leave_out(bool(wanted) and card.title not in wanted)
        self._page.plots.fill_rows()

    # -- what is measured ------------------------------------------------------------------------

    def _on_network(self, info: NetworkInfo) -> None:
        for key, what in self._asked.items():
            self._windows[key] = self._window(key, what, info)

    def _on_reset(self) -> None:
        """A new run: what is done in the step is done again, and measuring begins anew."""
        self._windows, self._since_ms, self._round_ms = {}, 0.0, 0.0
        self._due = []
        self._plan()
        if self._page.info is not None:
            self._on_network(self._page.info)

    def _plan(self) -> None:
        """The operations of the next round."""
        step, begin_ms = self._step, self._round_ms
        if step is not None:
            self._due += [(begin_ms + (o.t_ms or 0.0), partial(self._do, o)) for o in step.do]
            self._round_ms += step.every_ms or 0.0

    def _measure(self, key: str, what: Measured) -> None:
        if what.measure:
            self._asked[key] = what
            if self._page.info is not None:
                self._windows[key] = self._window(key, what, self._page.info)

    def _window(self, key: str, what: Measured, info: NetworkInfo) -> Window:
        kind = find(self._page.model_class, what.measure).of
        # What follows the answer is measured once, as soon as it is there.
        keep_ms = math.inf if key == PREDICT else 2 * what.over_ms
        return Window(info, keep_ms, what.of if kind == "trace" else "")

    def _on_frames(self, frames: list[Frame], _t_ms: float) -> None:
        for key, window in self._windows.items():
            if key not in self._found:
                window.add(frames)

    def follow(self, status: Status) -> None:
        """Called at every drawing: do what is due, and measure now and then."""
        step, page = self._step, self._page
        if step is None or page.info is None or status.over:
            return
        if self._due and status.state == "running" and self._due[0][0] <= status.t_ms:
            due_ms, act = self._due.pop(0)
            # One that is late, as between two drawings, is as far from the next as it should be.
            late_ms = status.t_ms - due_ms
            self._due = [(t_ms + late_ms, other) for t_ms, other in self._due]
            self._round_ms += late_ms
            act()
        elif not self._due and step.every_ms is not None and step.do:
            self._plan()
        now = time.monotonic()
        if self._windows and now - self._looked > LOOK_EVERY_S:
            self._looked = now
            self._look()

    def _look(self) -> None:
        progress = self.progress
        assert progress is not None
        live: dict[str, Any] = {}
        for key, window in self._windows.items():
            what = self._asked[key]
            if key not in self._found:
                try:
                    value = self._value(key, what, window)
                except UnknownName as error:  # a population that the network does not have
                    live[key] = str(error)
                    continue
                if key == PREDICT and math.isfinite(value):
                    self._found[key] = value
            else:
                value = self._found[key]
            live[key] = self._said(what, value)
            if key == TARGET:
                live["value"] = value if math.isfinite(value) else None
                if what.holds(value) and progress.at not in progress.reached:
                    progress.reached.add(progress.at)
                    self._show()
        if live != self.view[0].live:
            self.view[0].live = live

    def _value(self, key: str, what: Measured, window: Window) -> float:
        """What is measured now; nan as long as there is too little to measure of."""
        page = self._page
        tick_ms = page.model_class.tick_ms
        log = page.interventions
        if key == PREDICT:
            if self._done() < self._asked_done:
                return math.nan
            last = max((e.t_ms for e in log if e.is_operation and self._asked_done), default=0.0)
            stop_ms = max(self._since_ms, last) + what.after_ms + what.over_ms
        else:
            changed = max((e.t_ms for e in log if e.is_change), default=0.0)
            stop_ms = window.t_ms
            if page.changes.waiting or stop_ms < changed + what.after_ms + what.over_ms:
                return math.nan
        stop_ms = math.ceil(stop_ms / tick_ms - 1e-6) * tick_ms
        start_ms = stop_ms - math.ceil(what.over_ms / tick_ms - 1e-6) * tick_ms
        if window.t_ms < stop_ms or start_ms < window.known_from_ms:
            return math.nan
        part = window.part(start_ms, stop_ms, page.model, log)
        return find(page.model_class, what.measure).function(part, what.of)

    def _said(self, what: Measured, value: float) -> str:
        cls = self._page.model_class
        title = in_words(cls, what.measure, what.of)
        unit = unit_of(cls, what.measure, what.of)
        known = number(value, unit) if math.isfinite(value) else "measuring …"
        return f"{title[0].upper()}{title[1:]}: {known}"

    # -- what is shown ---------------------------------------------------------------------------

    def _unit(self) -> str:
        step = self._step
        asked = None if step is None else step.predict
        if asked is None:
            return ""
        if asked.unit or not asked.measure:
            return asked.unit
        return unit_of(self._page.model_class, asked.measure, asked.of)

    def _in_words(self, refused: tuple[str, str] = ("", "")) -> dict[str, Any]:
        progress = self.progress
        assert progress is not None
        if progress.over:
            return shown_over(progress)
        return shown_step(progress, self._page.model_class, self._unit(), refused)

    def _show(self, refused: tuple[str, str] = ("", "")) -> None:
        assert self.progress is not None
        live = {k: v for k, v in self.view[0].live.items() if k in self._asked}
        self.view[0].param.update(
            shown=self._in_words(refused), kept=self.progress.to_json(), live=live
        )
