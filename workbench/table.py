"""The data of a picture as CSV, with what produced them in comment lines on top."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import ParameterError, unknown

if TYPE_CHECKING:
    from .run import Run


def header(run: Run) -> dict[str, Any]:
    """Everything needed to make the run again: it goes into every exported file."""
    return {
        "model": run.model,
        "parameters": run.parameters,
        "seed": run.seed,
        "engine": run.engine,
        "duration_ms": run.duration_ms,
        "dt_ms": run.info.dt_ms,
        "interventions": run.interventions,
        "provenance": run.provenance,
    }


def csv_text(run: Run, view: str = "raster", **options: Any) -> str:
    """The data behind a view; raises UnknownName for a view that has none."""
    makers = {
        "raster": _spikes,
        "rates": _rates,
        "traces": _states,
        "weights": _weights,
        "circuit": _circuit,
    }
    if view not in makers:
        raise unknown("view", view, makers)
    columns, rows = makers[view](run, **options)
    out = io.StringIO()
    for key, value in header(run).items():
        out.write(f"# {key}: {value if isinstance(value, str) else json.dumps(value)}\n")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue()


Table = tuple[Sequence[str], Iterable[Sequence[Any]]]


def _spikes(run: Run, populations: Sequence[str] | None = None, t_ms: Any = None) -> Table:
    low, high = t_ms or (-np.inf, np.inf)
    rows = [
        (t, population, i)
        for population in populations or run.populations
        for t, i in zip(*(a.tolist() for a in run.spikes(population)), strict=True)
        if low <= t <= high
    ]
    return ("t_ms", "population", "neuron"), sorted(rows, key=lambda r: r[0])


def _rates(run: Run, **options: Any) -> Table:
    from .plot import rate_table

    centres, table = rate_table(run, **options)
    columns = ("t_ms", *(f"{name}_Hz" for name in table))
    return columns, np.column_stack([centres, *table.values()]).tolist()


def _states(run: Run, name: str | None = None, t_ms: Any = None) -> Table:
    if not run.states:
        raise ParameterError(f"This run of {run.model} has no recorded states.")
    names = [name] if name else list(run.states)
    low, high = t_ms or (-np.inf, np.inf)
    keep = (run.state_t >= low) & (run.state_t <= high)
    columns, parts = ["t_ms"], [run.state_t[keep]]
    for n in names:
        unit = run.info.traces.get(n, "1")
        for neuron, values in zip(run.info.watched.get(n, ()), run.state(n).T, strict=False):
            columns.append(f"{n}[{neuron}]" + ("" if unit == "1" else f"_{unit}"))
            parts.append(values[keep])
    return columns, np.column_stack(parts).tolist()


def _weights(run: Run, projection: str | None = None, at: int = -1) -> Table:
    from .plot import default_projection

    projection = projection or default_projection(run)
    run.weight_matrix(projection, at)  # says what is wrong, if anything is
    w = run.weights[projection]
    unit = run.info.projection(projection).unit
    name = "weight" if unit == "1" else f"weight_{unit}"
    return ("pre", "post", name), zip(
        w["i"].tolist(), w["j"].tolist(), w["w"][at].tolist(), strict=True
    )


def _circuit(run: Run) -> Table:
    rows = [
        (p.name, p.source, p.target, p.sign, p.plastic, p.n_synapses, *(p.delay_ms or ("", "")))
        for p in run.info.projections
    ]
    return (
        ("projection", "source", "target", "sign", "plastic", "synapses", "delay_min_ms",
         "delay_max_ms"),
        rows,
    )  # fmt: skip
