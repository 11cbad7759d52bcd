"""Convert the result of a measure to named arrays of numbers that JSON can hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import ParameterError


def cells_of(name: str, result: Any, reserved: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Convert one result to name -> {"dims", "coords", "units", "data"}.

    name     : name of the measure, used for numbers and for arrays without a name
    reserved : names used by the sweep itself
    raises   : ParameterError for anything but numbers, dicts of them, and DataArrays
    """
    parts = (
        result if isinstance(result, Mapping) else {getattr(result, "name", None) or name: result}
    )
    found = {str(k): _cell(f"{name}[{k!r}]" if isinstance(result, Mapping) else name, v)
             for k, v in parts.items()}  # fmt: skip
    for key, cell in found.items():
        for used in (key, *cell["dims"]):
            if used in reserved:
                raise ParameterError(
                    f"measure {name} returned something called {used!r}, which a sweep calls "
                    "something else: choose another name."
                )
    return found


def _cell(name: str, value: Any) -> dict[str, Any]:
    import xarray as xr

    if not isinstance(value, xr.DataArray):
        try:
            if value is None:  # NumPy would convert it to NaN
                raise TypeError
            value = xr.DataArray(np.asarray(value, dtype=float))
        except (TypeError, ValueError):
            raise ParameterError(
                f"measure {name} returned {_short(value)}: it must be a number, a dict of numbers, "
                "or an xarray.DataArray."
            ) from None
        if value.ndim:
            raise ParameterError(
                f"measure {name} returned an array: give it as an xarray.DataArray, with names of "
                "its dimensions."
            )
    if value.dtype.kind not in "biuf":
        raise ParameterError(f"measure {name} returned {value.dtype}: it must be real numbers.")
    coords = {
        str(d): [v.item() if isinstance(v, np.generic) else v for v in value.indexes[d]]
        for d in value.dims
        if d in value.indexes
    }
    for d, labels in coords.items():
        if not all(isinstance(v, int | float | str) for v in labels):
            raise ParameterError(
                f"measure {name}: the labels along {d} must be numbers or text, not "
                f"{type(labels[0]).__name__}."
            )
    return {
        "dims": [str(d) for d in value.dims],
        "coords": coords,
        "units": str(value.attrs.get("units", "")),
        "data": value.values.astype(float).tolist(),
    }


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
