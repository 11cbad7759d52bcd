"""The diagram of a run's network, and its projections as a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...circuits.render.notations import DEFAULT, drawer
from ...errors import ParameterError
from ...run import Run
from ..kind import Table


def circuit(
    run: Run,
    notation: str = DEFAULT,
    positions: Mapping[str, tuple[float, float]] | None = None,
) -> Any:
    """The diagram of the network with its values at the end: a `Circuit`, which draws itself.

    The options are those that the kind declares.
    raises : ParameterError when the run was stored without it, UnknownName for another notation
             or node
    """
    if run.circuit is None:
        raise ParameterError(f"This run of {run.model} was stored without its circuit.")
    drawer(notation)
    return run.circuit.placed(positions) if positions else run.circuit


def projection_table(run: Run, notation: str = DEFAULT, positions: Any = None) -> Table:
    """A row a projection; the same however it is drawn."""
    rows = [
        (p.name, p.source, p.target, p.sign, p.plastic, p.n_synapses, *(p.delay_ms or ("", "")))
        for p in run.info.projections
    ]
    return (
        ("projection", "source", "target", "sign", "plastic", "synapses", "delay_min_ms",
         "delay_max_ms"),
        rows,
    )  # fmt: skip
