"""Runs on disk: `open_run`, `save` and `to_xarray`. Opening a run never executes code from it."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import StoreError
from .run import Run
from .store_info import info_from_json
from .store_writer import SCHEMA, RunWriter

if TYPE_CHECKING:
    import xarray
    import zarr

__all__ = ["RunWriter", "open_run", "save", "to_xarray"]


def open_run(path: str | Path) -> Run:
    """Open a stored run; one whose process died opens with everything written until then.

    raises : StoreError when ``path`` holds no run, or one that is damaged or from a newer version
    """
    path = Path(path)
    meta = _read_meta(path)
    import zarr

    try:
        root = zarr.open_group(str(path), mode="r")
        info = info_from_json(meta["info"])
        n, rows = int(meta["n_spikes"]), int(meta["n_states"])
        steps, units = _read(root, "spikes/step", n), _read(root, "spikes/unit", n)
        state_t = _read(root, "states/t", rows)
        states: dict[str, np.ndarray] = {}
        if meta["columns"]:
            values, left = _read(root, "states/values", rows), 0
            for name, width in meta["columns"].items():
                states[name] = values[:, left : left + width]
                left += width
        weights = {
            name: {part: _read(root, f"weights/{name}/{part}") for part in ("i", "j", "t_ms", "w")}
            for name in meta["weights"]
        }
        run = Run(
            model=str(meta["model"]),
            parameters={str(k): v for k, v in meta["parameters"].items()},
            info=info,
            duration_ms=float(meta["duration_ms"]),
            seed=int(meta["seed"]),
            engine=str(meta["engine"]),
            steps=steps,
            units=units,
            state_t=state_t,
            states=states,
            weights=weights,
            interventions=list(meta["interventions"]),
            outcome=_outcome(meta),
            message=str(meta["message"]),
            provenance=dict(meta["provenance"]),
            path=path,
        )
    except StoreError:
        raise
    except Exception as error:
        raise StoreError(
            f"{path} is damaged: {type(error).__name__}: {error}. Simulate it again, or restore "
            "the folder from a copy."
        ) from error
    if len(units) and not (units.min() >= 0 and units.max() < info.n_units):
        raise StoreError(f"{path} is damaged: it has spikes of neurons that do not exist.")
    return run


def _read_meta(path: Path) -> dict[str, Any]:
    if not path.exists():
        raise StoreError(f"{path} does not exist.")
    try:
        meta = json.loads((path / "run.json").read_text(encoding="utf-8"))
        schema = int(meta["workbench_run"])
    except FileNotFoundError as error:
        raise StoreError(f"{path} is not a run: it has no run.json.") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(f"{path} is not a run: its run.json cannot be read ({error}).") from error
    if schema > SCHEMA:
        raise StoreError(
            f"{path} was written by a newer workbench (schema {schema}, this one knows {SCHEMA}): "
            "update the workbench."
        )
    return meta


def _read(root: zarr.Group, name: str, length: int | None = None) -> np.ndarray:
    try:
        array = root[name]
    except KeyError as error:
        raise StoreError(f"{root.store_path} is damaged: the array {name} is missing.") from error
    if length is not None and array.shape[0] < length:
        raise StoreError(
            f"{root.store_path} is damaged: {name} has {array.shape[0]} entries of {length}."
        )
    return np.asarray(array[:length] if length is not None else array[...])


def _outcome(meta: dict[str, Any]) -> str:
    """ "interrupted" for a run that was being written by a process that is no more."""
    import psutil

    if meta["outcome"] == "running":
        alive = psutil.pid_exists(int(meta["pid"]))
        if alive and psutil.Process(int(meta["pid"])).status() == psutil.STATUS_ZOMBIE:
            alive = False
        return "running" if alive else "interrupted"
    return str(meta["outcome"])


def save(run: Run, path: Path, overwrite: bool = False) -> Path:
    """Write a run to a new folder; raises StoreError when it exists or cannot be written."""
    if path.exists() and not overwrite:
        raise StoreError(f"{path} exists already: choose another name, or say overwrite=True.")
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    shutil.rmtree(draft, ignore_errors=True)
    try:
        writer = RunWriter(
            draft,
            model=run.model,
            parameters=run.parameters,
            info=run.info,
            seed=run.seed,
            engine=run.engine,
            provenance=run.provenance,
        )
        writer.append(run.steps, run.units, run.state_t, run.states)
        writer.finish(
            duration_ms=run.duration_ms,
            outcome=run.outcome,
            message=run.message,
            weights=run.weights,
            interventions=run.interventions,
        )
        if path.exists():
            _read_meta(path)  # nothing but a run is ever replaced
            shutil.rmtree(path)
        draft.replace(path)
    except OSError as error:
        shutil.rmtree(draft, ignore_errors=True)
        if isinstance(error, StoreError):
            raise StoreError(str(error).replace(str(draft), str(path))) from error
        raise StoreError(f"{path} cannot be written: {error.strerror or error}.") from error
    return path


def to_xarray(run: Run) -> xarray.Dataset:
    """A run as one Dataset.

    spike_time (spike) ms, spike_population (spike) index into the coordinate ``population``,
    spike_neuron (spike); each state as (time, its neurons); each projection's weights as
    ``weight_NAME`` (snapshots, synapses) with pre- and postsynaptic neuron numbers.
    """
    import xarray as xr

    offsets = np.array([p.offset for p in run.info.populations])
    order = np.argsort(offsets)
    which = order[np.searchsorted(offsets[order], run.units, side="right") - 1]
    ms = {"units": "ms"}
    data: dict[str, Any] = {
        "spike_time": ("spike", run.times(run.steps), ms),
        "spike_population": ("spike", which.astype(np.int32)),
        "spike_neuron": ("spike", (run.units - offsets[which]).astype(np.int32)),
        "population_size": ("population", [p.size for p in run.info.populations]),
    }
    names = np.array([p.name for p in run.info.populations], dtype=object)
    coords: dict[str, Any] = {"population": names}
    if run.states:
        coords["time"] = ("time", run.state_t, ms)
    for name, values in run.states.items():
        neuron = f"neuron_{name}"
        coords[neuron] = list(run.info.watched.get(name, range(values.shape[1])))
        data[name] = (("time", neuron), values, {"units": run.info.traces.get(name, "1")})
    for name, w in run.weights.items():
        synapse, snapshot = f"synapse_{name}", f"snapshot_{name}"
        coords[snapshot] = (snapshot, w["t_ms"], ms)
        unit = run.info.projection(name).unit
        data[f"weight_{name}"] = ((snapshot, synapse), w["w"], {"units": unit})
        data[f"pre_{name}"] = (synapse, w["i"])
        data[f"post_{name}"] = (synapse, w["j"])
    attrs = {
        "model": run.model,
        "seed": run.seed,
        "engine": run.engine,
        "duration_ms": run.duration_ms,
        "dt_ms": run.info.dt_ms,
        "outcome": run.outcome,
        "parameters": json.dumps(run.parameters),
        "interventions": json.dumps(run.interventions),
        "provenance": json.dumps(run.provenance),
    }
    return xr.Dataset(data, coords, attrs)
