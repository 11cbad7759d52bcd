"""The data of a plot as CSV, with the run's provenance in comment lines at the top."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

from ..plots.registry import plot_kind

if TYPE_CHECKING:
    from ..run import Run


def header(run: Run) -> dict[str, Any]:
    """Return all data needed to repeat the run; written into every exported file."""
    return {
        "model": run.model,
        "parameters": run.parameters,
        "parameters_at_end": run.last_parameters,
        "seed": run.seed,
        "engine": run.engine,
        "duration_ms": run.duration_ms,
        "dt_ms": run.info.dt_ms,
        "interventions": [e.to_json() for e in run.interventions],
        "provenance": run.provenance,
    }


def csv_text(run: Run, view: str = "raster", **options: Any) -> str:
    """Return the data of a plot as CSV; raises UnknownName, or ParameterError if it has none."""
    columns, rows = plot_kind(view).rows(run, **options)
    out = io.StringIO()
    for key, value in header(run).items():
        out.write(f"# {key}: {value if isinstance(value, str) else json.dumps(value)}\n")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue()
