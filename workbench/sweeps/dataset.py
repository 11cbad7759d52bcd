"""Results of single runs, put together into one Dataset."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import StoreError
from .design import RESERVED

if TYPE_CHECKING:
    import xarray


def dataset(settings: dict[str, Any], outcomes: dict[int, dict[str, Any]]) -> xarray.Dataset:
    """The sweep as a Dataset; runs that are not done yet, or failed, are NaN.

    settings : as ``Design.settings`` gives them, or as the folder keeps them
    outcomes : number of the run -> what came of it
    """
    import xarray as xr

    vary, repeats = settings["vary"], settings["repeats"]
    dims = (*vary, "repeat")
    shape = (*(len(v) for v in vary.values()), repeats)
    total = math.prod(shape)
    if any(not 0 <= k < total for k in outcomes):
        raise StoreError("The sweep is damaged: it has results of runs that it does not have.")
    data: dict[str, Any] = {}
    good = {k: o["cells"] for k, o in sorted(outcomes.items()) if not o["error"]}
    for name in dict.fromkeys(n for cells in good.values() for n in cells):
        data[name] = _variable({k: c[name] for k, c in good.items() if name in c}, dims, shape)
    for name, kind, empty, message in (
        ("seed", np.int64, -1, {}),
        ("wall_s", np.float64, np.nan, {"units": "s"}),
        ("engine", object, "", {}),
        ("error", object, "", {}),
    ):
        values = np.full(total, empty, dtype=kind)
        for k, outcome in outcomes.items():
            values[k] = outcome[name]
        data[name] = (dims, values.reshape(shape), message)
    coords: dict[str, Any] = {
        name: (name, np.asarray(values), settings["axes"][name]) for name, values in vary.items()
    }
    coords["repeat"] = np.arange(repeats)
    failed = sum(bool(o["error"]) for o in outcomes.values())
    attrs: dict[str, Any] = {
        "model": settings["model"],
        "duration_ms": settings["duration_ms"],
        "engine": settings["engine"],
        "sweep_seed": settings["seed"],
        "measure": list(settings["measure"]),
        "parameters": json.dumps(settings["parameters"]),
        "operations": json.dumps(settings["operations"]),
        "runs": total,
        "done": len(outcomes),
        "failed": failed,
        "outcome": "finished" if len(outcomes) == total else "stopped",
        "provenance": json.dumps(settings.get("provenance", {})),
    }
    return xr.Dataset(data, coords, attrs)


def measured(data: xarray.Dataset) -> list[str]:
    """Names of what was measured: all variables but those that every sweep has."""
    return [str(n) for n in data.data_vars if n not in RESERVED]


def _variable(cells: dict[int, dict[str, Any]], dims: tuple[str, ...], shape: Any) -> Any:
    """One measured thing on the whole grid; its own dimensions come last."""
    first = next(iter(cells.values()))
    own, numbers = first["dims"], list(cells)
    if any(c["dims"] != own for c in cells.values()):
        raise StoreError("The measure returned different dimensions for different runs.")
    attrs = {"units": first["units"]} if first["units"] else {}
    arrays = [np.asarray(c["data"], dtype=float) for c in cells.values()]
    same = all(
        c["coords"] == first["coords"] and a.shape == arrays[0].shape
        for c, a in zip(cells.values(), arrays, strict=True)
    )
    coords = first["coords"]
    if same:
        block = np.stack(arrays)
    else:
        block, coords = _aligned(list(cells.values()), arrays)
    full = np.full((math.prod(shape), *block.shape[1:]), np.nan)
    full[numbers] = block
    import xarray as xr

    # Text as objects: Zarr has no standard for text of a fixed length.
    held = {d: np.array(v, dtype=object if _text(v) else None) for d, v in coords.items()}
    return xr.DataArray(full.reshape(*shape, *block.shape[1:]), held, (*dims, *own), attrs=attrs)


def _text(labels: Any) -> bool:
    return any(isinstance(v, str) for v in labels)


def _aligned(cells: list[dict[str, Any]], arrays: list[np.ndarray]) -> tuple[np.ndarray, Any]:
    """Arrays of different lengths or labels on their common labels; NaN where one has none."""
    import xarray as xr

    own = cells[0]["dims"]
    pieces = [
        xr.DataArray(
            a, {d: c["coords"].get(d, range(n)) for d, n in zip(own, a.shape, strict=True)}, own
        )
        for c, a in zip(cells, arrays, strict=True)
    ]  # fmt: skip
    whole = xr.concat(pieces, dim="point", join="outer")
    return whole.values, {d: whole.indexes[d].to_numpy() for d in own if cells[0]["coords"].get(d)}
