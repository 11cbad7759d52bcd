"""Stored runs: `open_run`, `save` and `to_xarray`. Opening a run never executes code from it."""

from __future__ import annotations

import errno
import shutil
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..circuits.serialize import from_plain
from ..disk_errors import failing
from ..errors import PlaceTaken, StoreError, in_brief
from ..interventions import Intervention
from ..run import Run
from . import layout as store_layout
from .metadata import count, not_being_recorded, number, outcome_of, read_meta, text
from .network_info import info_from_json
from .reader import read_recordings, read_spikes, read_states, read_times, read_weights
from .spikes import LAZY_FROM, LargeRun, StoredSpikes, check_spikes

if TYPE_CHECKING:
    import xarray

    from .writer import RunWriter

__all__ = ["RunWriter", "open_run", "save", "to_xarray"]

ATTEMPTS = 20  # a run being written may change while it is being read


def __getattr__(name: str) -> Any:
    if name != "RunWriter":  # imported on first use: it loads Zarr, not needed for listing runs
        raise AttributeError(f"module 'workbench.store' has no attribute {name!r}")
    from .writer import RunWriter

    return RunWriter


def open_run(path: str | Path) -> Run:
    """Open a stored run; a run whose process died opens with everything written until then.

    raises : StoreError if ``path`` holds no run, or one that is damaged or from a newer version
    """
    path = Path(path)
    for attempt in range(ATTEMPTS):
        meta = read_meta(path)
        try:
            return _open(path, meta)
        except StoreError:
            # A run that is being written may have changed while it was read.
            if attempt == ATTEMPTS - 1 or read_meta(path) == meta:
                raise
    raise AssertionError("unreachable")


def _open(path: Path, meta: dict[str, Any]) -> Run:
    try:
        info = info_from_json(meta["info"])
        n_units = max((p.offset + p.size for p in info.populations), default=0)
        steps: Any
        if count(meta["n_spikes"]) < LAZY_FROM:
            make, (steps, units) = Run, read_spikes(path, meta)
            check_spikes(path, steps, units, n_units)
        else:
            make, steps, units = LargeRun, StoredSpikes(path, meta, n_units), np.empty(0)
        outcome = outcome_of(meta)
        return make(
            model=text(meta["model"]),
            parameters={text(k): number(v) for k, v in meta["parameters"].items()},
            info=info,
            duration_ms=float(number(meta["duration_ms"])),
            seed=count(meta["seed"]),
            engine=text(meta["engine"]),
            steps=steps,
            units=units,
            state_t=read_times(path, meta),
            states=read_states(path, meta),
            weights=read_weights(path, meta),
            recordings=read_recordings(path, meta),
            interventions=[Intervention.from_json(e) for e in meta["interventions"]],
            outcome=outcome,
            message=_CUT_OFF if outcome == "interrupted" else text(meta["message"]),
            provenance={text(k): text(v) for k, v in meta["provenance"].items()},
            changed_circuit=_circuit_from(meta.get("changed_circuit")),
            files={text(k): text(v) for k, v in meta.get("files", {}).items()},
            path=path,
        )
    except StoreError:
        raise
    except Exception as error:
        raise StoreError(
            f"{path} is damaged: {in_brief(error)}. Simulate it again, or restore the folder from "
            "a copy."
        ) from error


def _circuit_from(plain: Any) -> Any:
    return None if plain is None else from_plain(plain)


_CUT_OFF = "The process that ran it ended too early; everything that it had written is here."


def save(run: Run, path: Path, overwrite: bool = False) -> Path:
    """Write a run to a new folder, which appears only once it is complete.

    overwrite : replace an existing run (but no other file or folder)

    raises : PlaceTaken if ``path`` exists; StoreError if it cannot be written
    """
    if path.exists():
        if not overwrite:
            raise _taken(path)
        not_being_recorded(read_meta(path), path)
    # Of this call alone: servers on several machines, whose processes may have equal numbers, may
    # save into one folder at once.
    own = f".{path.name}.{uuid.uuid4().hex[:12]}"
    draft, old = path.with_name(f"{own}.part"), path.with_name(f"{own}.old")
    try:
        with failing(path):
            _write(run, draft)
            if overwrite and path.exists():  # else something created meanwhile must not be replaced
                path.replace(old)
            try:
                draft.replace(path)
            except OSError as error:
                # Rely on the errno: a path created by another process may have been removed again.
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
    from .writer import RunWriter

    writer = RunWriter(
        path,
        model=run.model,
        parameters=run.parameters,
        info=run.info,
        seed=run.seed,
        engine=run.engine,
        provenance=run.provenance,
        files=run.files,
    )
    writer.circuit(run.changed_circuit)
    none = np.empty(0, np.int64)
    for steps, units in run.pieces():
        writer.append(steps, units, none, {})
        writer.settle()
    writer.append(
        none, none, run.state_t, run.states,
        {key: (s.metadata(), [s.block()]) for key, s in run.recordings.items()},
    )  # fmt: skip
    writer.finish(
        duration_ms=run.duration_ms,
        outcome=run.outcome,
        message=run.message,
        weights=run.weights,
        interventions=run.interventions,
    )


def to_xarray(run: Run) -> xarray.Dataset:
    """Convert a run to one Dataset.

    spike_time (spike) ms, spike_unit (spike) index of the neuron in the network,
    spike_population (spike) index into the coordinate ``population``, spike_neuron (spike) index
    within it; each state as (time, neurons); each projection's weights as ``weight_NAME``
    (snapshots, synapses), with pre- and postsynaptic neuron indices. ``xarray.open_zarr`` of the
    stored run gives the same Dataset without spike_population and spike_neuron.
    """
    import xarray as xr

    which = _populations_of(run)
    first = np.array([p.offset for p in run.info.populations])
    spikes = {
        "spike_time": run.times(run.steps),
        "spike_unit": run.units,
        "spike_population": which,
        "spike_neuron": (run.units - first[which]).astype(np.int32),
    }
    message = store_layout.spikes(run.info.dt_ms)
    arrays: dict[str, tuple[store_layout.Array, Any]] = {
        **{name: (message[name], data) for name, data in spikes.items()},
        "time": (store_layout.TIME, run.state_t),
        **store_layout.populations(run.info),
    }
    for name, values in run.states.items():
        arrays[f"neuron_{name}"] = store_layout.watched(name, values.shape[1], run.info)
        arrays[name] = (store_layout.state(name, run.info), values)
    for key, samples in run.recordings.items():
        message = store_layout.recorded(key, samples.metadata())
        for part, data in {**samples.block().parts(), **samples.ends()}.items():
            arrays[f"{store_layout.RECORDED.get(part, part)}_{key}"] = (message[part], data)
    for name, parts in run.weights.items():
        for stored, array in store_layout.weights(name, run.info).items():
            arrays[stored] = (array, parts[store_layout.OF_WEIGHTS[stored.partition("_")[0]]])
    made = {name: (array.dims, data, array.attrs) for name, (array, data) in arrays.items()}
    coordinates = {name for name, (dims, _, _) in made.items() if dims == (name,)}
    return xr.Dataset(
        {name: made[name] for name in made if name not in coordinates},
        {name: made[name] for name in made if name in coordinates},
        store_layout.about(
            {**vars(run), "interventions": [e.to_json() for e in run.interventions]}, run.info
        ),
    )


def _populations_of(run: Run) -> np.ndarray:
    """Population index of each spike, (S,); for nested populations, that of the smallest."""
    which = np.full(len(run.units), -1, np.int32)
    all_of = run.info.populations
    for k in sorted(range(len(all_of)), key=lambda k: -all_of[k].size):
        p = all_of[k]
        which[(run.units >= p.offset) & (run.units < p.offset + p.size)] = k
    return which
