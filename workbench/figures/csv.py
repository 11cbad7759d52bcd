"""The data of a picture as CSV, with what produced them in comment lines on top."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import ParameterError, unknown

if TYPE_CHECKING:
    from ..run import Run


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
    makers: dict[str, Callable[..., Table]] = {
        "raster": _spikes,
        "rates": _rates,
        "traces": _states,
        "map": _map,
        "weights": _weights,
        "circuit": _circuit,
    }
    if view not in makers:
        raise unknown("view", view, makers)
    try:
        columns, rows = makers[view](run, **options)
    except TypeError as error:
        if "unexpected keyword" not in str(error):
            raise
        raise ParameterError(f"The view {view!r} cannot be drawn so: {error}.") from error
    out = io.StringIO()
    for key, value in header(run).items():
        out.write(f"# {key}: {value if isinstance(value, str) else json.dumps(value)}\n")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue()


Table = tuple[Sequence[str], Iterable[Sequence[Any]]]


def _spikes(
    run: Run,
    populations: Sequence[str] | None = None,
    t_ms: Any = None,
    interventions: bool = True,
) -> Table:
    """In order of time; ``interventions`` are in the head of every table."""
    from ..plots.styling import span_of, wanted

    low, high = span_of(run, t_ms)
    parts = []
    for k, p in enumerate(wanted(run, populations)):
        t, i = run.spikes(p.name)
        keep = (t >= low) & (t <= high)
        parts.append((t[keep], np.full(int(keep.sum()), k), i[keep]))
    names = [p.name for p in wanted(run, populations)]
    t, which, i = (np.concatenate(c) for c in zip(*parts, strict=True))
    order = np.argsort(t, kind="stable")
    columns = (a[order].tolist() for a in (t, which, i))
    return ("t_ms", "population", "neuron"), (
        (t, names[k], i) for t, k, i in zip(*columns, strict=True)
    )


def _rates(run: Run, **options: Any) -> Table:
    from ..plots import rate_table

    edges, table = rate_table(run, **options)
    columns = ("from_ms", "to_ms", *(f"{name}_Hz" for name in table))
    values = [edges[:-1], edges[1:], *table.values()]
    return columns, np.round(np.column_stack(values), 9).tolist()


def _states(run: Run, name: Any = None, t_ms: Any = None) -> Table:
    from ..plots.lines import neurons_of, state_names
    from ..plots.styling import span_of

    low, high = span_of(run, t_ms)
    keep = (run.state_t >= low) & (run.state_t <= high)
    columns, parts = ["t_ms"], [run.state_t[keep]]
    for n in state_names(run, name):
        unit = (run.info.traces | run.info.maps).get(n, "1")
        for neuron, values in zip(neurons_of(run, n), run.states[n].T, strict=True):
            columns.append(f"{n}[{neuron}]" + ("" if unit == "1" else f"_{unit}"))
            parts.append(values[keep])
    return columns, np.column_stack(parts).tolist()


def _map(run: Run, name: str | None = None, t_ms: Any = None) -> Table:
    from ..plots.activity_map.static import default_map

    return _states(run, name or default_map(run), t_ms)


def _weights(run: Run, projection: str | None = None, at: int = -1) -> Table:
    from ..plots.weights.static import default_projection, moment

    if projection is None and not run.weights:
        return ("pre", "post", "weight"), ()
    projection = projection or default_projection(run)
    w = moment(run, projection, at)
    unit = run.info.projection(projection).unit
    name = "weight" if unit == "1" else f"weight_{unit}"
    i, j = (run.weights[projection][part].tolist() for part in ("i", "j"))
    return ("pre", "post", name), zip(i, j, w.tolist(), strict=True)


def _circuit(run: Run, notation: str = "", positions: Any = None) -> Table:
    rows = [
        (p.name, p.source, p.target, p.sign, p.plastic, p.n_synapses, *(p.delay_ms or ("", "")))
        for p in run.info.projections
    ]
    return (
        ("projection", "source", "target", "sign", "plastic", "synapses", "delay_min_ms",
         "delay_max_ms"),
        rows,
    )  # fmt: skip
