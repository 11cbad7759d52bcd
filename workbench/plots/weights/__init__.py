"""Weights of a projection, as a matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..kind import PlotKind, PlotOption

if TYPE_CHECKING:
    from ...network import NetworkInfo


def _says_something(info: NetworkInfo) -> bool:
    """Whether any matrix has more cells than one, or changes: the circuit says a single weight."""
    entries = {p.name: p.entries for p in info.populations}
    return any(
        p.weight is not None and (p.plastic or entries[p.source] * entries[p.target] > 1)
        for p in info.projections
    )


KIND = PlotKind(
    id="weights",
    title="Weights",
    help="Synaptic weights: presynaptic neurons from left to right, postsynaptic ones down.",
    placeholder="Synaptic weights appear here, one projection at a time.",
    available=_says_something,
    has_data=lambda run: bool(run.weights),
    static=f"{__name__}.static:weights",
    table=f"{__name__}.static:weight_table",
    live=f"{__name__}.live:WeightsView",
    height=f"{__name__}.static:height_mm",
    options=(
        PlotOption("projection", "whose weights; without it, a plastic one where there is one"),
        PlotOption("at", "which of the recorded moments; -1 the last", "integer"),
    ),
    selects="projection",
    on_page=60,
    in_figure=60,
    summary_mm=120.0,
)
