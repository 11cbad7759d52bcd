"""The circuit's card: halos and flows that follow the spikes, and what was clicked in words."""

from __future__ import annotations

import html
import time
from collections.abc import Callable
from typing import Any

import panel as pn

from workbench.circuit.live import CircuitView
from workbench.engine.frames import Frame, NetworkInfo
from workbench.palette import population_colors

from .glow import Glow
from .look import css

EVERY_S = 0.05  # 20 times a second is smooth enough for a glow


class CircuitPicture:
    """Fed like the other pictures. ``on_click(name)`` is called with the population clicked."""

    id = "circuit"

    def __init__(self, info: NetworkInfo, *, dark: bool, on_click: Callable[[str], Any]):
        self.info = info
        self.circuit = info.circuit
        self._on_click = on_click
        self._fed_at = 0.0
        self._seen = True
        self.glow = Glow(info)
        self.drawing = CircuitView(
            info.circuit, colors=self._colors(dark), dark=dark, sizing_mode="stretch_both",
            margin=(0, 8), css_classes=["wb-circuit"],
        )  # fmt: skip
        self.words = pn.pane.HTML(
            "", visible=False, stylesheets=[css("circuit")], sizing_mode="stretch_width", margin=0
        )
        self.root = pn.Column(self.drawing, self.words, sizing_mode="stretch_both", margin=0)
        self.drawing.param.watch(lambda e: self._clicked(e.new), "selected")

    def _colors(self, dark: bool) -> dict[str, str]:
        return population_colors([p.name for p in self.info.populations], dark=dark)

    def update(self, frames: list[Frame], _t_ms: float) -> None:
        self.glow.take(frames)
        self._feed()

    def rest(self) -> None:
        """Nothing arrives: let the glow fade."""
        if any(self.drawing.activity.values()):
            self.glow.take(())
            self._feed()

    def show(self, seen: bool) -> None:
        """While nobody sees it, it is not moved."""
        self._seen = seen

    def _feed(self) -> None:
        now = time.monotonic()
        if now - self._fed_at < EVERY_S or not self._seen:
            return
        self._fed_at = now
        levels = self.glow.levels()
        flows = {p.name: levels.get(p.source, 0.0) for p in self.info.projections}
        self.drawing.feed(levels, flows)

    def reset(self) -> None:
        self.glow.reset()
        self._fed_at = 0.0
        self._feed()

    def set_dark(self, dark: bool) -> None:
        self.drawing.recolor(self._colors(dark), dark)

    def _clicked(self, name: str) -> None:
        node = next((n for n in self.circuit.nodes if n.name == name), None)
        self.words.visible = node is not None
        if node is not None:
            equations = f"<pre>{html.escape(node.equations)}</pre>" if node.equations else ""
            count = f"{node.size:,} {'neuron' if node.size == 1 else 'neurons'}"
            self.words.object = (
                f'<div class="words"><b>{html.escape(node.label)}</b> {count}, {node.sign}'
                f"{equations}</div>"
            )
        self._on_click(name)
