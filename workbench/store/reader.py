"""Read the arrays of a stored run, after checking that they are complete and plain.

Runs of schema 1 have their arrays in groups: spikes/step, spikes/unit, states/t, states/values
(all states side by side), and WEIGHTS_AT/NAME/i, j, t_ms, w. `writer` describes the current layout.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Collection, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import StoreError, shortened
from ..recordings import Samples, variable_of
from .growing import chunks_of
from .layout import OF_WEIGHTS, RECORDED
from .metadata import count, read_text
from .shards import lacks

# Codecs that `RunWriter` uses, and common replacements by copying tools. Others are not decoded:
# a codec is code, and a file must not choose which code runs.
CODECS = {"bytes", "zstd", "gzip", "blosc", "crc32c"}
TYPES = {
    "bool",
    *(f"{k}{n}" for k in ("int", "uint") for n in (8, 16, 32, 64)),
    "float32",
    "float64",
}
READ_AT_ONCE = 2**21  # numbers of a recording; a larger one is read when it is asked for
MOST_IN_CHUNK = 2**28
MOST_IN_FILE = 2**12  # chunks


def read_spikes(run: Path, meta: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Read (S,) time steps and (S,) global unit indices; raises StoreError."""
    step, unit = (read_array(run, name, count(meta["n_spikes"])) for name in spike_arrays(meta))
    return step, unit


def spike_arrays(meta: dict[str, Any]) -> tuple[str, str]:
    """Names of the arrays of time steps and of units."""
    return ("spikes/step", "spikes/unit") if _in_groups(meta) else ("spike_time", "spike_unit")


def read_times(run: Path, meta: dict[str, Any]) -> np.ndarray:
    """Read the times (T,) in ms at which the states were sampled; raises StoreError."""
    return read_array(run, "states/t" if _in_groups(meta) else "time", count(meta["n_states"]))


def read_states(
    run: Path, meta: dict[str, Any], names: Collection[str] | None = None
) -> dict[str, np.ndarray]:
    """Read the samples (T, n) of each state, or of those in ``names``; raises StoreError."""
    widths, rows = meta["columns"], count(meta["n_states"])
    wanted = [name for name in widths if names is None or name in names]
    if not _in_groups(meta):
        return {name: read_array(run, name, rows) for name in wanted}
    values = read_array(run, "states/values", rows) if wanted else np.empty((rows, 0))
    ends = dict(zip(widths, itertools.accumulate(widths.values()), strict=True))
    return {name: values[:, ends[name] - widths[name] : ends[name]] for name in wanted}


def read_recordings(run: Path, meta: dict[str, Any]) -> dict[str, Samples]:
    """The recordings of a run; the samples of large ones are read when they are asked for."""
    found = {}
    for key, metadata in meta.get("recorded", {}).items():
        joins = metadata["joins"]
        found[key] = Samples(
            variable_of(key),
            index=read_array(run, f"index_{key}"),
            pre=read_array(run, f"pre_{key}") if joins else None,
            post=read_array(run, f"post_{key}") if joins else None,
            unit=metadata["unit"],
            of=metadata["of"],
            every_ms=metadata["every_ms"],
            extremes=metadata["extremes"],
            single=bool(metadata.get("single")),  # runs of before have no such entry
            load=partial(_samples, run, key, metadata),
        )
        if count(metadata["rows"]) * len(found[key].index) <= READ_AT_ONCE:
            found[key].load()
    return found


def _samples(run: Path, key: str, message: dict[str, Any]) -> dict[str, np.ndarray]:
    parts = [p for p in RECORDED if message["extremes"] or p in ("t_ms", "values")]
    rows = count(message["rows"])
    return {part: read_array(run, f"{RECORDED[part]}_{key}", rows) for part in parts}


def read_weights(run: Path, meta: dict[str, Any]) -> dict[str, dict[str, np.ndarray]]:
    """Read the weights of each projection, as in `Run`; raises StoreError."""
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


def read_array(run: Path, name: str, length: int | None = None, first: int = 0) -> np.ndarray:
    """Read the rows from ``first`` to ``length`` (None: the last) of one array below ``run``.

    raises : StoreError if it is missing, too short or not a plain array, or if a chunk is missing
             or does not match its checksum
    """
    import zarr

    check_array(run, name, length, first)
    shown = shortened(name)
    array = zarr.open_array(str(run / name), mode="r", zarr_format=3)
    try:
        return np.asarray(array[first : array.shape[0] if length is None else length])
    except Exception as error:
        raise StoreError(f"{run} is damaged: a part of {shown} cannot be decoded.") from error


def check_array(run: Path, name: str, length: int | None = None, first: int = 0) -> int:
    """See that these rows of an array are there, without reading them; returns rows of a chunk.

    raises : StoreError
    """
    folder, shown = run / name, shortened(name)
    if not folder.resolve().is_relative_to(run.resolve()):
        raise StoreError(f"{run} is damaged: the array {shown} lies outside of it.")
    shape, chunks, count = _declared(run, name)
    if length is not None:
        if shape[0] < length:
            raise StoreError(f"{run} is damaged: {shown} has {shape[0]} entries of {length}.")
        shape = (length, *shape[1:])
    needed = [range(-(-n // size)) for n, size in zip(shape, chunks, strict=True)]
    needed[0] = needed[0][first // chunks[0] :]
    if count:
        absent = any(_misses(folder, len(chunks), count, needed[0]))
    else:
        files = (folder.joinpath("c", *map(str, place)) for place in _places(needed))
        absent = not all(file.is_file() for file in files)
    if absent:
        raise StoreError(f"{run} is damaged: a part of {shown} is missing.")
    return chunks[0]


def _places(needed: Sequence[range]) -> Iterator[tuple[int, ...]]:
    """Each combination, one at a time: a damaged header may declare more than the memory can hold.

    `itertools.product` would make a list of each range first.
    """
    if not all(needed):  # no values at all
        return
    if not needed:
        yield ()
        return
    for k in needed[0]:
        for rest in _places(needed[1:]):
            yield (k, *rest)


def _misses(folder: Path, dims: int, count: int, needed: range) -> Iterator[bool]:
    """Of each file with some of the ``needed`` chunks, whether it lacks one."""
    for which, chunks in itertools.groupby(needed, lambda chunk: chunk // count):
        path = folder.joinpath("c", str(which), *("0",) * (dims - 1))
        try:
            # A pipe would be waited for.
            yield not path.is_file() or lacks(path, count, [chunk % count for chunk in chunks])
        except OSError:
            yield True


def _declared(run: Path, name: str) -> tuple[tuple[int, ...], tuple[int, ...], int]:
    """Read shape, chunk shape and how many chunks are in a file (0: each is one) from a header.

    raises : StoreError if it is no plain array
    """
    shown = shortened(name)
    try:
        message: dict[str, Any] = json.loads(read_text(run / name / "zarr.json"))
        shape = tuple(int(n) for n in message["shape"])
        chunks, count = chunks_of(message)
        grid = message["chunk_grid"]["configuration"]["chunk_shape"]
        codecs = {c["name"] for c in _codecs(message["codecs"])}
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
            and math.prod(chunks) <= MOST_IN_CHUNK
            and count <= MOST_IN_FILE
            and (not count or list(grid) == [chunks[0] * count, *chunks[1:]])
            and (not count or chunks[1:] == tuple(max(1, n) for n in shape[1:]))
        )
    except FileNotFoundError as error:
        raise StoreError(f"{run} is damaged: the array {shown} is missing.") from error
    except (OSError, ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
        raise StoreError(f"{run} is damaged: {shown} does not say what it holds.") from error
    if not plain:
        raise StoreError(f"{run} is damaged: {shown} is not a plain array of numbers.")
    return shape, chunks, count


def _codecs(declared: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those of a chunk; raises ValueError for a file of many that is not as `shards` writes it."""
    if declared[0]["name"] != "sharding_indexed":
        return declared
    options = declared[0]["configuration"]
    names = [codec["name"] for codec in options["index_codecs"]]
    if len(declared) > 1 or options["index_location"] != "start" or names != ["bytes", "crc32c"]:
        raise ValueError("another index")
    return list(options["codecs"])
