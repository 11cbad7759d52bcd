"""Reads arrays of a stored run, after checking that they are whole and plain."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np

from .errors import StoreError

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
        said: dict[str, Any] = json.loads((run / name / "zarr.json").read_text(encoding="utf-8"))
        shape = tuple(int(n) for n in said["shape"])
        chunks = tuple(int(n) for n in said["chunk_grid"]["configuration"]["chunk_shape"])
        codecs = {c["name"] for c in said["codecs"]}
        separator = said["chunk_key_encoding"]["configuration"]["separator"]
        plain = (
            said["node_type"] == "array"
            and said["data_type"] in TYPES
            and codecs <= CODECS
            and said["chunk_grid"]["name"] == "regular"
            and said["chunk_key_encoding"]["name"] == "default"
            and separator == "/"
            and not said.get("storage_transformers")
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
