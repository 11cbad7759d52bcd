"""Firing rates of populations."""

from __future__ import annotations

from ..kind import POPULATIONS, T_MS, PlotKind, PlotOption

KIND = PlotKind(
    id="rates",
    title="Rates",
    help="Mean firing rate of each population against time, spikes per second and neuron.",
    placeholder="Firing rate of every population against time appears here.",
    available=lambda info: info.spiking,
    has_data=lambda run: run.info.spiking,
    static=f"{__name__}.static:rates",
    table=f"{__name__}.static:bin_table",
    live=f"{__name__}.live:RatesView",
    height=f"{__name__}.static:height_mm",
    options=(
        POPULATIONS,
        PlotOption(
            "bin_ms",
            "width of a bin; without it, a hundredth of what is shown, or a quarter of the period "
            "of a faster rhythm; at least a tick",
            "number",
        ),
        T_MS,
    ),
    recorded=True,
    on_page=50,
    in_figure=40,
)
