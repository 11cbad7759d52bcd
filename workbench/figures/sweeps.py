"""One measure of a sweep as a figure for paper, and as a table."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any

from .drawing import drawing
from .file_format import file_bytes
from .page import Part, page


def sweep_bytes(
    data: Any, name: str, label: Any, colors: Mapping[str, str], fmt: str, width_mm: float
) -> bytes:
    """Encode one measure of a sweep's Dataset as it is seen, as a file.

    label, colors : as of `workbench.plots.sweep.sweep_plot`
    fmt    : "svg", "pdf", "png" or "csv"; CSV has every run, in columns parameters, repeat, the
             measure's own dimension, value
    raises : UnknownName for another format or measure
    """
    from ..plots.sweep import axes_of, own_dimension, sweep_plot

    about = {key: _plain(value) for key, value in data.attrs.items()}
    if fmt == "csv":
        values = data[name]
        own = own_dimension(values, axes_of(data))
        if own is not None and label is not None:
            values = values.sel({own: label})
        head = "".join(f"# {key}: {json.dumps(value)}\n" for key, value in about.items())
        out = io.StringIO()
        values.to_dataframe(name=name).dropna().to_csv(out, lineterminator="\n")
        return (head + out.getvalue()).encode()
    element = sweep_plot(data, name, label=label, colors=colors)
    with drawing():
        return file_bytes(page([Part(element)], width_mm), fmt, f"{about['model']}: {name}", about)


def _plain(value: Any) -> Any:
    """What Zarr keeps as JSON text is an object again in the file's metadata."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
