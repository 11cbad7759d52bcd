"""The states of all neurons of a population, as an image."""

from __future__ import annotations

from ..kind import T_MS, PlotKind, PlotOption

KIND = PlotKind(
    id="map",
    title="Activity map",
    help="A state of every neuron of a population against time, as colour; neuron 0 at the top.",
    placeholder="A state of every neuron against time appears here, as a map of colours.",
    available=lambda info: bool(info.maps),
    has_data=lambda run: any(name in run.states for name in run.info.maps),
    static=f"{__name__}.static:activity_map",
    table=f"{__name__}.static:map_table",
    live=f"{__name__}.live:MapView",
    options=(
        PlotOption("name", "population.variable; without it, the first recorded as a map", "name"),
        T_MS,
    ),
    selects="name",
    on_page=20,
    leads=True,
    in_figure=30,
)
