"""States of chosen neurons over time."""

from __future__ import annotations

from ..kind import T_MS, PlotKind, PlotOption

KINDS = ("neurons", "compartments", "shared")

KIND = PlotKind(
    id="traces",
    title="Traces",
    help="A state variable of the watched neurons against time, one line a neuron.",
    placeholder="Membrane potentials and other states of a few neurons appear here.",
    available=lambda info: bool(info.traces or any(r.of in KINDS for r in info.recordables)),
    has_data=lambda run: bool(run.sampled()),
    static=f"{__name__}.static:traces",
    table=f"{__name__}.static:state_table",
    live=f"{__name__}.live:TracesView",
    height=f"{__name__}.static:height_mm",
    options=(
        PlotOption(
            "name", "population.variable, or several; without it, all that were recorded", "names"
        ),
        T_MS,
    ),
    selects="name",
    on_page=40,
    in_figure=50,
    summary=False,
)
