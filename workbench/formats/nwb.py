"""A run as a file of Neurodata Without Borders."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import numpy as np

from ..errors import UnknownName
from ..figures.csv import header
from ..optional import optional
from ..whole_file import written_whole
from . import checked
from .trains import trains

if TYPE_CHECKING:
    from ..run import Run

EXTRA, WHAT = "nwb", "An NWB file"
COMPRESSED = 2**16  # numbers of a table's column or a series that is worth it


def to_nwb(run: Run, path: str | Path, overwrite: bool = False) -> Path:
    """Write a run as an NWB file.

    A unit for each neuron, with its ``population`` and its number ``neuron`` therein; recorded
    states, weights at the beginning and the end, and the parameters in the processing module
    ``simulation``; interventions as a table of events. What repeats the run is in the notes, as
    JSON. Times are in s, as the format asks.

    path      : "my_run.nwb"
    overwrite : replace a file that is there
    raises    : NotInstalled without PyNWB; ParameterError for a path that cannot be; StoreError
                for a file that cannot be written
    """
    pynwb = optional("pynwb", EXTRA, WHAT)
    path = checked(path, (".nwb",), "an NWB file", overwrite)
    file = pynwb.NWBFile(
        session_description="a run of the circuit workbench",
        experiment_description=_description(run),
        identifier=str(uuid4()),
        session_start_time=_began(run),
        notes=json.dumps(header(run)),
        keywords=["simulation", "spiking network", run.model],
        was_generated_by=[
            [name, run.provenance[key]]
            for name, key in (("circuit-workbench", "workbench"), ("Brian2", "brian2"))
            if key in run.provenance
        ],
    )
    if run.info.spiking:
        file.units = _units(run)
    module = file.create_processing_module("simulation", "what was recorded besides spikes")
    for name in dict.fromkeys([*run.states, *run.recordings]):
        for series in _series(run, name):
            module.add(series)
    for name, weights in run.weights.items():
        if len(weights["i"]):
            module.add(_weights(run, name))
    if run.parameters:
        module.add(_parameters(run))
    if run.interventions:
        what = "what was done to the running simulation, at the ticks at which it took effect"
        events = file.create_events_table(name="interventions", description=what)
        for e in run.interventions:
            events.add_event(timestamp=e.t_ms / 1e3, annotation=e.describe())
    image = _image(pynwb, file)
    with written_whole(path, len(image)) as new:
        new.write_bytes(image)
    return path


def _image(pynwb: Any, file: Any) -> bytes:
    """The file as it will be on the disk.

    Made in memory: where HDF5 itself cannot write, it prints hundreds of lines, and may end the
    process.
    """
    import h5py

    with (
        h5py.File("image.nwb", "w", driver="core", backing_store=False) as made,
        pynwb.NWBHDF5IO(file=made, mode="w") as writer,
    ):
        writer.write(file)
        made.flush()
        return made.id.get_file_image()


def _description(run: Run) -> str:
    sizes = ", ".join(f"{p.size:,} {p.label}" for p in run.info.populations)
    return (
        f"Simulation of the model {run.model} for {run.duration_ms:g} ms with seed {run.seed}: "
        f"{sizes}."
    )


def _began(run: Run) -> datetime:
    """When the run was made; where a run does not say so, now."""
    try:
        moment = datetime.fromisoformat(run.provenance.get("date", ""))
    except ValueError:
        moment = datetime.now(UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _packed(data: Any) -> Any:
    """The data, compressed where they are many."""
    from hdmf.backends.hdf5 import H5DataIO

    return H5DataIO(data, compression="gzip") if np.size(data) >= COMPRESSED else data


def _column(name: str, description: str, data: Any) -> Any:
    from hdmf.common import VectorData

    return VectorData(name=name, description=description, data=_packed(data))


def _units(run: Run) -> Any:
    from hdmf.common import VectorIndex
    from pynwb.misc import Units

    found = trains(run)
    n, ends = len(found.t_ms), np.cumsum([len(t) for t in found.t_ms])
    times = _column("spike_times", "times of the spikes, s", np.concatenate(found.t_ms) / 1e3)
    whole = np.tile([0.0, run.duration_ms / 1e3], (n, 1))
    seen = _column("obs_intervals", "from the beginning to the end of the simulation, s", whole)
    columns = [
        times,
        VectorIndex(name="spike_times_index", data=ends, target=times),
        seen,
        VectorIndex(name="obs_intervals_index", data=np.arange(1, n + 1), target=seen),
        _column("population", "name of the neuron's population", found.population),
        _column("neuron", "number of the neuron in its population", found.neuron),
    ]
    return Units(
        name="units", description="the neurons of all spiking populations", columns=columns,
        resolution=run.info.dt_ms / 1e3,
    )  # fmt: skip


def _series(run: Run, name: str) -> list[Any]:
    """The samples of a recording, and their extremes, as time series."""
    from pynwb import TimeSeries

    samples = run.samples(name)
    if not len(samples.t_ms):
        return []
    t_ms, every = samples.t_ms, samples.every_ms
    regular = np.allclose(np.diff(t_ms), every, rtol=0, atol=1e-6 * every)
    when: dict[str, Any] = (
        {"starting_time": float(t_ms[0]) / 1e3, "rate": 1e3 / every}
        if regular and samples.of != "events"
        else {"timestamps": _packed(t_ms / 1e3)}
    )
    of = {"events": "neuron that had the event", "synapses": "synapse"}.get(samples.of, samples.of)
    numbers = ", ".join(map(str, samples.index[:20])) + ("..." if len(samples.index) > 20 else "")
    parts = {"": samples.values, " lowest": samples.low, " highest": samples.high}
    made = []
    for more, values in parts.items():
        if values is not None:
            extreme = f"; the{more} since the sample before" if more else ""
            series = TimeSeries(
                name=f"{name}{more}".replace("/", " per ").replace(":", " "),
                description=f"{samples.name} of the {of} {numbers}{extreme}",
                data=_packed(values), unit=samples.unit, comments=json.dumps(
                    {"index": samples.index.tolist()} if len(samples.index) <= 1000 else {}
                ), **when,
            )  # fmt: skip
            made.append(series)
    return made


def _weights(run: Run, name: str) -> Any:
    from hdmf.common import DynamicTable

    projection, parts = run.info.projection(name), run.weights[name]
    unit = f"weight in {projection.unit}" if projection.unit != "1" else "weight"
    columns = [
        _column("pre", f"number of the neuron in {projection.source}", np.asarray(parts["i"])),
        _column("post", f"number of the neuron in {projection.target}", np.asarray(parts["j"])),
    ]
    for k, t_ms in enumerate(parts["t_ms"]):
        text = f"{unit} at {t_ms / 1e3:g} s"
        columns.append(_column(f"weight_{k}", text, np.asarray(parts["w"][k])))
    return DynamicTable(
        name=f"weights {name}", description=f"synapses of the projection {projection.label}",
        columns=columns,
    )  # fmt: skip


def _parameters(run: Run) -> Any:
    from hdmf.common import DynamicTable

    from ..replay import class_of

    try:
        known = class_of(run).parameters()
    except UnknownName:
        known = {}
    rows = [
        (k, v, known[k].unit if k in known else "", (known[k].doc if k in known else "") or k)
        for k, v in run.parameters.items()
    ]
    names, values, units, docs = zip(*rows, strict=True)
    columns = [
        _column("parameter", "name of the parameter", list(names)),
        _column("value", "at the beginning of the run", np.array(values, dtype=float)),
        _column("unit", "unit of the value; 1 for none, empty where it is not known", list(units)),
        _column("meaning", "what the parameter is", list(docs)),
    ]
    return DynamicTable(
        name="parameters", description="parameters at the beginning of the run", columns=columns
    )
