"""`RunWriter`: writes a run while it is being simulated.

A run is a folder: a Zarr v3 group with the arrays, and ``run.json`` beside it.

spike_time, spike_unit  (S,) time step and global unit index
time, STATE             (T,) ms and (T, n) of each state; neuron_STATE (n,) are the neurons
values_KEY, times_KEY   (T, n) and (T,) ms of each recording; lowest_KEY, highest_KEY (T, n),
                        index_KEY, and pre_KEY, post_KEY (n,) of synapses, where it has them
population...           (P,) names, sizes and first neurons of the populations
weight_NAME             (K, n) of each projection; snapshot_NAME (K,), pre_NAME, post_NAME (n,).
                        During the run they are in a group weights/N, named by ``weights_at`` in
                        run.json
run.json                all other data, and the valid length of each array

`layout` defines the arrays' axes and units, which are also stored in Zarr. When a run is closed,
its metadata are consolidated, so that ``xarray.open_zarr(path)`` need not list the folder, where
it would fail on ``run.json``.

``run.json`` is replaced atomically after the arrays were written. If the process dies or the disk
fills up in between, the arrays are longer than their valid length; the excess is ignored when the
run is opened, and overwritten when writing is tried again. Chunks are also replaced atomically,
carry a checksum, and are written even if they contain only zeros: a missing chunk is therefore
always an error.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import zarr
from zarr.codecs import BloscCodec, BytesCodec, Crc32cCodec, ShardingCodec, ZstdCodec

from ..circuits.serialize import to_plain
from ..disk_errors import failing
from ..errors import StoreError
from ..interventions import Intervention
from ..network import NetworkInfo
from ..recordings import CHUNK_ROWS, Block, rows_in_chunk
from . import layout as store_layout
from .chunk_files import CLEVEL, ChunkFiles, replace_file
from .growing import LEVEL, Growing
from .layout import OF_WEIGHTS, WHOLE, to_json
from .metadata import SCHEMA
from .network_info import info_to_json
from .shards import PER_FILE
from .zarr_headers import consolidating

CHUNK = 65_536
TRACE_CHUNK_BYTES = 2**20  # few entries at every tick: a file each some seconds, not each moment
STORED_AS = {part: name for name, part in OF_WEIGHTS.items()}


class RunWriter:
    """Writes to ``path``, which must not exist; keyword arguments as the fields of `Run`.

    raises : StoreError, in every method, if the path cannot be written; data written before stay
             valid, and the call may be repeated

    Data passed to ``append`` become valid at the next ``progress`` or ``finish``. Until then,
    another ``append`` replaces them: a retry must pass all data that are not yet valid, but for
    those before the last ``settle``.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        model: str,
        parameters: dict[str, float],
        info: NetworkInfo,
        seed: int,
        engine: str,
        provenance: dict[str, str],
        files: dict[str, str] | None = None,
    ):
        self.path = Path(path)
        if self.path.exists():
            raise StoreError(f"{self.path} exists already: choose another name or remove it.")
        self._info = info
        self._settled: dict[str, Any] = {}  # what of run.json is to follow, and stays
        self._staged: dict[str, Any] = {}  # and what another append would replace
        self._waiting = 0  # bytes that are not yet valid
        self._files = ChunkFiles()
        self._meta: dict[str, Any] = {
            "workbench_run": SCHEMA,
            "model": model,
            "parameters": parameters,
            "info": info_to_json(info),
            "seed": seed,
            "engine": engine,
            "provenance": provenance,
            "files": dict(files or {}),
            "pid": os.getpid(),
            "pid_since": psutil.Process().create_time(),
            "n_spikes": 0,
            "n_states": 0,
            "columns": {},
            "recorded": {},
            "weights": [],
            "weights_at": "",
            "duration_ms": 0.0,
            "outcome": "running",
            "message": "",
            "interventions": [],
            "changed_circuit": None,
        }
        with failing(self.path):
            self.path.mkdir(parents=True)
            self._root = zarr.open_group(str(self.path), mode="w", zarr_format=3)
            message = store_layout.spikes(info.dt_ms)
            self._step = self._growing("spike_time", np.int64, message["spike_time"])
            self._unit = self._growing("spike_unit", np.int32, message["spike_unit"])
            self._t = self._growing("time", np.float64, store_layout.TIME)
            self._states: dict[str, Growing] = {}
            self._recorded: dict[str, dict[str, Growing]] = {}
            for name, (array, data) in store_layout.populations(info).items():
                self._whole(name, data, array)
            self._commit()

    def append(
        self,
        steps: np.ndarray,
        units: np.ndarray,
        state_t: np.ndarray,
        states: dict[str, np.ndarray],
        recorded: Mapping[str, tuple[dict[str, Any], Sequence[Block]]] | None = None,
    ) -> None:
        """Append spikes (S,), (S,) and states (T,), name -> (T, n); valid after ``progress``.

        recorded : recording -> its metadata as in `Samples`, and new samples
        """
        size = sum(block.nbytes for _, blocks in (recorded or {}).values() for block in blocks)
        size += (
            steps.nbytes + units.nbytes + state_t.nbytes + sum(v.nbytes for v in states.values())
        )
        self._waiting = max(self._waiting, size)
        with failing(self.path, size), self._files.waited_for():
            before = {**self._meta, **self._settled}
            first, last = before["n_spikes"], before["n_spikes"] + len(steps)
            if len(steps):
                self._step.put(first, steps)
                self._unit.put(first, units)
            row, end = before["n_states"], before["n_states"] + len(state_t)
            if len(state_t):
                self._t.put(row, state_t)
                for name in sorted(states):
                    self._state(name, states[name].shape[1]).put(row, states[name])
            columns = {name: array.width for name, array in self._states.items()}
            self._staged = {"n_spikes": last, "n_states": end, "columns": columns}
            rows = dict(before["recorded"])
            for key, (message, blocks) in (recorded or {}).items():
                first = rows.get(key, {"rows": 0})["rows"]
                rows[key] = self._put_recorded(key, message, blocks, first)
            self._staged["recorded"] = rows

    def settle(self) -> None:
        """Let what was appended stay, though it is not yet valid: more can be appended to it.

        It costs nothing: what does not fill a chunk waits in memory.
        """
        self._settled |= self._staged
        self._staged = {}

    def progress(self, duration_ms: float, interventions: Sequence[Intervention]) -> None:
        """Write the simulated time and the interventions; makes appended data valid."""
        with failing(self.path, self._waiting):
            self._commit(
                duration_ms=duration_ms, interventions=[e.to_json() for e in interventions]
            )

    def note(self, provenance: Mapping[str, str]) -> None:
        """Replace where the results come from; valid after ``progress``."""
        self._meta["provenance"] = dict(provenance)

    def circuit(self, circuit: Any) -> None:
        """Replace the circuit of changed values, or None; valid after ``progress``."""
        self._meta["changed_circuit"] = None if circuit is None else to_plain(circuit)

    def weights(self, weights: dict[str, dict[str, np.ndarray]]) -> None:
        """Replace the stored weights: projection -> i, j (n,), t_ms (K,), w (K, n).

        They are written to a new folder; the old ones are removed once the new ones are valid.
        """
        before = self._meta["weights_at"].rpartition("/")[2]
        count = int(before) if before.isdecimal() else 0
        self._replace_weights(weights, f"weights/{count + 1}")

    def finish(
        self,
        *,
        duration_ms: float,
        outcome: str,
        message: str,
        weights: dict[str, dict[str, np.ndarray]],
        interventions: Sequence[Intervention],
    ) -> None:
        """Close the run."""
        if self._meta["weights_at"] != WHOLE:
            self._replace_weights(weights, WHOLE)
            shutil.rmtree(self.path / "weights", ignore_errors=True)
        else:  # an earlier call failed after the final weights became valid
            self.weights(weights)
        changes = {
            "duration_ms": duration_ms,
            "outcome": outcome,
            "message": message,
            "interventions": [e.to_json() for e in interventions],
        }
        with failing(self.path, self._waiting):
            self._seal()
            self._describe(changes)
            self._commit(**changes)
        self._files.close()

    # -- internals -----------------------------------------------------------------------------

    def _growing(
        self, name: str, dtype: Any, message: store_layout.Array, rows: int = CHUNK, *width: int,
        fast: bool = False,
    ) -> Growing:  # fmt: skip
        chunks = (rows, *(max(1, n) for n in width))
        self._create(name, message, fast, shape=(0, *width), chunks=chunks, dtype=dtype)
        return Growing(self.path / name, np.dtype(dtype), self._files)

    def _whole(self, name: str, data: np.ndarray, message: store_layout.Array) -> None:
        rows = (1,) * (data.ndim - 1)  # a chunk holds (part of) one snapshot
        chunks = (*rows, min(max(1, data.shape[-1]), 4 * CHUNK))
        dtype = str if data.dtype == object else data.dtype
        array = self._create(name, message, shape=data.shape, chunks=chunks, dtype=dtype)
        array[...] = data

    def _state(self, name: str, width: int) -> Growing:
        if name not in self._states:
            message, numbers = store_layout.watched(name, width, self._info)
            self._whole(f"neuron_{name}", numbers, message)
            rows = max(rows_in_chunk(width), min(CHUNK, TRACE_CHUNK_BYTES // (8 * max(1, width))))
            self._states[name] = self._growing(
                name, np.float64, store_layout.state(name, self._info), rows, width
            )
        return self._states[name]

    def _put_recorded(
        self, key: str, message: dict[str, Any], blocks: Sequence[Block], first: int
    ) -> dict[str, Any]:
        """Add samples of a recording from row ``first`` on; returns what run.json says of it."""
        parts = [block.parts() for block in blocks]
        width = blocks[0].values.shape[1]
        if key not in self._recorded:
            arrays = store_layout.recorded(key, message)
            for name in ("index", "pre", "post"):
                if message.get(name) is not None:
                    self._whole(f"{name}_{key}", np.asarray(message[name], np.int64), arrays[name])
            single = bool(message.get("single"))
            rows = rows_in_chunk(width, single)
            self._recorded[key] = {
                part: self._growing(
                    f"{store_layout.RECORDED[part]}_{key}",
                    np.float32 if single and part != "t_ms" else np.float64, arrays[part],
                    *((CHUNK_ROWS,) if part == "t_ms" else (rows, width)), fast=part != "t_ms",
                )
                for part in parts[0]
            }  # fmt: skip
        for part, array in self._recorded[key].items():
            array.put(first, *(each[part] for each in parts))
        plain = {k: message[k] for k in ("unit", "of", "every_ms", "extremes")}
        rows = first + sum(len(block.t_ms) for block in blocks)
        also = {"single": bool(message.get("single")), "joins": message.get("pre") is not None}
        return {**plain, **also, "rows": rows}

    def _replace_weights(self, weights: dict[str, dict[str, np.ndarray]], place: str) -> None:
        before = self._meta["weights_at"]
        size = sum(np.asarray(d).nbytes for parts in weights.values() for d in parts.values())
        with failing(self.path, size):
            for name, parts in weights.items():
                message = store_layout.weights(name, self._info)
                for part, data in parts.items():
                    stored = f"{STORED_AS[part]}_{name}"
                    where = stored if place == WHOLE else f"{place}/{stored}"
                    self._whole(where, np.asarray(data), message[stored])
            self._replace({**self._meta, "weights": sorted(weights), "weights_at": place})
        if before and before != WHOLE:
            shutil.rmtree(self.path / before, ignore_errors=True)

    def _describe(self, changes: dict[str, Any]) -> None:
        """Write the run's attributes to the Zarr group and consolidate its metadata."""
        self._root.update_attributes(store_layout.about({**self._meta, **changes}, self._info))
        with consolidating():
            zarr.consolidate_metadata(str(self.path), zarr_format=3)

    def _create(
        self, name: str, message: store_layout.Array, fast: bool = False, *,
        chunks: tuple[int, ...], **declared: Any,
    ) -> zarr.Array:  # fmt: skip
        codecs: dict[str, Any] = {"compressors": [ZstdCodec(level=LEVEL, checksum=True)]}
        if fast:
            rows, *beside = chunks
            packed = BloscCodec(cname="lz4", clevel=CLEVEL, shuffle="bitshuffle")
            inner: list[Any] = [BytesCodec(), packed, Crc32cCodec()]
            codecs = {
                "compressors": None,
                "serializer": ShardingCodec(
                    chunk_shape=chunks, codecs=inner, index_location="start"
                ),
            }
            chunks = (rows * PER_FILE, *beside)
        return self._root.create_array(
            name,
            overwrite=True,
            chunks=chunks,
            dimension_names=message.dims,
            attributes={**message.attrs, **message.coded},
            config={"write_empty_chunks": True},
            **codecs,
            **declared,
        )

    def _seal(self) -> None:
        recorded = (array for arrays in self._recorded.values() for array in arrays.values())
        for array in (self._step, self._unit, self._t, *self._states.values(), *recorded):
            array.seal()

    def _commit(self, **changes: Any) -> None:
        self._seal()
        self._replace({**self._meta, **self._settled, **self._staged, **changes})
        self._settled, self._staged, self._waiting = {}, {}, 0

    def _replace(self, meta: dict[str, Any]) -> None:
        replace_file(self.path / "run.json", _readable(meta).encode("utf-8"), lasting=True)
        self._meta = meta


def _readable(meta: dict[str, Any]) -> str:
    """Format JSON with one line per field and one line per intervention.

    ``json.dump(indent=...)`` is pure Python and too slow once a second with thousands of
    interventions.
    """
    fields = []
    for name, value in meta.items():
        if name == "interventions" and value:
            lines = ",\n".join(f"  {json.dumps(e, default=to_json)}" for e in value)
            text = f"[\n{lines}\n]"
        else:
            text = json.dumps(value, default=to_json)
        fields.append(f"{json.dumps(name)}: {text}")
    return "{\n" + ",\n".join(fields) + "\n}\n"
