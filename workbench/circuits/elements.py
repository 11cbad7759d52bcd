"""Data model of a circuit: populations and projections, independent of any drawing."""

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
FARTHEST = 1e5  # points from the origin, of a node's centre


@dataclass(frozen=True)
class Node:
    """One population, or a stimulating or recording device.

    name      : unique within the circuit; the population's name unless it was split
    size      : number of neurons;  symbol: the model's symbol for it, such as "N_E"
    kind      : "population"; "input" (sends only); "recorder"; "modulator" for a group that acts
                on synapses instead of neurons, such as astrocytes
    sign      : effect of its outgoing projections on their targets
    equations : the model equations as readable text
    group     : name of its Brian2 group;  ``start``: index of its first neuron in that group
    device    : type of an input or recorder: "Poisson", "spike times", "timed array",
                "spikes", "v", ...
    model     : differential equations in Brian2 syntax, "" if none
    threshold, reset, refractory : conditions and statements in Brian2 syntax, "" if none
    constants : numeric names in its equations -> (name, value with unit)
    compartments : number of compartments, 0 for a point neuron
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
        """True for a single unit, drawn with a thin frame."""
        return self.size == 1


@dataclass(frozen=True)
class Edge:
    """One projection, or the part of it between two nodes.

    kind       : "synapse"; "continuous" for coupling without spikes; "gap junction";
                 "modulation" of another projection, named by ``onto``; "recording"
    sign       : effect of a spike on dv/dt of the target; "mixed" if some synapses raise and some
                 lower it; "unknown" if it cannot be determined
    rule, weight, delay : None if absent or undetermined
    directed   : False for bidirectional coupling such as gap junctions
    projection : name of its Brian2 object
    channel    : target variable that it acts on
    model, on_pre, on_post : synapse model in Brian2 syntax
    constants  : numeric names in its equations -> (name, value with unit)
    pathways   : its synaptic pathways, each with its own delays; ``delay`` covers those of the
                 presynaptic pathways
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
        """(shortest, longest) delay, ms; None if unknown."""
        if self.delay is None or self.delay.low is None or self.delay.high is None:
            return None
        return (self.delay.low, self.delay.high)

    def describe(self) -> str:
        """One-line description of the projection."""
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
        """Describe each pathway that weight and delay do not already describe completely."""
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

    positions : (node, x, y) of nodes placed by the user, in points, y downwards; they override
                the automatic layout
    term      : the network as a composition of tensor operations, drawn by the notation "ncd";
                a function that derives it if that has not happened yet; None if there is none
    no_term   : reason why there is no term, one sentence
    notes     : content of the tables only: parameters, integration, recordings
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    title: str = ""
    positions: tuple[tuple[str, float, float], ...] = ()
    term: Any = field(default=None, compare=False, repr=False)
    notes: Notes | None = None
    no_term: str = ""

    def node(self, name: str) -> Node:
        """Return the node with this name; raises UnknownName."""
        return self._find("population", self.nodes, name)

    def edge(self, name: str) -> Edge:
        """Return the edge with this name; raises UnknownName."""
        return self._find("projection", self.edges, name)

    def label_of(self, name: str) -> str:
        """Name for people of a node, or of what a node is not drawn for."""
        return next((n.label for n in self.nodes if n.name == name), name.replace("_", " "))

    def message(self, edge: Edge) -> str:
        """One-line description of an edge, with its name if parallel edges exist."""
        return f"{edge.name.replace('_', ' ')}: " * self.parallel(edge) + edge.describe()

    def parallel(self, edge: Edge) -> bool:
        """True if other projections connect the same nodes in the same direction."""
        ends = [(e.source, e.target) for e in self.edges if e.kind != "recording"]
        return ends.count((edge.source, edge.target)) > 1

    def placed(self, positions: Mapping[str, tuple[float, float]]) -> Circuit:
        """Return the circuit with nodes at the given positions; ``{}`` removes all positions.

        positions : node -> (x, y) of its centre, in points, y downwards
        raises    : UnknownName for an unknown node, ParameterError for what is no place
        """
        from ..errors import ParameterError

        for name, place in positions.items():
            self.node(name)
            if not _is_place(place):
                raise ParameterError(
                    f"The place of {name!r} is not allowed: give (x, y) in points, each at most "
                    f"{FARTHEST:,.0f} from 0."
                )
        kept = {n: (x, y) for n, x, y in self.positions} if positions else {}
        kept |= positions
        return replace(self, positions=tuple((n, float(x), float(y)) for n, (x, y) in kept.items()))

    def without(self, *kinds: NodeKind) -> Circuit:
        """Return the circuit without nodes of these kinds, such as "recorder", and their edges."""
        nodes = tuple(n for n in self.nodes if n.kind not in kinds)
        left = {n.name for n in nodes}
        edges = tuple(e for e in self.edges if {e.source, e.target} <= left)
        return replace(self, nodes=nodes, edges=edges)

    def with_term(self) -> Circuit:
        """Return the circuit with its term derived: plain data that can be pickled."""
        if not callable(self.term):
            return self
        term, why = self.term()
        return replace(self, term=term, no_term=why)

    def __getstate__(self) -> dict[str, Any]:
        # The function that derives the term refers to the network, which is not pickled.
        return {**self.__dict__, "term": None if callable(self.term) else self.term}

    def describe(self) -> str:
        """Text description of the circuit, as an alternative to the image."""
        verbs = {"excitatory": "excites", "inhibitory": "inhibits", "modulatory": "modulates"}
        kinds = {"gap junction": "is coupled to", "recording": "is recorded by"}
        message = [
            f"{self.label_of(e.source)} {kinds.get(e.kind) or verbs.get(e.sign, 'projects to')} "
            f"{self.label_of(e.onto or e.target)}" + (" (plastic)" if e.plastic else "")
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
        """Return the diagram as one SVG document.

        width_mm  : exact width; the layout is recomputed for it so that text stays readable.
                    None: the natural size
        dark      : light lines on a transparent background, for a dark page
        colors    : node name -> "#rrggbb"; other nodes take palette colours, in order
        notation  : "senk" (Senk et al. 2022), "classic" or "ncd" (Neural Circuit Diagrams)
        positions : node -> (x, y), points; added to the circuit's own
        options   : of "senk" and "classic": ``direction`` ("auto", "right" or "down"), ``style``
                    ("auto", "roomy", "compact" or "tight"), ``legend`` and ``recorders`` (bool),
                    ``labels`` ("auto", "full", "keyed" or "none"), ``background`` ("#rrggbb")
        raises    : UnknownName for another notation or an unknown node
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

        The drawing equals that of `to_svg`. ``metadata`` is written to the file.
        raises : ParameterError for another file extension or an impossible width, UnknownName for
                 another notation
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
        """Describe the network in tables for a paper; the result renders in a notebook.

        format   : "markdown", "html" or "latex"
        document : return a complete file that can be opened or compiled
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


def _is_place(given: Any) -> bool:
    if not isinstance(given, tuple | list) or len(given) != 2:
        return False
    return all(isinstance(v, int | float) and abs(v) <= FARTHEST for v in given)
