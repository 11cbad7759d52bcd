"""Neural Circuit Diagrams (Abbott 2024): terms that can be drawn and evaluated."""

from __future__ import annotations

from .draw.draw import drawing, to_svg
from .term.arrays import Array, Axis, TermError
from .term.evaluate import evaluate
from .term.operators import (
    Add,
    Constant,
    Elementwise,
    Linear,
    Normalise,
    Operator,
    Read,
    Sink,
    SoftMax,
    Sparse,
)
from .term.terms import (
    Block,
    Broadcast,
    Compose,
    Einsum,
    Iterate,
    Par,
    Rearrange,
    Reindex,
    Term,
    apply,
    identity,
    time,
)

__all__ = [
    "Add", "Array", "Axis", "Block", "Broadcast", "Compose", "Constant", "Einsum", "Elementwise",
    "Iterate", "Linear", "Normalise", "Operator", "Par", "Read", "Rearrange", "Reindex", "Sink",
    "SoftMax", "Sparse", "Term", "TermError", "apply", "drawing", "evaluate", "identity", "time",
    "to_svg",
]  # fmt: skip
