"""Reads arrays of a stored run, after checking that they are whole and plain.

Runs of schema 1 keep their arrays in groups: spikes/step, spikes/unit, states/t, states/values
(all states side by side), and WEIGHTS_AT/NAME/i, j, t_ms, w. Today's layout is in `store_writer`.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import StoreError
from .layout import OF_WEIGHTS

# What `RunWriter` uses, and what a copying tool may have put in its place. Anything else is not
# decoded: a codec is code, and a file must not choose which code runs.
CODECS = {"bytes", "zstd", "gzip", "blosc", "crc32c"}
TYPES = {
    "bool",
    *(f"{k}{n}" for k in ("int", "uint") for n in (8, 16, 32, 64)),
    "float32",
    "float64",
}
MOST_IN_CHUNK = 2**28


def read_spikes(run: Path, meta: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """(S,) time steps and (S,) global unit numbers; raises StoreError."""
    names = ("spikes/step", "spikes/unit") if _in_groups(meta) else ("spike_time", "spike_unit")
    step, unit = (read_array(run, name, int(meta["n_spikes"])) for name in names)
    return step, unit


def read_times(run: Path, meta: dict[str, Any]) -> np.ndarray:
    """(T,) ms at which the states were sampled; raises StoreError."""
    return read_array(run, "states/t" if _in_groups(meta) else "time", int(meta["n_states"]))


def read_states(
    run: Path, meta: dict[str, Any], names: Collection[str] | None = None
) -> dict[str, np.ndarray]:
    """Samples (T, n) of each state, or of those in ``names``; raises StoreError."""
    widths, rows = meta["columns"], int(meta["n_states"])
    wanted = [name for name in widths if names is None or name in names]
    if not _in_groups(meta):
        return {name: read_array(run, name, rows) for name in wanted}
    values = read_array(run, "states/values", rows) if wanted else np.empty((rows, 0))
    ends = dict(zip(widths, itertools.accumulate(widths.values()), strict=True))
    return {name: values[:, ends[name] - widths[name] : ends[name]] for name in wanted}


def read_weights(run: Path, meta: dict[str, Any]) -> dict[str, dict[str, np.ndarray]]:
    """Weights of each projection as in `Run`; raises StoreError."""
    place = "{at}/{name}/{part}" if _in_groups(meta) else "{at}/{stored}_{name}"
    return {
        name: {
            part: read_array(
                run, place.format(at=meta["weights_at"], name=name, part=part, stored=stored)
            )
            for stored, part in OF_WEIGHTS.items()
        }
        for name in meta["weights"]
    }


def _in_groups(meta: dict[str, Any]) -> bool:
    return int(meta["workbench_run"]) < 2


def read_array(run: Path, name: str, length: int | None = None) -> np.ndarray:
    """The first ``length`` rows (all, when None) of one array below the folder ``run``.

    raises : StoreError when it is missing, shorter, of another kind, or when a part of it is lost
             or does not fit its checksum
    """
    import zarr

    folder = run / name
    if not folder.resolve().is_relative_to(run.resolve()):
        raise StoreError(f"{run} is damaged: the array {name} lies outside of it.")
    shape, chunks = _declared(run, name)
    if length is not None:
        if shape[0] < length:
            raise StoreError(f"{run} is damaged: {name} has {shape[0]} entries of {length}.")
        shape = (length, *shape[1:])
    needed = [range(-(-n // size)) for n, size in zip(shape, chunks, strict=True)]
    for place in itertools.product(*needed):
        if not folder.joinpath("c", *map(str, place)).is_file():
            raise StoreError(f"{run} is damaged: a part of {name} is missing.")
    array = zarr.open_array(str(folder), mode="r", zarr_format=3)
    try:
        return np.asarray(array[: shape[0]])
    except Exception as error:
        raise StoreError(f"{run} is damaged: a part of {name} cannot be decoded.") from error


def _declared(run: Path, name: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Shape and chunk shape of an array; refuses what is not a plain array."""
    try:
        message: dict[str, Any] = json.loads((run / name / "zarr.json").read_text(encoding="utf-8"))
        shape = tuple(int(n) for n in message["shape"])
        chunks = tuple(int(n) for n in message["chunk_grid"]["configuration"]["chunk_shape"])
        codecs = {c["name"] for c in message["codecs"]}
        separator = message["chunk_key_encoding"]["configuration"]["separator"]
        plain = (
            message["node_type"] == "array"
            and message["data_type"] in TYPES
            and codecs <= CODECS
            and message["chunk_grid"]["name"] == "regular"
            and message["chunk_key_encoding"]["name"] == "default"
            and separator == "/"
            and not message.get("storage_transformers")
            and len(shape) == len(chunks) >= 1
            and all(n > 0 for n in chunks)
            and int(np.prod(chunks, dtype=float)) <= MOST_IN_CHUNK
        )
    except FileNotFoundError as error:
        raise StoreError(f"{run} is damaged: the array {name} is missing.") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(f"{run} is damaged: {name} does not say what it holds.") from error
    if not plain:
        raise StoreError(f"{run} is damaged: {name} is not a plain array of numbers.")
    return shape, chunks
