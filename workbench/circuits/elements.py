"""What a circuit is: populations and projections as plain data, before anything is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ..settings import PNG_DPI
from .description import Notes
from .render.notations import DEFAULT
from .rules import Param, Pathway, Rule

if TYPE_CHECKING:
    from .tables import Document

NodeKind = Literal["population", "input", "recorder", "modulator"]
NodeSign = Literal["excitatory", "inhibitory", "mixed", "none"]
EdgeKind = Literal["synapse", "continuous", "gap junction", "modulation", "recording"]
EdgeSign = Literal["excitatory", "inhibitory", "mixed", "unknown", "modulatory"]


@dataclass(frozen=True)
class Node:
    """One population, or a device that stimulates or records.

    name      : unique within the circuit; the population's name unless it was cut in pieces
    size      : number of neurons;  symbol: the model's own symbol for it, such as "N_E"
    kind      : "population"; "input" for what only sends; "recorder"; "modulator" for a group
                that acts on synapses instead of neurons, such as astrocytes
    sign      : what its outgoing projections do to their targets
    equations : the model as text, for people
    group     : name of the group it is, or is a piece of;  ``start``: its first neuron there
    device    : what an input or a recorder is: "Poisson", "spike times", "timed array",
                "spikes", "v", ...
    model     : differential equations as the simulator holds them; "" where there are none
    threshold, reset, refractory : conditions and statements of the model, "" where there are none
    constants : names in its equations that are numbers -> (name, value with unit)
    compartments : of a cell that has some, else 0
    """

    name: str
    label: str
    size: int
    kind: NodeKind = "population"
    sign: NodeSign = "none"
    equations: str = ""
    group: str = ""
    start: int = 0
    symbol: str = ""
    device: str = ""
    model: str = ""
    threshold: str = ""
    reset: str = ""
    refractory: str = ""
    constants: tuple[tuple[str, str], ...] = ()
    compartments: int = 0

    @property
    def unit(self) -> bool:
        """A single unit, drawn with a thin frame, instead of a population."""
        return self.size == 1


@dataclass(frozen=True)
class Edge:
    """One projection, or the part of it that runs between two nodes.

    kind       : "synapse"; "continuous" for coupling without spikes; "gap junction";
                 "modulation" of another projection, named by ``onto``; "recording"
    sign       : what a spike does to dv/dt of the target; "mixed" if some synapses raise and some
                 lower it; "unknown" where it cannot be read
    rule, weight, delay : None where there is none, or none could be read
    directed   : False for two ways that are one, as gap junctions are
    projection : name of the Brian2 object it comes from
    channel    : variable of the target that it acts on
    model, on_pre, on_post : the synapse model as the simulator holds it
    constants  : names in its equations that are numbers -> (name, value with unit)
    pathways   : what a spike sets off, each with its own delays; ``delay`` spans those of the
                 source
    """

    name: str
    source: str
    target: str
    sign: EdgeSign = "unknown"
    plastic: bool = False
    n_synapses: int = 0
    delay: Param | None = None
    rule: Rule | None = None
    projection: str = ""
    kind: EdgeKind = "synapse"
    weight: Param | None = None
    onto: str = ""
    channel: str = ""
    model: str = ""
    on_pre: str = ""
    on_post: str = ""
    constants: tuple[tuple[str, str], ...] = ()
    pathways: tuple[Pathway, ...] = ()

    @property
    def directed(self) -> bool:
        return self.kind != "gap junction"

    @property
    def delay_ms(self) -> tuple[float, float] | None:
        """(shortest, longest), ms; None when unknown."""
        if self.delay is None or self.delay.low is None or self.delay.high is None:
            return None
        return (self.delay.low, self.delay.high)

    def describe(self) -> str:
        """One line with everything known about it."""
        arrow = "→" if self.directed else "↔"
        parts = [f"{self.source} {arrow} {self.target}".replace("_", " ")]
        if self.kind not in ("synapse", "modulation"):
            parts.append(self.kind)
        if self.kind in ("synapse", "continuous", "modulation"):
            parts.append("sign unknown" if self.sign == "unknown" else self.sign)
        if self.onto:
            parts.append(f"acts on {self.onto}".replace("_", " "))
        if self.plastic:
            parts.append("plastic")
        if self.n_synapses:
            parts.append(f"{self.n_synapses:,} synapse{'' if self.n_synapses == 1 else 's'}")
        if self.rule is not None:
            parts.append(self.rule.describe())
        for what, p in (("weight", self.weight), ("delay", self.delay)):
            if p is not None and p.describe():
                parts.append(f"{what} {p.describe()}")
        return ", ".join(parts) + "".join(f"; {message}" for message in self.ways())

    def ways(self) -> list[str]:
        """Each pathway in words, but for what is said by weight and delay alone."""
        known = self.weight.variable if self.weight is not None else ""
        one = sum(p.prepost == "pre" for p in self.pathways) == 1
        found = []
        for p in self.pathways:
            usual = one and p.prepost == "pre"
            if usual and (not p.adds or [a.text for _, a in p.adds] == [known] or not known):
                continue
            shown = replace(p, delay=None) if usual else p
            if shown.describe():
                found.append(f"{p.name.replace('_', ' ')}: {shown.describe()}")
        return found


@dataclass(frozen=True)
class Circuit:
    """The diagram of a network. Shows itself in a notebook; ``save`` writes it for a paper.

    positions : (node, x, y) of nodes that a person has placed: points, y downwards; they win
                over the automatic layout
    term      : the network as a composition of tensor operations, what the notation "ncd" draws;
                a function that derives it where that was not done yet, None where there is none
    no_term   : why there is none, in a sentence
    notes     : what only the tables say: parameters, integration, measurements
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    title: str = ""
    positions: tuple[tuple[str, float, float], ...] = ()
    term: Any = field(default=None, compare=False, repr=False)
    notes: Notes | None = None
    no_term: str = ""

    def node(self, name: str) -> Node:
        """The node of that name; raises UnknownName."""
        return self._find("population", self.nodes, name)

    def edge(self, name: str) -> Edge:
        """The edge of that name; raises UnknownName."""
        return self._find("projection", self.edges, name)

    def message(self, edge: Edge) -> str:
        """One line about an edge of it; with its name where others join the same nodes."""
        return f"{edge.name.replace('_', ' ')}: " * self.parallel(edge) + edge.describe()

    def parallel(self, edge: Edge) -> bool:
        """Whether other projections join the same nodes in the same direction."""
        ends = [(e.source, e.target) for e in self.edges if e.kind != "recording"]
        return ends.count((edge.source, edge.target)) > 1

    def placed(self, positions: Mapping[str, tuple[float, float]]) -> Circuit:
        """The same circuit with nodes where a person wants them; ``{}`` forgets all places.

        positions : node -> (x, y) of its centre, in points, y downwards
        raises    : UnknownName for a node that is not there
        """
        for name in positions:
            self.node(name)
        kept = {n: (x, y) for n, x, y in self.positions} if positions else {}
        kept |= positions
        return replace(self, positions=tuple((n, float(x), float(y)) for n, (x, y) in kept.items()))

    def without(self, *kinds: NodeKind) -> Circuit:
        """The circuit without the nodes of these kinds, such as "recorder", and their edges."""
        nodes = tuple(n for n in self.nodes if n.kind not in kinds)
        left = {n.name for n in nodes}
        edges = tuple(e for e in self.edges if {e.source, e.target} <= left)
        return replace(self, nodes=nodes, edges=edges)

    def with_term(self) -> Circuit:
        """The same circuit, its term derived: plain data that can be sent to another process."""
        if not callable(self.term):
            return self
        term, why = self.term()
        return replace(self, term=term, no_term=why)

    def __getstate__(self) -> dict[str, Any]:
        # What would derive the term holds the network, which stays where it is.
        return {**self.__dict__, "term": None if callable(self.term) else self.term}

    def describe(self) -> str:
        """The circuit in words, for whoever cannot see it."""
        verbs = {"excitatory": "excites", "inhibitory": "inhibits", "modulatory": "modulates"}
        kinds = {"gap junction": "is coupled to", "recording": "is recorded by"}
        message = [
            f"{e.source} {kinds.get(e.kind) or verbs.get(e.sign, 'projects to')} "
            f"{e.onto or e.target}".replace("_", " ")
            + (" (plastic)" if e.plastic else "")
            for e in self.edges
        ]
        of = f" of {self.title}" if self.title else ""
        counts = f"{_count(len(self.nodes), 'population')}, {_count(len(message), 'projection')}"
        return f"Circuit{of}: {counts}. " + "; ".join(message) + ("." if message else "")

    def to_svg(
        self,
        width_mm: float | None = None,
        dark: bool = False,
        colors: Mapping[str, str] | None = None,
        notation: str = DEFAULT,
        positions: Mapping[str, tuple[float, float]] | None = None,
        **options,
    ) -> str:
        """The diagram as one SVG document.

        width_mm  : exact width; the drawing is arranged anew so that its text stays readable.
                    None: the natural size
        dark      : light lines on a transparent ground, for a dark page
        colors    : node name -> "#rrggbb"; those not named take the palette's, in order
        notation  : "senk" (Senk et al. 2022), "classic" or "ncd" (Neural Circuit Diagrams)
        positions : node -> (x, y), points; added to the circuit's own
        options   : of "senk" and "classic": ``direction`` ("auto", "right" or "down"), ``style``
                    ("auto", "roomy", "compact" or "tight"), ``legend`` and ``recorders`` (bool),
                    ``labels`` ("auto", "full", "keyed" or "none"), ``background`` ("#rrggbb")
        raises    : UnknownName for another notation or a node that is not there
        """
        import workbench

        circuit = self.placed(positions) if positions else self
        return workbench.circuit_svg(circuit, width_mm, dark, colors, notation=notation, **options)

    def save(
        self,
        path: str | Path,
        width_mm: float = 174.0,
        dark: bool = False,
        colors: Mapping[str, str] | None = None,
        dpi: float = PNG_DPI,
        metadata: Mapping[str, str] | None = None,
        notation: str = DEFAULT,
        positions: Mapping[str, tuple[float, float]] | None = None,
        **options,
    ) -> Path:
        """Write the diagram as ``.svg``, ``.pdf`` or ``.png``, exactly ``width_mm`` wide.

        The drawing is the one of `to_svg`. ``metadata`` goes into the file.
        raises : ParameterError for another ending or an impossible width, UnknownName for another
                 notation
        """
        import workbench

        return workbench.save_circuit(
            self.placed(positions) if positions else self,
            Path(path),
            width_mm=width_mm,
            dark=dark,
            colors=colors,
            dpi=dpi,
            metadata=metadata,
            notation=notation,
            **options,
        )

    def tables(self, format: str = "markdown", document: bool = False) -> Document:
        """The network in tables, as a paper must describe it; shows itself in a notebook.

        format   : "markdown", "html" or "latex"
        document : a whole file that can be opened or compiled by itself
        raises   : UnknownName for another format
        """
        import workbench

        return workbench.circuit_tables(self, format, document)

    def _repr_svg_(self) -> str:
        return self.to_svg(background="#ffffff")

    def _find(self, kind, items, name):
        from ..errors import unknown

        for item in items:
            if item.name == name:
                return item
        raise unknown(kind, name, [i.name for i in items], owner=self.title or "the circuit")


def _count(n: int, what: str) -> str:
    return f"{n} {what}" + ("" if n == 1 else "s")
