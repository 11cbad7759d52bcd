"""A recorded state over neurons or compartments and time, as an image: V(x, t)."""

from __future__ import annotations

from ..kind import T_MS, PlotKind, PlotOption

KIND = PlotKind(
    id="state-map",
    title="State map",
    help="A recorded variable over neurons or compartments (down) and time (along), as colour.",
    placeholder="A recorded variable over neurons or compartments and time appears here.",
    available=lambda info: any(
        r.of in ("neurons", "compartments") and r.entries > 1 for r in info.recordables
    ),
    has_data=lambda run: any(
        s.of in ("neurons", "compartments") and len(s.index) > 1
        for key, s in run.recordings.items()
        if key not in run.info.watched
    ),
    static=f"{__name__}.static:state_map",
    table=f"{__name__}.static:state_map_table",
    live=f"{__name__}.live:StateMapView",
    options=(
        PlotOption("name", "which recording, population.variable; without it, that of the most"),
        T_MS,
    ),
    selects="name",
    on_page=45,
    in_figure=55,
    summary=False,
)
