"""Plain ipywidgets for a model: sliders, Run, Pause, Reset and the time, for plots of one's own.

Nothing here knows Panel or Bokeh: it works wherever ipywidgets do, and lays out with them.

The page asks for news, by a hidden ``Play``: what is drawn in answer to a message of the page is
shown. Output that a kernel makes by itself, in a task or a thread, is not caught by the widget
``Output``, and so not by ``interactive_output``.
"""

from __future__ import annotations

import html
import math
import weakref
from collections import deque
from collections.abc import Sequence
from typing import Any

import numpy as np

from .engine.frames import Frame
from .engine.session import Session
from .errors import WorkbenchError, unknown
from .model.model import Model
from .model.parameter import Parameter
from .model.slider import nice_step, slider_range
from .numerals import unit_text
from .optional import optional

UPDATE_EVERY_MS = 100  # the time, and so what is drawn from it
LABELS = {"description_width": "12em"}

# A cell that is run again leaves its former controls behind, whose simulation nobody could stop.
_open: weakref.WeakValueDictionary[str, Controls] = weakref.WeakValueDictionary()


class Controls:
    """Sliders and buttons of one simulation at a time; a cell that ends with them shows them.

    widget  : all of it, to be placed in a layout
    sliders : parameter -> its widget, whose ``value`` is in the unit of the parameter; give it, or
              a part of it, to ``ipywidgets.interactive_output``
    time    : widget whose ``value`` is the simulated time in ms; it changes ten times a second
              while the simulation runs: ``interactive_output(draw, {"t_ms": controls.time})`` is
              a live plot
    status  : widget with what the simulation does, or why something was refused
    model   : the model, with the values of the sliders
    session : the simulation that Run started, or None
    """

    def __init__(
        self,
        model: Model,
        *,
        only: Sequence[str] | None = None,
        speed: float | None = None,
        window_ms: float = 500.0,
        **options: Any,
    ) -> None:
        widgets = _ipywidgets()
        if former := _open.pop(model.slug, None):
            former.close()
        self.model = model
        self.session: Session | None = None
        self.window_ms = window_ms
        pace = model.pace if speed is None else speed
        self._options = {"speed": None if pace == math.inf else pace, **options}
        self._recent: deque[Frame] = deque()
        names = list(model.parameters()) if only is None else list(only)
        self.sliders = {n: _slider(model.parameter(n), getattr(model, n)) for n in names}
        for name, slider in self.sliders.items():
            slider.observe(lambda change, name=name: self._moved(name, change["new"]), "value")
        self.time = widgets.FloatText(0.0, description="t (ms)", disabled=True, style=LABELS)
        self.status = widgets.HTML()
        self._state = ""
        self._beat = widgets.Play(
            interval=UPDATE_EVERY_MS, max=2**31 - 1, layout={"display": "none"}
        )
        self._beat.observe(lambda _change: self.update(), "value")
        self._buttons = {
            name: widgets.Button(description=name.capitalize(), icon=icon, tooltip=tooltip)
            for name, icon, tooltip in (
                ("run", "play", "Start, or go on."),
                ("pause", "pause", "Stand still at the next tick."),
                ("reset", "refresh", "End this simulation; Run starts the next one at t = 0."),
            )
        }
        for name, button in self._buttons.items():
            button.on_click(lambda _button, name=name: self._pressed(name))
        self.widget = widgets.VBox([
            widgets.HBox([*self._buttons.values(), self.time, self._beat]),
            self.status, *self._groups(),
        ])  # fmt: skip
        self._say("Press Run.")
        _open[model.slug] = self

    # -- what the buttons do -----------------------------------------------------------------------

    def run(self) -> None:
        """Start the simulation, or go on with it."""
        if self.session is not None and not self.session.status().over:
            self.session.resume()
        else:
            self.reset()
            self.session = self.model.start(**self._options)
        self._beat.playing = True

    def pause(self) -> None:
        """Stand still at the next tick."""
        if self.session is not None:
            self.session.pause()

    def reset(self) -> None:
        """End the simulation; the next one has the values of all sliders and starts at t = 0."""
        self._end()
        self._recent.clear()
        self._beat.playing, self._state = False, ""
        self.time.value = 0.0
        self._say("Press Run.")

    def close(self) -> None:
        """End the simulation and take the widgets off the page."""
        self._end()
        self.widget.close()

    def update(self) -> None:
        """Take what the simulation sent, and let the time move.

        The page calls this ten times a second while the simulation runs; call it in a loop of your
        own where no page shows these controls.
        """
        if self.session is None:
            return
        status = self.session.status()
        frames = self.session.frames()
        self._recent.extend(frames)
        while frames and self._recent[0].t_ms < frames[-1].t_ms - self.window_ms:
            self._recent.popleft()
        if status.state != self._state:
            self._state = status.state
            self._say(status.message or status.state, wrong=status.state == "failed")
        if frames:
            self.time.value = frames[-1].t_ms
        elif status.over or status.state == "paused":
            self._beat.playing = False

    # -- what a plot can draw ----------------------------------------------------------------------

    def spikes(self, population: str) -> tuple[np.ndarray, np.ndarray]:
        """Spikes of the last ``window_ms``.

        returns : t_ms (S,) float, and the number of the neuron within the population (S,) int
        raises  : UnknownName for a population that the network does not have
        """
        if self.session is None or self.session.info is None:
            return np.empty(0), np.empty(0, int)
        info = self.session.info
        known = info.populations_by_name
        if population not in known:
            raise unknown("population", population, known)
        wanted = known[population]
        steps = np.concatenate([np.empty(0, int), *(f.steps for f in self._recent)])
        units = np.concatenate([np.empty(0, int), *(f.units for f in self._recent)])
        t_ms = steps * info.dt_ms
        own = (units >= wanted.offset) & (units < wanted.offset + wanted.size)
        own &= t_ms >= self.time.value - self.window_ms
        return t_ms[own], units[own] - wanted.offset

    def samples(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Sampled values of the last ``window_ms``, of a trace that the model names.

        name    : "population.variable"
        returns : t_ms (T,) and values (T, n), in the unit of the trace
        """
        found = [(f.state_t, f.states[name]) for f in self._recent if name in f.states]
        if not found:
            return np.empty(0), np.empty((0, 0))
        t_ms = np.concatenate([t for t, _ in found])
        values = np.concatenate([v for _, v in found])
        inside = t_ms >= self.time.value - self.window_ms
        return t_ms[inside], values[inside]

    # -- inside ------------------------------------------------------------------------------------

    def _end(self) -> None:
        if self.session is not None:
            self.session.close()
        self.session = None

    def _repr_mimebundle_(self, **asked: Any) -> Any:
        return self.widget._repr_mimebundle_(**asked)

    def _groups(self) -> list[Any]:
        """A box of sliders for each group of parameters, under its name."""
        widgets = _ipywidgets()
        boxes: dict[str, list[Any]] = {}
        for name, slider in self.sliders.items():
            boxes.setdefault(self.model.parameter(name).group, []).append(slider)
        folded = widgets.Accordion([widgets.VBox(box) for box in boxes.values()])
        for k, title in enumerate(boxes):
            folded.set_title(k, title)
        folded.selected_index = 0 if boxes else None
        return [folded]

    def _pressed(self, name: str) -> None:
        try:
            getattr(self, name)()
        except WorkbenchError as error:
            self._say(str(error), wrong=True)

    def _moved(self, name: str, value: Any) -> None:
        parameter = self.model.parameter(name)
        running = self.session is not None and not self.session.status().over
        try:
            self.model.set(name, value)
            if running and parameter.live and self.session is not None:
                self.session.set(name, value)
        except WorkbenchError as error:
            self._say(str(error), wrong=True)
            return
        if running and not parameter.live:
            self._say(f"{name} needs a rebuild: press Reset, then Run.")

    def _say(self, text: str, wrong: bool = False) -> None:
        color = "color: var(--jp-error-color1, #b00020)" if wrong else ""
        self.status.value = f'<span style="{color}">{html.escape(text)}</span>'


def _ipywidgets() -> Any:
    return optional("ipywidgets", "notebook", "wb.controls")


def _slider(parameter: Parameter, value: float) -> Any:
    """A slider, or a menu for a choice, with the unit in its label and the meaning as its help."""
    widgets = _ipywidgets()
    common = {
        "description": f"{parameter.name} ({unit_text(parameter.unit)})".removesuffix(" ()"),
        "tooltip": f"{parameter.doc or ''}. {parameter.source}".strip(". "),
        "style": LABELS,
        "layout": {"width": "34em"},
    }
    if parameter.choices:
        options = [(text, k) for k, text in enumerate(parameter.choices)]
        if value >= len(options):  # a number without a name
            options.append((f"number {int(value)}", int(value)))
        return widgets.Dropdown(options=options, value=int(value), **common)
    low, high = slider_range(parameter)
    low, high = min(low, value), max(high, value)
    if parameter.integer:
        return widgets.IntSlider(
            int(value), min=int(low), max=int(high), continuous_update=parameter.live, **common
        )
    return widgets.FloatSlider(
        value, min=low, max=high, step=nice_step(low, high, parameter.default),
        continuous_update=parameter.live, readout_format=".4g", **common
    )  # fmt: skip
