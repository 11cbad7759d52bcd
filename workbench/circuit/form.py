"""What a circuit is: populations and projections as plain data, before anything is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

NodeSign = Literal["excitatory", "inhibitory", "mixed", "none"]
EdgeSign = Literal["excitatory", "inhibitory", "mixed", "unknown"]


@dataclass(frozen=True)
class Node:
    """One population or input.

    name      : unique within the circuit; the population's name unless it was cut in pieces
    size      : number of neurons
    kind      : "population", or "input" for what only sends
    sign      : what its outgoing projections do to their targets
    equations : the model as text, for people
    group     : name of the group it is, or is a piece of;  ``start``: its first neuron there
    """

    name: str
    label: str
    size: int
    kind: Literal["population", "input"] = "population"
    sign: NodeSign = "none"
    equations: str = ""
    group: str = ""
    start: int = 0


@dataclass(frozen=True)
class Edge:
    """One projection, or the part of it that runs between two nodes.

    delay_ms   : (shortest, longest), ms; None when unknown
    rule       : "one-to-one", "all-to-all", "p = 0.02", ...; "" when none was recognised
    evidence   : "inferred" from the synapses that exist, or "declared" by the model
    projection : name of the Brian2 object it comes from
    """

    name: str
    source: str
    target: str
    sign: EdgeSign = "unknown"
    plastic: bool = False
    n_synapses: int = 0
    delay_ms: tuple[float, float] | None = None
    rule: str = ""
    evidence: Literal["inferred", "declared"] = "inferred"
    projection: str = ""

    def describe(self) -> str:
        """One line with everything known about it."""
        parts = [f"{self.source} → {self.target}".replace("_", " ")]
        parts.append("sign unknown" if self.sign == "unknown" else self.sign)
        if self.plastic:
            parts.append("plastic")
        parts.append(f"{self.n_synapses:,} synapses")
        if self.rule:
            parts.append(self.rule + (" (inferred)" if self.evidence == "inferred" else ""))
        if self.delay_ms is not None:
            low, high = self.delay_ms
            parts.append(f"delay {low:g} ms" if low == high else f"delay {low:g}–{high:g} ms")
        return ", ".join(parts)


@dataclass(frozen=True)
class Circuit:
    """The diagram of a network. Shows itself in a notebook; ``save`` writes it for a paper."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    title: str = ""

    def node(self, name: str) -> Node:
        """The node of that name; raises UnknownName."""
        return self._find("population", self.nodes, name)

    def edge(self, name: str) -> Edge:
        """The edge of that name; raises UnknownName."""
        return self._find("projection", self.edges, name)

    def describe(self) -> str:
        """The circuit in words, for whoever cannot see it."""
        verbs = {"excitatory": "excites", "inhibitory": "inhibits"}
        said = [
            f"{e.source} {verbs.get(e.sign, 'projects to')} {e.target}".replace("_", " ")
            + (" (plastic)" if e.plastic else "")
            for e in self.edges
        ]
        of = f" of {self.title}" if self.title else ""
        counts = f"{_count(len(self.nodes), 'population')}, {_count(len(said), 'projection')}"
        return f"Circuit{of}: {counts}. " + "; ".join(said) + ("." if said else "")

    def to_svg(
        self,
        width_mm: float | None = None,
        dark: bool = False,
        colors: Mapping[str, str] | None = None,
        **options,
    ) -> str:
        """The diagram as one SVG document.

        width_mm : exact width; the drawing is arranged anew so that its text stays readable.
                   None: the natural size
        dark     : light lines on a transparent ground, for a dark page
        colors   : node name -> "#rrggbb"; those not named take the palette's, in order
        options  : ``direction`` ("auto", "right" or "down"), ``style`` ("auto", "roomy",
                   "compact" or "tight"), ``legend``, ``labels`` and ``embed_font`` (bool),
                   ``background`` ("#rrggbb")
        """
        from .svg import to_svg

        return to_svg(self, width_mm=width_mm, dark=dark, colors=colors, **options)

    def save(
        self,
        path: str | Path,
        width_mm: float = 174.0,
        dark: bool = False,
        colors: Mapping[str, str] | None = None,
        dpi: float = 300.0,
        metadata: Mapping[str, str] | None = None,
        **options,
    ) -> Path:
        """Write the diagram as ``.svg``, ``.pdf`` or ``.png``, exactly ``width_mm`` wide.

        Text stays text, its font embedded. ``metadata`` goes into the file.
        raises : ParameterError for another ending or an impossible width
        """
        from .paper import save

        return save(
            self,
            Path(path),
            width_mm=width_mm,
            dark=dark,
            colors=colors,
            dpi=dpi,
            metadata=metadata,
            **options,
        )

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
