"""``workbench measure``: rates, variability, correlation and rhythm of a run or a recording."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..catalogue import Catalogue
from . import complete
from .numbers import number_option, whole_option
from .output import AsJson, number, print_json, table


def measure(
    what: Annotated[
        str,
        typer.Argument(
            metavar="RUN|FILE",
            help="A saved run, or an NWB, CSV or Neo file of spike trains.",
            autocompletion=complete.runs,
        ),
    ],
    start: Annotated[float, number_option("--start", "Where to begin.", unit="ms")] = 0.0,
    stop: Annotated[
        float | None, number_option("--stop", "Where to end; the whole run.", unit="ms")
    ] = None,
    bins: Annotated[
        float, number_option("--bin", "Of correlation, synchrony, spectrum.", unit="ms")
    ] = 5.0,
    window: Annotated[float, number_option("--window", "Of the Fano factor.", unit="ms")] = 100.0,
    neurons: Annotated[
        int, whole_option("--neurons", "At most so many stand for all in means over neurons.")
    ] = 200,
    time: Annotated[
        str | None, typer.Option("--time", metavar="COLUMN", help="Of a table: the spike times.")
    ] = None,
    unit: Annotated[
        str | None, typer.Option("--unit", metavar="ms|s", help="Of the times of a table.")
    ] = None,
    neuron: Annotated[
        str | None, typer.Option("--neuron", metavar="COLUMN", help="Whose spike it is.")
    ] = None,
    population: Annotated[
        str | None,
        typer.Option("--population", metavar="COLUMN", help="Which names the populations."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Measure spike trains, by Elephant.

    Rate, CV, LV and CV2 of the intervals, Fano factor, correlation, synchrony, and the frequency at
    which the rate's spectrum is highest, for each population. Needs the extra neo.
    """
    from ..formats.spikes import read_spikes
    from ..measures.elephant import measure as measured
    from ..store import open_run

    if Path(what).is_file():
        columns = {"time": time, "unit": unit, "neuron": neuron, "population": population}
        run = read_spikes(what, **columns).as_run()
    else:
        run = open_run(Catalogue().find(what))
    found = measured(
        run, start_ms=start, stop_ms=stop, bin_ms=bins, window_ms=window, neurons=neurons
    )
    if as_json:
        print_json(found.to_dict(orient="index"))
        return
    names = [str(c).replace("_", " ") for c in found.columns]
    rows = [(label, *(number(float(v)) for v in row)) for label, row in
            zip(found.index, found.to_numpy(), strict=True)]  # fmt: skip
    table(["population", *names], rows, right=names)
