"""What the key below a circuit explains: only what occurs in it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, pairwise

from .form import Circuit
from .shapes import Shape, shape_of


@dataclass(frozen=True)
class Sample:
    """One entry: an outline, a line with its tip, or both where they mean the same."""

    label: str
    shape: Shape | None = None
    sign: str | None = None
    plastic: bool = False


def samples(circuit: Circuit) -> list[Sample]:
    """Entries for the shapes and the tips of this circuit, always in the same order."""
    shapes = {shape_of(n.kind, n.sign) for n in circuit.nodes}
    signs = {e.sign for e in circuit.edges}
    found = [Sample("input", shape="hexagon")] if "hexagon" in shapes else []
    for sign in ("excitatory", "inhibitory"):
        shape = shape_of("population", sign)
        if shape in shapes or sign in signs:
            found.append(
                Sample(sign, shape if shape in shapes else None, sign if sign in signs else None)
            )
    if "box" in shapes:
        kinds = {n.sign for n in circuit.nodes if shape_of(n.kind, n.sign) == "box"}
        label = {"mixed": "mixed", "none": "no output"}
        found.append(Sample(" or ".join(label[k] for k in sorted(kinds)), shape="box"))
    if signs & {"mixed", "unknown"}:
        label = {"mixed": "either sign", "unknown": "sign unknown"}
        said = " or ".join(label[k] for k in sorted(signs & set(label)))
        found.append(Sample(said, sign="unknown"))
    if any(e.plastic for e in circuit.edges):
        sign = next(e.sign for e in circuit.edges if e.plastic)
        found.append(Sample("plastic", sign=sign, plastic=True))
    return found


def rows(widths: list[float], gap: float, limit: float) -> list[int]:
    """How many entries each row takes: the fewest rows, as even as possible."""
    count = 1
    while True:
        even = _split(widths, gap, count)
        if max(even[1]) <= limit or count >= len(widths):
            return even[0]
        count += 1


def _split(widths: list[float], gap: float, count: int) -> tuple[list[int], list[float]]:
    best: tuple[float, list[int], list[float]] | None = None
    for cuts in combinations(range(1, len(widths)), count - 1):
        edges = [0, *cuts, len(widths)]
        parts = [widths[a:b] for a, b in pairwise(edges)]
        lengths = [sum(p) + gap * (len(p) - 1) for p in parts]
        if best is None or max(lengths) < best[0]:
            best = (max(lengths), [len(p) for p in parts], lengths)
    assert best is not None
    return best[1], best[2]
