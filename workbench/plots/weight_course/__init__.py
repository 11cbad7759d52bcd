"""Recorded variables of chosen synapses over time."""

from __future__ import annotations

from ..kind import OF_RECORDED_SYNAPSES, T_MS, PlotKind, PlotOption

KIND = PlotKind(
    id="weight-course",
    title="Course of weights",
    help="A recorded variable of synapses, such as the weight, against time: one line a synapse.",
    placeholder="Recorded weights of chosen synapses appear here.",
    **OF_RECORDED_SYNAPSES,
    static=f"{__name__}.static:course",
    table=f"{__name__}.static:course_table",
    live=f"{__name__}.live:CourseView",
    options=(
        PlotOption("name", "which recording, projection.variable; without it, the first"),
        PlotOption("most", "lines at most, evenly spaced; 30 if not said", "integer"),
        T_MS,
    ),
    selects="name",
    on_page=62,
    in_figure=62,
    summary=False,
)
