"""Runs on disk: `open_run`, `save` and `to_xarray`. Opening a run never executes code from it."""

from __future__ import annotations

import errno
import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import PlaceTaken, StoreError
from .run import Run
from .store_failure import failing
from .store_info import info_from_json
from .store_meta import count, number, outcome_of, read_meta, text
from .store_reader import read_array
from .store_writer import RunWriter

if TYPE_CHECKING:
    import xarray

__all__ = ["RunWriter", "open_run", "save", "to_xarray"]

ATTEMPTS = 20  # at a run that is being written, and may be so faster than it is read


def open_run(path: str | Path) -> Run:
    """Open a stored run; one whose process died opens with everything written until then.

    raises : StoreError when ``path`` holds no run, or one that is damaged or from a newer version
    """
    path = Path(path)
    for attempt in range(ATTEMPTS):
        meta = read_meta(path)
        try:
            return _open(path, meta)
        except StoreError:
            # A run that is being written may have moved on while we read it.
            if attempt == ATTEMPTS - 1 or read_meta(path) == meta:
                raise
    raise AssertionError("unreachable")


def _open(path: Path, meta: dict[str, Any]) -> Run:
    try:
        info = info_from_json(meta["info"])
        n, rows = int(meta["n_spikes"]), int(meta["n_states"])
        steps = read_array(path, "spikes/step", n)
        units = read_array(path, "spikes/unit", n)
        state_t = read_array(path, "states/t", rows)
        states: dict[str, np.ndarray] = {}
        if meta["columns"]:
            values, left = read_array(path, "states/values", rows), 0
            for name, width in meta["columns"].items():
                states[name] = values[:, left : left + width]
                left += width
        weights = {
            name: {
                part: read_array(path, f"{meta['weights_at']}/{name}/{part}")
                for part in ("i", "j", "t_ms", "w")
            }
            for name in meta["weights"]
        }
        outcome = outcome_of(meta)
        run = Run(
            model=text(meta["model"]),
            parameters={text(k): number(v) for k, v in meta["parameters"].items()},
            info=info,
            duration_ms=float(number(meta["duration_ms"])),
            seed=count(meta["seed"]),
            engine=text(meta["engine"]),
            steps=steps,
            units=units,
            state_t=state_t,
            states=states,
            weights=weights,
            interventions=[dict(e) for e in meta["interventions"]],
            outcome=outcome,
            message=_CUT_OFF if outcome == "interrupted" else text(meta["message"]),
            provenance={text(k): text(v) for k, v in meta["provenance"].items()},
            path=path,
        )
    except StoreError:
        raise
    except Exception as error:
        raise StoreError(
            f"{path} is damaged: {type(error).__name__}: {error}. Simulate it again, or restore "
            "the folder from a copy."
        ) from error
    last = max((p.offset + p.size for p in info.populations), default=0)
    if len(units) and not (units.min() >= 0 and units.max() < last):
        raise StoreError(f"{path} is damaged: it has spikes of neurons that do not exist.")
    if len(steps) and steps.min() < 0:
        raise StoreError(f"{path} is damaged: it has spikes before t = 0.")
    return run


_CUT_OFF = "The process that ran it ended too early; everything that it had written is here."


def save(run: Run, path: Path, overwrite: bool = False) -> Path:
    """Write a run to a new folder, which appears when it is complete.

    overwrite : replace a run, and nothing but a run

    raises : PlaceTaken when there is something at ``path``; StoreError when it cannot be written
    """
    if path.exists():
        if not overwrite:
            raise _taken(path)
        read_meta(path)
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    old = path.with_name(f".{path.name}.{os.getpid()}.old")
    shutil.rmtree(draft, ignore_errors=True)
    try:
        with failing(path):
            _write(run, draft)
            if overwrite and path.exists():  # what came there meanwhile is not ours to replace
                path.replace(old)
            try:
                draft.replace(path)
            except OSError as error:
                # Only the rename knows: what another process put there may be gone again by now.
                if error.errno in (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR):
                    raise _taken(path) from error
                raise
    except PlaceTaken:
        raise
    except StoreError as error:
        raise StoreError(str(error).replace(str(draft), str(path))) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        if old.exists() and not path.exists():
            old.replace(path)
        shutil.rmtree(old, ignore_errors=True)
    return path


def _taken(path: Path) -> PlaceTaken:
    return PlaceTaken(f"{path} exists already: choose another name, or say overwrite=True.")


def _write(run: Run, path: Path) -> None:
    writer = RunWriter(
        path,
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


def to_xarray(run: Run) -> xarray.Dataset:
    """A run as one Dataset.

    spike_time (spike) ms, spike_population (spike) index into the coordinate ``population``,
    spike_neuron (spike); each state as (time, its neurons); each projection's weights as
    ``weight_NAME`` (snapshots, synapses) with pre- and postsynaptic neuron numbers.
    """
    import xarray as xr

    which = np.full(len(run.units), -1, np.int32)
    offsets = np.array([p.offset for p in run.info.populations])
    order = sorted(range(len(offsets)), key=lambda k: -run.info.populations[k].size)
    for k in order:  # where a population is a part of another, the part is the better name
        p = run.info.populations[k]
        which[(run.units >= p.offset) & (run.units < p.offset + p.size)] = k
    ms = {"units": "ms"}
    data: dict[str, Any] = {
        "spike_time": ("spike", run.times(run.steps), ms),
        "spike_population": ("spike", which),
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
