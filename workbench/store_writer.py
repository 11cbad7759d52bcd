"""`RunWriter`: writes a run while it is being simulated.

A run is a folder: a Zarr v3 group with the arrays, and ``run.json`` beside it.

spikes/step, spikes/unit      (S,) time step and global unit number
states/t, states/values       (T,) ms and (T, columns); ``columns`` in run.json names the columns
weights/K/NAME/i, j, t_ms, w  (n,), (n,), (K,), (K, n); ``weights_at`` in run.json names the folder
run.json                      everything else, and how much of each array counts

``run.json`` is replaced in one piece after the arrays were written. A process that dies, or a disk
that fills up, in between leaves arrays that are longer than what counts: the rest is ignored when
the run is opened, and overwritten when writing is tried again. Chunks are replaced in one piece
too, carry a checksum, and are written even when they hold nothing but zeros: so a chunk that is
missing is damage, never silence.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import zarr
from zarr.codecs import ZstdCodec

from .engine.frames import NetworkInfo
from .errors import StoreError
from .store_failure import failing
from .store_info import info_to_json
from .store_meta import SCHEMA

CHUNK = 65_536
STATE_ROWS = 4096


class RunWriter:
    """Writes to ``path``, which must not exist; keyword arguments as the fields of `Run`.

    raises : StoreError, in every method, when the place cannot be written; what was written
             before counts, and the call may be repeated

    ``append`` counts from the next ``progress`` or ``finish`` on. Until then another ``append``
    replaces it: whoever tries again passes everything that was not acknowledged.
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
    ):
        self.path = Path(path)
        if self.path.exists():
            raise StoreError(f"{self.path} exists already: choose another name or remove it.")
        self._columns: dict[str, int] = {}
        self._staged: dict[str, Any] = {}
        self._meta: dict[str, Any] = {
            "workbench_run": SCHEMA,
            "model": model,
            "parameters": parameters,
            "info": info_to_json(info),
            "seed": seed,
            "engine": engine,
            "provenance": provenance,
            "pid": os.getpid(),
            "pid_since": psutil.Process().create_time(),
            "n_spikes": 0,
            "n_states": 0,
            "columns": {},
            "weights": [],
            "weights_at": "",
            "duration_ms": 0.0,
            "outcome": "running",
            "message": "",
            "interventions": [],
        }
        with failing(self.path):
            self.path.mkdir(parents=True)
            self._root = zarr.open_group(str(self.path), mode="w", zarr_format=3)
            self._step = self._array("spikes/step", np.int64)
            self._unit = self._array("spikes/unit", np.int32)
            self._t = self._array("states/t", np.float64)
            self._values: zarr.Array | None = None
            self._commit()

    def append(
        self,
        steps: np.ndarray,
        units: np.ndarray,
        state_t: np.ndarray,
        states: dict[str, np.ndarray],
    ) -> None:
        """Add spikes (S,), (S,) and states (T,), name -> (T, n); counts after ``progress``."""
        size = steps.nbytes + units.nbytes + state_t.nbytes + sum(v.nbytes for v in states.values())
        with failing(self.path, size):
            first, last = self._meta["n_spikes"], self._meta["n_spikes"] + len(steps)
            if len(steps):
                for array, data in ((self._step, steps), (self._unit, units)):
                    array.resize((last,))
                    array[first:last] = data
            row, end = self._meta["n_states"], self._meta["n_states"] + len(state_t)
            if len(state_t):
                self._t.resize((end,))
                self._t[row:end] = state_t
                if states:
                    values = np.concatenate([states[n] for n in sorted(states)], axis=1)
                    array = self._state_array(states, values.shape[1])
                    array.resize((end, values.shape[1]))
                    array[row:end] = values
            self._staged = {"n_spikes": last, "n_states": end, "columns": dict(self._columns)}

    def progress(self, duration_ms: float, interventions: list[dict[str, Any]]) -> None:
        """Say how far the simulation is and what was done to it; what was appended now counts."""
        with failing(self.path):
            self._commit(duration_ms=duration_ms, interventions=list(interventions))

    def weights(self, weights: dict[str, dict[str, np.ndarray]]) -> None:
        """Replace the stored weights: projection -> i, j (n,), t_ms (K,), w (K, n).

        The new ones get a folder of their own, so that the old ones are there until these count.
        """
        before = self._meta["weights_at"]
        folder = f"weights/{int(before.rpartition('/')[2] or 0) + 1}"
        size = sum(np.asarray(d).nbytes for parts in weights.values() for d in parts.values())
        with failing(self.path, size):
            for name, parts in weights.items():
                for part, data in parts.items():
                    self._whole(f"{folder}/{name}/{part}", np.asarray(data))
            meta = {**self._meta, "weights": sorted(weights), "weights_at": folder}
            self._replace(meta)
        if before:
            shutil.rmtree(self.path / before, ignore_errors=True)

    def finish(
        self,
        *,
        duration_ms: float,
        outcome: str,
        message: str,
        weights: dict[str, dict[str, np.ndarray]],
        interventions: list[dict[str, Any]],
    ) -> None:
        """Close the run."""
        self.weights(weights)
        with failing(self.path):
            self._commit(
                duration_ms=duration_ms,
                outcome=outcome,
                message=message,
                interventions=list(interventions),
            )

    # -- inside --------------------------------------------------------------------------------

    def _array(self, name: str, dtype: Any) -> zarr.Array:
        return self._create(name, shape=(0,), chunks=(CHUNK,), dtype=dtype)

    def _whole(self, name: str, data: np.ndarray) -> None:
        rows = (1,) * (data.ndim - 1)  # a chunk holds (part of) one snapshot
        chunks = (*rows, min(max(1, data.shape[-1]), 4 * CHUNK))
        array = self._create(name, shape=data.shape, chunks=chunks, dtype=data.dtype)
        array[...] = data

    def _state_array(self, states: dict[str, np.ndarray], width: int) -> zarr.Array:
        if self._values is None:
            self._columns = {n: states[n].shape[1] for n in sorted(states)}
            self._values = self._create(
                "states/values",
                shape=(0, width),
                chunks=(STATE_ROWS, max(1, width)),
                dtype=np.float64,
            )
        return self._values

    def _create(self, name: str, **declared: Any) -> zarr.Array:
        return self._root.create_array(
            name,
            overwrite=True,
            compressors=[ZstdCodec(level=1, checksum=True)],
            config={"write_empty_chunks": True},
            **declared,
        )

    def _commit(self, **changes: Any) -> None:
        self._replace({**self._meta, **self._staged, **changes})
        self._staged = {}

    def _replace(self, meta: dict[str, Any]) -> None:
        draft = self.path / "run.json.part"
        try:
            with draft.open("w", encoding="utf-8") as file:
                file.write(_readable(meta))
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self.path / "run.json")
        except OSError:
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)
            raise
        self._meta = meta


def _readable(meta: dict[str, Any]) -> str:
    """JSON that a person can read: one line a field, and one line an intervention.

    ``json.dump(indent=...)`` would be pure Python, once a second, over thousands of interventions.
    """
    fields = []
    for name, value in meta.items():
        if name == "interventions" and value:
            lines = ",\n".join(f"  {json.dumps(e, default=_plain)}" for e in value)
            text = f"[\n{lines}\n]"
        else:
            text = json.dumps(value, default=_plain)
        fields.append(f"{json.dumps(name)}: {text}")
    return "{\n" + ",\n".join(fields) + "\n}\n"


def _plain(value: Any) -> Any:
    """What JSON does not know: NumPy's numbers and arrays."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{value!r} cannot be stored in run.json")
