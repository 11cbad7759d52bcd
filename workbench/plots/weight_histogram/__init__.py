"""How a recorded variable of synapses is distributed, live and at a time."""

from __future__ import annotations

from ..kind import OF_RECORDED_SYNAPSES, PlotKind, PlotOption

KIND = PlotKind(
    id="weight-histogram",
    title="Histogram of weights",
    help="How many recorded synapses have which weight, now or at a chosen time.",
    placeholder="The distribution of recorded weights appears here.",
    **OF_RECORDED_SYNAPSES,
    static=f"{__name__}.static:histogram",
    table=f"{__name__}.static:histogram_table",
    live=f"{__name__}.live:HistogramView",
    options=(
        PlotOption("name", "which recording, projection.variable, or a projection with weights"),
        PlotOption("at_ms", "at which time; without it, the last", "number"),
        PlotOption("bins", "how many; 40 if not said", "integer"),
    ),
    selects="name",
    on_page=64,
    in_figure=64,
    summary=False,
)
