"""The transport bar: which model, run, pause, step, reset, stop, and how fast."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import panel_material_ui as pmui

from workbench.engine.frames import state_is_over

from ..widgets.icons import icon
from .status import speed_text

# Simulated ms per wall second: slow motion, real time, faster; None is as fast as possible.
SPEEDS: tuple[float, ...] = (
    1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000,
)  # fmt: skip
FASTEST = "max"


def speed_options(pace: float | None, *more: float) -> dict[str, float | str]:
    """Label -> speed of the slider, slow to fast; the model's own pace is one of its stops."""
    stops = sorted({*SPEEDS, *([pace] if pace else []), *(m for m in more if m < math.inf)})
    return {**{speed_text(s): float(s) for s in stops}, "as fast as possible": FASTEST}


class Transport:
    """The buttons of the header. Each calls ``on(name)``; the speed slider calls ``on_speed``.

    pace, speed : the model's own, and the one to begin with where that is another one; ``math.inf``
                  is as fast as possible
    """

    def __init__(
        self,
        pace: float | None,
        on: Callable[[str], Any],
        on_speed: Callable[[float | None], Any],
        speed: float | None = None,
    ):
        begin, self._pace = pace if speed is None else speed, pace
        self.run = pmui.Button(
            label="Run", icon=icon("run"), color="primary", variant="contained", size="small",
            css_classes=["wb-run"], margin=(0, 4), width=92, description="Run (space)",
        )  # fmt: skip
        self.run.on_click(lambda _e: on("run"))
        self.buttons: dict[str, pmui.IconButton] = {}
        for name, message in (
            ("pause", "Pause (space)"),
            ("step", "Step: one tick (s)"),
            ("reset", "Reset to t = 0 (r)"),
            ("stop", "Stop: end this run"),
        ):
            button = pmui.IconButton(
                icon=icon(name), size="small", description=message, css_classes=[f"wb-{name}"],
                margin=0, color="default",
            )  # fmt: skip
            button.on_click(functools.partial(_press, on, name))
            self.buttons[name] = button
        self.speed = pmui.DiscreteSlider(
            label="Speed", options=speed_options(pace, *([speed] if speed else [])),
            value=float(begin) if begin and begin < math.inf else FASTEST,
            size="small", min_width=70, margin=(8, 16, 0, 16), css_classes=["wb-speed"],
            sizing_mode="stretch_width",
        )  # fmt: skip
        self.speed.param.watch(
            lambda e: on_speed(None if e.new == FASTEST else float(e.new)), "value"
        )
        self.parts = (self.run, *self.buttons.values(), self.speed)

    def show_speed(self, speed: float) -> None:
        """Choose a speed, which becomes a stop of the slider where it is none."""
        if speed not in self.speed.options.values():
            self.speed.options = speed_options(self._pace, speed)
        self.speed.value = float(speed)

    @property
    def chosen_speed(self) -> float | None:
        return None if self.speed.value == FASTEST else float(self.speed.value)

    def show(self, state: str) -> None:
        """Enable what can be done in this state; set only what changes."""
        over = state_is_over(state)
        busy = state in ("building", "compiling")
        wanted = {
            "pause": state != "running",
            "step": over or busy or state == "running",
            "reset": False,
            "stop": over or busy,
        }
        for name, disabled in wanted.items():
            if self.buttons[name].disabled != disabled:
                self.buttons[name].disabled = disabled
        # While building, Run is remembered and happens as soon as it can.
        if self.run.disabled != (state == "running"):
            self.run.disabled = state == "running"


def _press(on: Callable[[str], Any], name: str, _event: Any) -> None:
    on(name)
