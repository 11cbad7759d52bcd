"""What the key below a circuit explains: only what occurs in it."""

from __future__ import annotations

from dataclasses import dataclass

from .form import Circuit
from .shapes import Shape, shape_of


@dataclass(frozen=True)
class Sample:
    """One entry: an outline, or a line with its tip."""

    label: str
    shape: Shape | None = None
    sign: str = "unknown"
    plastic: bool = False


def samples(circuit: Circuit) -> list[Sample]:
    """Entries for the shapes and the tips of this circuit, always in the same order."""
    shapes = {shape_of(n.kind, n.sign) for n in circuit.nodes}
    signs = {e.sign for e in circuit.edges}
    plain = {n.sign for n in circuit.nodes if shape_of(n.kind, n.sign) == "box"}
    named: list[tuple[Shape, str]] = [
        ("hexagon", "input"),
        ("rounded", "excitatory"),
        ("stadium", "inhibitory"),
        ("box", {("mixed",): "mixed", ("none",): "no output"}.get(tuple(plain), "mixed, none")),
    ]
    found = [Sample(label, shape=shape) for shape, label in named if shape in shapes]
    found += [
        Sample(label, sign=sign)
        for sign, label in (("excitatory", "excites"), ("inhibitory", "inhibits"))
        if sign in signs
    ]
    if signs & {"mixed", "unknown"}:
        both = "either sign" if "unknown" not in signs else "sign unknown"
        found.append(Sample(both, sign="unknown"))
    if any(e.plastic for e in circuit.edges):
        sign = next(e.sign for e in circuit.edges if e.plastic)
        found.append(Sample("plastic", sign=sign, plastic=True))
    return found
