"""The matrix of a recorded variable of synapses, at any recorded time."""

from __future__ import annotations

from ..kind import OF_RECORDED_SYNAPSES, PlotKind, PlotOption

KIND = PlotKind(
    id="weight-matrix",
    title="Weights at a time",
    help="A recorded variable of synapses as a matrix, at any recorded time: move the slider.",
    placeholder="Recorded weights at any time appear here.",
    **OF_RECORDED_SYNAPSES,
    static=f"{__name__}.static:matrix",
    table=f"{__name__}.static:matrix_table",
    live=f"{__name__}.live:MatrixView",
    options=(
        PlotOption("name", "which recording, projection.variable; without it, the first"),
        PlotOption("at_ms", "at which time; without it, the last", "number"),
    ),
    selects="name",
    on_page=66,
    in_figure=66,
    summary=False,
)
