"""Spikes: one row a neuron."""

from __future__ import annotations

from ..kind import POPULATIONS, T_MS, PlotKind, PlotOption

KIND = PlotKind(
    id="raster",
    title="Raster",
    help="Every spike: time to the right, one row a neuron, one band a population.",
    placeholder="Spikes of every population appear here, one row a neuron.",
    available=lambda info: info.spiking,
    has_data=lambda run: run.info.spiking,
    static=f"{__name__}.static:raster",
    table=f"{__name__}.static:spike_table",
    live=f"{__name__}.live:RasterView",
    height=f"{__name__}.static:height_mm",
    sized=True,
    options=(
        POPULATIONS,
        T_MS,
        PlotOption(
            "interventions",
            "mark above the spikes when something was done to the network; a table always has it "
            "in its head",
            "switch",
        ),
        PlotOption(
            "rows",
            "first and last row to show, such as 0,99, counted from the top over all populations",
            "pair",
        ),
    ),
    redrawn=True,
    recorded=True,
    on_page=10,
    leads=True,
    in_figure=20,
)
