"""The circuit in the app: drawn once, then moved by one byte a population and a projection."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

import param
from panel.custom import JSComponent

from ...circuits.elements import Circuit
from ...circuits.layout.fit_width import Labels
from ...circuits.render.notations import DEFAULT
from ...circuits.render.svg import to_svg

_HERE = Path(__file__).parent


class Arrangement(NamedTuple):
    """One way of drawing a circuit on the screen; the fields are options of the notations."""

    direction: Literal["right", "down"]
    style: Literal["roomy", "compact", "tight"]
    labels: Labels = "auto"
    legend: bool | Literal["beside"] = True

    @property
    def says(self) -> int:
        """How much it tells, the most is 0: arrangements that say the same differ in shape."""
        return (self.style != "roomy") + (self.labels == "none") + (not self.legend)


# From the most telling to the barest: of the first that can be read, the browser shows the one
# whose text comes out largest.
_WAYS: tuple[Literal["right", "down"], ...] = ("right", "down")
ARRANGEMENTS = tuple(
    Arrangement(way, *rest, key)
    for rest in (("roomy", "auto"), ("tight", "auto"), ("tight", "none"))
    for key in (True, "beside")
    for way in _WAYS
) + tuple(Arrangement(way, "tight", "none", False) for way in _WAYS)
FEW_NODES = 8  # with more the key is small beside the drawing, wherever it stands
MANY_EDGES = 60  # with more only the barest have a chance to be read
ARRANGED = ("senk", "classic")  # notations whose nodes can be placed
DRAWN = 16  # circuits whose drawings are kept, some 0.7 MB each
_STILL = 128  # the byte of a weight that has not changed


class CircuitView(JSComponent):
    """A circuit that shows what its populations do.

    circuit  : what is drawn;  colors: node name -> "#rrggbb", the palette's for those not named
    legend   : whether the key is drawn below
    on_place : called with the circuit whenever a person has moved one of its nodes
    on_act   : called with what a button of the details stands for, such as "raster"

    Call `feed` with activities. ``selected`` is what was clicked: "node:NAME", "edge:NAME", or ""
    for nothing; ``details`` is shown beside the drawing then. ``highlight`` marks a node, as when
    it is pointed at in another plot. The drawing fills its container: of several arrangements
    the browser takes the one that says most in text that can be read.
    """

    levels = param.Bytes(default=b"", doc="One byte for each entry of ``order``, in its order.")
    order = param.Dict(default={}, doc="halo: nodes; flow: edges; change: plastic edges.")
    highlight = param.String(default="", doc="Node that is marked.")
    selected = param.String(default="", doc="What was clicked.")
    notation = param.String(default=DEFAULT)
    dark = param.Boolean(default=False)
    movable = param.Boolean(default=True, doc="Nodes can be dragged.")
    drawings = param.List(default=[], doc="SVG documents to choose from.")
    says = param.List(default=[], doc="How much each of them tells, the most is 0.")
    details = param.String(default="", doc="HTML about what is selected.")
    readings = param.Dict(default={}, doc="Texts that change within the details, by key.")
    words = param.String(default="", doc="The circuit in words.")

    _esm = _HERE / "live.js"
    _stylesheets = [(_HERE / "live.css").read_text(encoding="utf-8")]

    def __init__(
        self,
        circuit: Circuit,
        colors: Mapping[str, str] | None = None,
        legend: bool = True,
        on_place: Callable[[Circuit], Any] | None = None,
        on_act: Callable[[str], Any] | None = None,
        arrangement: Arrangement | None = None,
        **params: Any,
    ):
        self.circuit = circuit
        self.arrangement = arrangement or ARRANGEMENTS[0]
        self._colors = dict(colors or {})
        self._legend = legend
        self._on_place = on_place
        self._on_act = on_act
        self._edges: dict[str, list[int]] = defaultdict(list)
        self._nodes = {n.name: k for k, n in enumerate(circuit.nodes)}
        for k, e in enumerate(circuit.edges):
            self._edges[e.name].append(k)
            if e.projection not in ("", e.name):
                self._edges[e.projection].append(k)
        plastic = [k for k, e in enumerate(circuit.edges) if e.plastic]
        self._plastic = {k: at for at, k in enumerate(plastic)}
        self._level = bytearray(len(circuit.nodes) + len(circuit.edges) + len(plastic))
        self._forget()
        params.setdefault("sizing_mode", "stretch_both")
        notation = params.setdefault("notation", DEFAULT)
        params |= {
            "drawings": self._draw(notation, params.get("dark", False)),
            "says": self._says(notation),
            "order": {
                "halo": [n.name for n in circuit.nodes],
                "flow": [e.name for e in circuit.edges],
                "change": [circuit.edges[k].name for k in plastic],
            },
            "levels": bytes(self._level),
            "movable": notation in ARRANGED,
            "words": circuit.describe(),
        }
        super().__init__(**params)
        self.param.watch(self._redraw, ["dark", "notation"])

    def feed(
        self,
        activity: Mapping[str, float] | None = None,
        flow: Mapping[str, float] | None = None,
        change: Mapping[str, float] | None = None,
    ) -> None:
        """Set what is given; sends nothing when nothing visible changed.

        activity : node -> 0..1;  flow : edge, or projection for all its edges -> 0..1
        change   : the same for the change of weights of plastic ones -> -1..1
        """
        level, first = self._level, len(self._nodes)
        for name, value in (activity or {}).items():
            if name in self._nodes:
                level[self._nodes[name]] = _byte(value)
        for name, value in (flow or {}).items():
            for k in self._edges.get(name, ()):
                level[first + k] = _byte(value)
        first += len(self.circuit.edges)
        for name, value in (change or {}).items():
            for k in self._edges.get(name, ()):
                if k in self._plastic:
                    level[first + self._plastic[k]] = _signed(value)
        if level != self.levels:
            self.levels = bytes(level)

    def rest(self) -> None:
        """No activity, no change."""
        self._forget()
        if self._level != self.levels:
            self.levels = bytes(self._level)

    @property
    def glows(self) -> bool:
        """Whether any node or edge is shown as active."""
        return any(self._level[: len(self._nodes) + len(self.circuit.edges)])

    def recolor(self, colors: Mapping[str, str], dark: bool | None = None) -> None:
        """Draw again in other colours."""
        self._colors = dict(colors)
        if dark is None or dark == self.dark:
            self._redraw()
        else:
            self.dark = dark

    def place(self, circuit: Circuit, arrangement: Arrangement | None = None) -> None:
        """Show the same circuit with its nodes in other places, or with other values."""
        self.circuit = circuit
        self.arrangement = arrangement or self.arrangement
        self.words = circuit.describe()
        self._redraw()

    def _forget(self) -> None:
        silent = len(self._nodes) + len(self.circuit.edges)
        self._level[:silent] = bytes(silent)
        self._level[silent:] = bytes([_STILL]) * len(self._plastic)

    def _handle_msg(self, data: dict[str, Any]) -> None:
        if "act" in data and self._on_act is not None:
            self._on_act(str(data["act"]))
        elif "places" in data:
            self._moved(data["places"], data.get("drawing", 0))

    def _moved(self, places: Mapping[str, Any], drawing: int) -> None:
        """A node was dragged: all of them stay where the browser has them."""
        if not self.circuit.positions:
            self.arrangement = self._offered()[drawing]
        known = {n: (float(x), float(y)) for n, (x, y) in places.items() if n in self._nodes}
        self.place(self.circuit.placed(known))
        if self._on_place is not None:
            self._on_place(self.circuit)

    def _offered(self) -> tuple[Arrangement, ...]:
        if self.circuit.positions:
            return (self.arrangement,)
        if len(self.circuit.edges) > MANY_EDGES:
            return ARRANGEMENTS[-2:]
        few = len(self.circuit.nodes) < FEW_NODES
        return tuple(a for a in ARRANGEMENTS if few or a.legend != "beside")

    def _redraw(self, *_: Any) -> None:
        self.param.update(
            says=self._says(self.notation), drawings=self._draw(self.notation, self.dark),
            movable=self.notation in ARRANGED,
        )  # fmt: skip

    def _says(self, notation: str) -> list[int]:
        return [a.says for a in self._offered()] if notation in ARRANGED else [0]

    def _draw(self, notation: str, dark: bool) -> list[str]:
        if notation not in ARRANGED:
            return [to_svg(self.circuit, None, dark, self._colors, notation=notation)]
        colors = tuple(sorted(self._colors.items()))
        return list(_drawn(self.circuit, dark, colors, notation, self._offered(), self._legend))


@lru_cache(DRAWN)
def _drawn(
    circuit: Circuit,
    dark: bool,
    colors: tuple[tuple[str, str], ...],
    notation: str,
    offered: tuple[Arrangement, ...],
    legend: bool,
) -> tuple[str, ...]:
    """The circuit in each arrangement: pages of one model, which show the same, share them."""
    return tuple(
        to_svg(
            circuit, None, dark, dict(colors), notation=notation, direction=a.direction,
            style=a.style, labels=a.labels, legend=legend and a.legend,
        )
        for a in offered
    )  # fmt: skip


def _byte(value: float) -> int:
    """0..1 as a byte; what is not a number is 0."""
    return round(min(max(value, 0.0), 1.0) * 255) if value == value else 0


def _signed(value: float) -> int:
    """-1..1 as a byte around 128; what is not a number is no change."""
    return _STILL + round(min(max(value, -1.0), 1.0) * 127) if value == value else _STILL
