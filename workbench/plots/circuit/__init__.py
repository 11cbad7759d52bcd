"""The circuit diagram: still in a figure, and moved by the activity on the page."""

from __future__ import annotations

from ...circuits import notations
from ...errors import listed
from ..kind import PlotKind, PlotOption

KIND = PlotKind(
    id="circuit",
    title="Circuit",
    help="Populations and projections as a diagram, in one of several notations.",
    placeholder="The circuit appears here as soon as the network is built.",
    available=lambda info: info.circuit is not None,
    has_data=lambda run: run.circuit is not None,
    static=f"{__name__}.static:circuit",
    table=f"{__name__}.static:projection_table",
    live=f"{__name__}.plot:CircuitPlot",
    options=(
        PlotOption("notation", f"in which it is drawn: {listed(notations())}"),
        PlotOption("positions", "node -> (x, y) in points: where a person wants it", ""),
    ),
    redrawn=True,
    on_page=30,
    leads=True,
    in_figure=10,
    summary=False,
)
