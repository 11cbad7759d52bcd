"""The circuit as a live plot: halos, flows and weights follow the run; what was clicked is told."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import panel as pn

from ...circuits import Circuit
from ...circuits.render.notations import DEFAULT
from ...engine.frames import Frame
from ...network import NetworkInfo
from ...palette import population_colors
from ..live.link import SharedSelection
from . import KIND
from .activity import Activity, Learning
from .details import details
from .live import Arrangement, CircuitView

EVERY_S = 0.035  # a little less than the drawing clock, 38 ms, so that no beat is missed
READ_EVERY_S = 0.5  # numbers that change faster cannot be read


@dataclass
class Selection:
    """What a person has chosen of the circuit; it outlives the network it was chosen for.

    positions : node -> (x, y);  arrangement: the layout in which they were placed
    """

    notation: str = DEFAULT
    positions: dict[str, tuple[float, float]] | None = None
    arrangement: Arrangement | None = None

    def on(self, circuit: Circuit) -> Circuit:
        """The circuit with its nodes where they were put, as far as it has them."""
        known = {n.name for n in circuit.nodes}
        mine = {n: at for n, at in (self.positions or {}).items() if n in known}
        return circuit.placed(mine) if mine else circuit


class CircuitPlot:
    """Fed like the other live plots; the palette's colours are its own.

    on_click(name)      : a population was clicked, "" for none
    on_act(what, name)  : a button of the details: "raster", "traces" or "weights", and of what
    on_place()          : a node was moved; ``chosen`` knows where to
    """

    id, title, help = KIND.id, KIND.title, KIND.help

    def __init__(
        self,
        info: NetworkInfo,
        *,
        colors: Mapping[str, str] | None = None,
        dark: bool = False,
        link: SharedSelection | None = None,
        window_ms: float = 0.0,
        on_click: Callable[[str], Any] = lambda _name: None,
        on_act: Callable[[str, str], Any] = lambda _what, _name: None,
        on_place: Callable[[], Any] = lambda: None,
        chosen: Selection | None = None,
    ):
        self.info = info
        self.chosen = chosen or Selection()
        self._on_click, self._on_act, self._on_place = on_click, on_act, on_place
        self._fed_at = self._read_at = 0.0
        self._seen = True
        self.now_ms = self.drawn_ms = 0.0
        self.activity = Activity(info)
        self.learning = Learning(info)
        self.drawing = CircuitView(
            self.chosen.on(info.circuit), colors=self._colors(dark), dark=dark,
            notation=self.chosen.notation, arrangement=self.chosen.arrangement,
            on_place=self._placed, on_act=self._acted, sizing_mode="stretch_both",
            margin=(0, 8, 4, 8), css_classes=["wb-circuit"],
        )  # fmt: skip
        self.root = pn.Column(self.drawing, sizing_mode="stretch_both", margin=0)
        self.drawing.param.watch(lambda e: self._clicked(e.new), "selected")

    @property
    def circuit(self) -> Circuit:
        """What is drawn, with its nodes where they were put."""
        return self.drawing.circuit

    def _colors(self, dark: bool) -> dict[str, str]:
        return population_colors(self.info.populations, dark=dark)

    def update(self, frames: list[Frame], t_ms: float) -> None:
        self.now_ms = t_ms
        self.activity.take(frames)
        self.learning.take(frames)
        self._feed()

    def rest(self) -> None:
        """Nothing arrives: let the glow fade."""
        if self.drawing.glows:
            self.activity.take(())
            self._feed()

    def settle(self) -> None:
        """Draw what waits to be drawn: the simulation stands, and nothing more comes."""
        self._fed_at = self._read_at = 0.0
        self._feed()

    def show_values(self, circuit: Circuit) -> None:
        """The same network with the values that it has now."""
        self.drawing.place(self.chosen.on(circuit))
        if self.drawing.details:
            self.drawing.details = details(self.circuit, self.drawing.selected, self.info)

    def show(self, seen: bool) -> None:
        """While nobody sees it, it is not moved."""
        self._seen = seen

    def notate(self, notation: str) -> None:
        """Draw in another notation."""
        self.chosen.notation = notation
        self.drawing.notation = notation

    def put_back(self) -> None:
        """Every node where the layout puts it."""
        self.chosen.positions = None
        self.drawing.place(self.circuit.placed({}))
        self._on_place()

    def _feed(self) -> None:
        now = time.monotonic()
        if now - self._fed_at < EVERY_S or not self._seen:
            return
        self._fed_at, self.drawn_ms = now, self.now_ms
        levels = self.activity.levels()
        flows = {p.name: levels.get(p.source, 0.0) for p in self.info.projections}
        self.drawing.feed(levels, flows, self.learning.changes())
        if self.drawing.details and now - self._read_at > READ_EVERY_S:
            self._read_at = now
            self._read()

    def _read(self) -> None:
        """The numbers of what is selected."""
        kind, _, name = self.drawing.selected.partition(":")
        found = {}
        if kind == "node" and (rate := self.activity.rate_hz(name)) is not None:
            found["rate"] = f"· {rate:.3g} Hz"
        elif kind == "edge":
            edge = self.circuit.edge(name)
            message = self.learning.describe(name) or self.learning.describe(edge.projection)
            found["weight"] = message
        if found != self.drawing.readings:
            self.drawing.readings = found

    def reset(self) -> None:
        self.activity.reset()
        self.learning.reset()
        self._fed_at = 0.0
        self.drawing.rest()
        self.drawing.readings = {}

    def set_dark(self, dark: bool) -> None:
        self.drawing.recolor(self._colors(dark), dark)

    def _placed(self, circuit: Circuit) -> None:
        self.chosen.positions = {n: (x, y) for n, x, y in circuit.positions}
        self.chosen.arrangement = self.drawing.arrangement
        self._on_place()

    def _acted(self, act: str) -> None:
        what, _, name = act.partition(" ")
        self._on_act(what, name)

    def _clicked(self, selected: str) -> None:
        self.drawing.details = details(self.circuit, selected, self.info)
        self._read()
        kind, _, name = selected.partition(":")
        self._on_click(name if kind == "node" else "")
