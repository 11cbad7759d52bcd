"""What is special to the hippocampal memory: teach and ask it, and see whether it was right."""

from __future__ import annotations

import html
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np
import panel as pn
import panel_material_ui as pmui

from models.hippocampal_cam.operations import Learn, RecallByContent, RecallByCue
from models.hippocampal_cam.scoring import (
    OUTPUTS,
    Verdict,
    firing_threshold_nA,
    memory_table,
    operations_of,
    score,
    stored_table,
    verdicts,
)
from panels.access.visitor import in_words
from panels.extension import Added, Extension, ModelPage
from panels.model_plots.memory_table import memory_svg
from panels.model_plots.recall_quality import RecallQuality
from panels.theme import FIELD, css
from panels.widgets.icons import icon
from panels.widgets.number_field import NumberField
from panels.widgets.pace import Pace
from panels.widgets.toggle_row import ToggleRow
from workbench.errors import WorkbenchError
from workbench.model.operation import Operation
from workbench.plots.styling import sentence

FORWARD, BACKWARD = "cue_cue_to_content_cue", "content_content_to_cue_content"
WEIGHTS = (FORWARD, BACKWARD)  # the explorer keeps these in every frame
SAFE_MS = 14.0  # from one operation to the next, so that they do not disturb each other
SHOWN = 100  # verdicts listed
EVALUATE_EVERY_S = 0.25
SHARE = 0.1  # of the time at most goes into judging, which takes longer as the session grows

# The functional experiment of the source: three memories, questions both ways, one relearnt.
DEMONSTRATION: tuple[Operation, ...] = (
    Learn(cue=0, content=(0, 1, 8, 9)),
    Learn(cue=4, content=(1, 5, 6)),
    Learn(cue=3, content=(4, 5, 6)),
    RecallByCue(cue=0),
    RecallByContent(content=(6,)),
    RecallByContent(content=(0, 4)),
    Learn(cue=3, content=(1, 3, 4, 8)),
    RecallByCue(cue=3),
    RecallByContent(content=(6,)),
)


class Teacher:
    """The controls. Operations wait in a queue until the memory has finished with the last one."""

    def __init__(self, explorer: ModelPage):
        self.explorer = explorer
        self.queue: deque[Operation] = deque()
        self._asked = 0
        self._last_ms = -np.inf
        values = explorer.values
        self.cue = ToggleRow(label="cue", n=values["n_cues"], value=[0], multiple=False)
        self.content = ToggleRow(label="content bit", n=values["n_content"], value=[0, 1])
        self.spacing = NumberField(
            float(SAFE_MS), "The spacing", "ms", low=1.0, explain=True,
            label="From one operation to the next, at least (ms)", size="small",
            margin=FIELD, css_classes=["wb-spacing"],
            description="Operations closer than about 14 ms disturb each other's weights. Lower "
            "this to see it happen.", sizing_mode="stretch_width",
        )  # fmt: skip
        self.message = pn.pane.HTML("", stylesheets=[css("text")], margin=(4, 0, 0, 0))
        buttons = [
            self._button("Learn", "learn", "wb-learn", "contained", self.learn),
            self._button("Recall by cue", "ask", "wb-recall-cue", "outlined", self.by_cue),
            self._button(
                "Recall by content", "ask", "wb-recall-content", "outlined",
                self.by_content,
            ),
            self._button(
                "Play the published sequence", "list", "wb-demonstration", "text",
                self.demonstrate,
            ),
        ]  # fmt: skip
        self.view = pn.Column(
            _label("Cue"), self.cue, _label("Content"), self.content, *buttons, self.spacing,
            self.message, sizing_mode="stretch_width", margin=0,
        )  # fmt: skip
        explorer.on_info(lambda _info: self._resize())
        explorer.on_reset(self._clear)
        explorer.on_frames(lambda _frames, t_ms: self._pump(t_ms))

    def _button(self, label: str, drawn: str, css_class: str, variant: str, press: Any) -> Any:
        button = pmui.Button(
            label=label, icon=icon(drawn), variant=variant, size="small", css_classes=[css_class],
            sizing_mode="stretch_width", margin=(6, 0, 0, 0),
        )  # fmt: skip
        button.on_click(lambda _e: press())
        return button

    def learn(self) -> None:
        self._ask(Learn(cue=self.cue.value[0], content=tuple(self.content.value)))

    def by_cue(self) -> None:
        self._ask(RecallByCue(cue=self.cue.value[0]))

    def by_content(self) -> None:
        self._ask(RecallByContent(content=tuple(self.content.value)))

    def once(self) -> None:
        """Learn what is chosen, and recall it by its cue."""
        cue = self.cue.value[0]
        self._ask(Learn(cue=cue, content=tuple(self.content.value)), RecallByCue(cue=cue))
        self.explorer.resume()

    def demonstrate(self) -> None:
        self._ask(*DEMONSTRATION)

    def _ask(self, *operations: Operation) -> None:
        try:
            self.spacing.number()
            for operation in operations:
                operation.check(self.explorer.model)
        except WorkbenchError as error:
            self._report(in_words(error))
            return
        self.queue.extend(operations)
        self._report("")
        self._pump(self.explorer.t_ms)

    def _pump(self, t_ms: float) -> None:
        """Perform the next operation if the last one is far enough in the past."""
        if not self.queue:
            return
        done = [e for e in self.explorer.interventions if e.is_operation]
        if len(done) < self._asked:
            return  # the last one is still on its way
        last = done[-1].t_ms if done else -np.inf
        if done and t_ms - last < self.spacing.latest:
            self.explorer.resume()  # time must pass before it can begin
        else:
            self._asked = len(done) + 1
            self.explorer.do(self.queue.popleft())
        n = len(self.queue)
        self._report(f"{n} {'operation' if n == 1 else 'operations'} waiting" if n else "")

    def _report(self, text: str) -> None:
        if self.message.object != html.escape(text):
            self.message.object = html.escape(text)

    def _clear(self) -> None:
        self.queue.clear()
        self._asked = 0
        self._report("")

    def _resize(self) -> None:
        values = self.explorer.values
        for toggles, n in ((self.cue, values["n_cues"]), (self.content, values["n_content"])):
            kept = [b for b in toggles.value if b < n]
            toggles.param.update(n=n, value=kept or [0])


class Evaluate:
    """Watches outputs and weights; shows the memory table, the verdicts and their quality.

    once : learns something and recalls it; offered in the table while nothing was taught
    """

    def __init__(self, explorer: ModelPage, once: Callable[[], Any]):
        self.explorer = explorer
        self.table = pn.pane.HTML(
            "", stylesheets=[css("memory")], sizing_mode="stretch_both", margin=0
        )
        self.offer = pmui.Button(
            label="Learn and recall once", icon=icon("learn"), variant="outlined", size="small",
            css_classes=["wb-once"], margin=(0, 12, 6, 12), width=200,
        )  # fmt: skip
        self.offer.on_click(lambda _e: once())
        self.memory = pn.Column(self.offer, self.table, sizing_mode="stretch_both", margin=0)
        self.list = pn.pane.HTML(
            "", stylesheets=[css("verdicts")], sizing_mode="stretch_both", margin=0
        )
        self.quality = RecallQuality(explorer.model_class.window_ms / 1000)
        self._weights: dict[str, np.ndarray] = {}
        self._clear()
        explorer.on_info(lambda _info: self._clear())
        explorer.on_reset(self._clear)
        explorer.on_frames(self._take)
        explorer.on_dark(self._dark)
        explorer.draw_with(Pace(self._evaluate, EVALUATE_EVERY_S, SHARE))

    def _clear(self) -> None:
        self._spikes: dict[str, tuple[list, list]] = {p: ([], []) for p in OUTPUTS}
        self._weights = {}
        self._known: tuple[Any, ...] = ()
        self.quality.show([])
        self._show([], {}, 0.0)

    def _take(self, frames: list[Any], t_ms: float) -> None:
        info = self.explorer.network
        for frame in frames:
            self._weights |= {n: w for n, w in frame.weights.items() if n in WEIGHTS}
            for name in OUTPUTS:
                p = info.population(name)
                mine = (frame.units >= p.offset) & (frame.units < p.offset + p.size)
                if mine.any():
                    t, i = self._spikes[name]
                    t.append(frame.steps[mine] * info.dt_ms)
                    i.append(frame.units[mine] - p.offset)

    def _evaluate(self, t_ms: float) -> None:
        explorer = self.explorer
        operations = operations_of(explorer.model, explorer.interventions)
        spikes = {
            name: (np.concatenate(t or [[]]), np.concatenate(i or [[]]))
            for name, (t, i) in self._spikes.items()
        }
        evaluated = verdicts(operations, spikes, t_ms)
        done = [v for v in evaluated if v.state != "pending"]
        known = (len(evaluated), len(done))
        if known != self._known:
            self._known = known
            self.quality.show(evaluated)
        self._show(evaluated, memory_table(operations, t_ms), t_ms)

    def _show(self, evaluated: list[Verdict], should: dict, t_ms: float) -> None:
        values = self.explorer.values
        slow, fast = (firing_threshold_nA(values, k) for k in ("slow", "fast"))
        forward = self._weights.get(FORWARD)
        backward = self._weights.get(BACKWARD)
        drawing = memory_svg(
            values["n_cues"], values["n_content"], should,
            {} if forward is None else stored_table(forward, slow),
            {} if backward is None else stored_table(backward.T, fast),
            recalled(evaluated),
        )  # fmt: skip
        for pane, text in ((self.table, drawing), (self.list, verdict_list(evaluated))):
            if pane.object != text:
                pane.object = text

        if self.offer.visible != (not should):
            self.offer.visible = not should

    def _dark(self, dark: bool) -> None:
        self.quality.set_dark(dark)
        self.list.css_classes = ["dark"] if dark else []


def recalled(evaluated: list[Verdict]) -> str:
    """The latest recall that was evaluated, as a sentence; "" before there is one."""
    last = next((v for v in reversed(evaluated) if v.is_recall and v.state != "pending"), None)
    if last is None:
        return ""
    return f"{sentence(last.text)} gave {_set(last.observed)}: {last.state}."


def verdict_list(evaluated: list[Verdict]) -> str:
    """The latest operations with what was expected, what came, and the verdict."""
    if not evaluated:
        return (
            '<div class="none">Pick a cue and content bits among the controls and press Learn; '
            "then ask. Each operation is evaluated here.</div>"
        )
    total = score(evaluated)
    rows = "".join(
        f'<tr><td class="t">{v.tick} ms</td><td class="what">{html.escape(v.text)}</td>'
        f"<td>{_set(v.expected)}</td><td>{_set(v.observed)}</td>"
        f'<td class="{_kind(v)}">{v.state}</td></tr>'
        for v in reversed(evaluated[-SHOWN:])
    )
    message = f"{total['correct']:.0f} of {total['operations']:.0f} operations correct"
    if np.isfinite(total["precision"]):
        message += f", precision {total['precision']:.2f}, recall {total['recall']:.2f}"
    return (
        f'<div class="verdicts wb-verdicts"><p class="sum">{message}</p><table><tr><th>start</th>'
        "<th>operation</th><th>expected</th><th>answered</th><th>verdict</th></tr>"
        f"{rows}</table></div>"
    )


def _kind(v: Verdict) -> str:
    return v.state if v.state in ("correct", "pending") else "wrong"


def _set(neurons: tuple[int, ...]) -> str:
    return "{" + ", ".join(map(str, neurons)) + "}" if neurons else "nothing"


def _label(text: str) -> Any:
    return pn.pane.HTML(text, stylesheets=[css("text")], margin=(6, 0, 2, 0))


def extend(explorer: ModelPage) -> Extension:
    """Memory table, verdicts, and precision and recall over time."""
    teacher = Teacher(explorer)
    evaluate = Evaluate(explorer, teacher.once)
    return Added(
        cards={
            "Memory": evaluate.memory,
            "Operations": evaluate.list,
            "Recall quality": pn.pane.Bokeh(
                evaluate.quality.root, sizing_mode="stretch_both", margin=0
            ),
        },
        controls=teacher.view,
        leading=("raster", "circuit", "own", "weights"),
        weights=WEIGHTS,
        hints={"raster": "Nobody fires by itself:\npress Learn among the controls."},
    )


if pn.state.served or __name__ == "__main__":
    from panels.alone import show

    show(__file__)
