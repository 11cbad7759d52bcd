"""The circuit in the app: drawn once, then moved by a few numbers, 20 times a second."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent

from .form import Circuit
from .svg import to_svg

_HERE = Path(__file__).parent
# The browser shows the one in which text comes out largest.
ARRANGEMENTS: tuple[tuple[Any, Any], ...] = (
    ("right", "roomy"),
    ("down", "roomy"),
    ("right", "tight"),
    ("down", "tight"),
)
_STEPS = 100  # activity is sent in hundredths: the eye sees no more


class CircuitView(JSComponent):
    """A circuit that shows what its populations do.

    circuit : what is drawn;  colors: node name -> "#rrggbb", the palette's for those not named
    legend  : whether the key is drawn below

    Set ``activity`` and ``flow``, or call `feed`, which sends only what changed. ``selected`` is
    the node that was clicked, "" for none; ``highlight`` marks one, as when it is pointed at in
    another picture. It fills its container: of several arrangements, from left to right and
    downwards, the browser takes the one that can be shown largest.
    """

    activity = param.Dict(default={}, doc="Node -> 0..1, how strongly it glows.")
    flow = param.Dict(default={}, doc="Edge -> 0..1, how strongly it glows.")
    highlight = param.String(default="", doc="Node that is marked.")
    selected = param.String(default="", doc="Node that was clicked.")
    dark = param.Boolean(default=False)
    drawings = param.List(default=[], doc="SVG documents to choose from.")

    _esm = _HERE / "live.js"
    _stylesheets = [(_HERE / "live.css").read_text(encoding="utf-8")]

    def __init__(
        self,
        circuit: Circuit,
        colors: Mapping[str, str] | None = None,
        legend: bool = True,
        **params: Any,
    ):
        self.circuit = circuit
        self._colors = dict(colors or {})
        self._legend = legend
        self._edges: dict[str, list[str]] = defaultdict(list)
        for e in circuit.edges:
            self._edges[e.name].append(e.name)
            if e.projection not in ("", e.name):
                self._edges[e.projection].append(e.name)
        params.setdefault("sizing_mode", "stretch_both")
        params.setdefault("drawings", self._draw(params.get("dark", False)))
        super().__init__(**params)
        self.param.watch(self._redraw, "dark")

    def feed(
        self, activity: Mapping[str, float] | None = None, flow: Mapping[str, float] | None = None
    ) -> None:
        """Set activities and flows; sends nothing when nothing visible changed.

        activity : node -> 0..1;  flow : edge, or projection for all its edges -> 0..1
        """
        new: dict[str, Any] = {}
        if activity is not None:
            nodes = {n: _level(v) for n, v in activity.items()}
            if nodes != self.activity:
                new["activity"] = nodes
        if flow is not None:
            edges = {e: _level(v) for n, v in flow.items() for e in self._edges.get(n, ())}
            if edges != self.flow:
                new["flow"] = edges
        if new:
            self.param.update(**new)

    def recolor(self, colors: Mapping[str, str], dark: bool | None = None) -> None:
        """Draw again in other colours."""
        self._colors = dict(colors)
        if dark is None or dark == self.dark:
            self._redraw()
        else:
            self.dark = dark

    def _redraw(self, *_: Any) -> None:
        self.drawings = self._draw(self.dark)

    def _draw(self, dark: bool) -> list[str]:
        return [
            to_svg(
                self.circuit, None, dark, self._colors, direction=direction, style=style,
                legend=self._legend,
            )
            for direction, style in ARRANGEMENTS
        ]  # fmt: skip


def _level(value: float) -> float:
    """A number from 0 to 1 in hundredths; what is not a number is 0."""
    return round(min(max(value, 0.0), 1.0) * _STEPS) / _STEPS if value == value else 0.0
