"""What the circuit's card has beside the plot: the notation, and a way back for placed nodes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from workbench.circuits import notations
from workbench.circuits.layout.packing import parts
from workbench.plots.circuit.live import ARRANGED
from workbench.plots.circuit.plot import CircuitPlot, Selection

from ..widgets.cards import button
from ..widgets.named_select import named_select

NAMES = {
    "senk": "Senk et al. 2022",
    "classic": "Classic",
    "ncd": "Neural circuit diagram",
    "cpt": "Connectivity pattern",
}
# A circuit with so many that hang together needs the height of two cards for its names to be read;
# what does not hang together lies side by side.
MANY_NODES = 8


class CircuitCard:
    """The tools, and what a person has chosen.

    later    : performs an action when the plots may be touched
    on_click : a population was clicked, "" for none
    on_act   : a button of the details was pressed: which plot is to show what
    """

    def __init__(
        self,
        later: Callable[[Callable[[], Any]], Any],
        on_click: Callable[[str], Any],
        on_act: Callable[[str, str], Any],
    ):
        self.later, self.on_click, self.on_act = later, on_click, on_act
        self.chosen = Selection()
        self.plot: CircuitPlot | None = None
        self.notation = named_select(
            "Notation", options={NAMES.get(n, n): n for n in notations()},
            value=self.chosen.notation,
            margin=(0, 4), css_classes=["wb-notation"], variant="standard",
            sizing_mode="stretch_width",
        )  # fmt: skip
        self.notation.param.watch(lambda e: later(lambda: self._notate(e.new)), "value")
        self.put_back = button("undo", "Put the nodes back", "wb-put-back")
        self.put_back.visible = False
        self.put_back.on_click(lambda _e: later(self._put_back))
        self.tools = (self.notation, self.put_back)

    def for_view(self) -> dict[str, Any]:
        """What the live plot is made with."""
        return {
            "chosen": self.chosen,
            "on_click": lambda name: self.later(lambda: self.on_click(name)),
            "on_act": lambda what, name: self.later(lambda: self.on_act(what, name)),
            "on_place": lambda: self.later(self._on_place),
        }

    def for_figure(self) -> dict[str, Any]:
        """The options of a figure that shows the same."""
        return {"notation": self.chosen.notation, "positions": self.chosen.positions}

    def begin_with(self, notation: str) -> None:
        """Draw the first circuit in this notation."""
        self.chosen.notation = notation
        self.notation.value = notation

    def is_tall(self) -> bool:
        """Whether the circuit needs the height of two cards."""
        if self.plot is None:
            return False
        circuit = self.plot.circuit
        names = [node.name for node in circuit.nodes]
        ends = ((e.source, e.target) for e in circuit.edges)
        joined = parts(names, (pair for pair in ends if set(pair) <= set(names)))
        return max(map(len, joined), default=0) >= MANY_NODES

    def _notate(self, notation: str) -> None:
        self.chosen.notation = notation
        if self.plot is not None:
            self.plot.notate(notation)
        self._on_place()

    def _put_back(self) -> None:
        if self.plot is not None:
            self.plot.put_back()

    def _on_place(self) -> None:
        """Placed nodes can be put back, where the notation has nodes."""
        self.put_back.visible = bool(self.chosen.positions) and self.chosen.notation in ARRANGED
