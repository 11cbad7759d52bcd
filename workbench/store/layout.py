"""Names, axes and units of the arrays of a stored run.

`RunWriter` uses them for the Zarr arrays and `to_xarray` for the Dataset, so that
``xarray.open_zarr(path)`` and ``run.to_xarray()`` agree.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..network import NetworkInfo

WHOLE = "."  # ``weights_at`` of a run whose weights are stored beside the other arrays
OF_WEIGHTS = {"pre": "i", "post": "j", "snapshot": "t_ms", "weight": "w"}  # stored name -> in `Run`


@dataclass(frozen=True)
class Array:
    """Axes and attributes of one array; an array with the name of its axis is a coordinate.

    coded : additional attributes in Zarr for values that are stored in encoded form
    """

    dims: tuple[str, ...]
    attrs: dict[str, Any] = field(default_factory=dict)
    coded: dict[str, Any] = field(default_factory=dict)


def spikes(dt_ms: float) -> dict[str, Array]:
    """Arrays of the spikes; only ``spike_time`` and ``spike_unit`` are stored.

    Times are stored as integer numbers of time steps; programs that support the attribute
    ``scale_factor``, such as xarray, convert them to ms.
    """
    time = {"units": "ms", "long_name": "time of the spike"}
    others = {
        "spike_unit": "number of the neuron in the network: population_first + its own number",
        "spike_population": "index into the coordinate population",
        "spike_neuron": "number of the neuron in its population",
    }
    return {
        "spike_time": Array(("spike",), time, {"scale_factor": float(dt_ms)}),
        **{name: Array(("spike",), {"long_name": text}) for name, text in others.items()},
    }


TIME = Array(("time",), {"units": "ms", "long_name": "time of the sample"})


def populations(info: NetworkInfo) -> dict[str, tuple[Array, np.ndarray]]:
    """Names of the populations, ``population`` (P,), and their sizes and first neurons (P,)."""
    dims = ("population",)
    all_of = info.populations
    return {
        "population": (
            Array(dims, {"long_name": "name of the population"}),
            np.array([p.name for p in all_of], dtype=object),
        ),
        "population_size": (
            Array(dims, {"long_name": "number of neurons of the population"}),
            np.array([p.size for p in all_of], np.int64),
        ),
        "population_first": (
            Array(dims, {"long_name": "number in the network of the population's neuron 0"}),
            np.array([p.offset for p in all_of], np.int64),
        ),
    }


def state(name: str, info: NetworkInfo) -> Array:
    """Array of the samples (T, n) of the recorded state ``name``, "population.variable"."""
    population, _, variable = name.rpartition(".")
    return Array(
        ("time", f"neuron_{name}"),
        {"units": info.unit_of(name), "long_name": f"{variable} of {population}"},
    )


def watched(name: str, width: int, info: NetworkInfo) -> tuple[Array, np.ndarray]:
    """Neurons (n,) from which the state ``name`` was sampled: coordinate of its second axis."""
    population = name.rpartition(".")[0]
    message = {"long_name": f"number of the neuron in {population}"}
    numbers = np.array(info.watched.get(name, range(width)), np.int64)
    return Array((f"neuron_{name}",), message), numbers


RECORDED = {"t_ms": "times", "values": "values", "low": "lowest", "high": "highest"}


def recorded(key: str, message: Mapping[str, Any]) -> dict[str, Array]:
    """The arrays of a recording, by the names that they have in `Samples`."""
    owner, _, variable = key.partition("#")[0].rpartition(".")
    what, units = f"{variable} of {owner}", {"units": message["unit"]}
    one, entry = (
        {"compartments": "compartment", "synapses": "synapse"}.get(message["of"], "neuron"),
        f"index_{key}",
    )
    if message["of"] == "events":  # each is one number: whose it is
        axes = (f"times_{key}", f"number_{key}")
        values = Array(axes, {"long_name": f"number of the neuron in {owner}"})
    else:
        axes = (f"times_{key}", entry)
        values = Array(axes, {**units, "long_name": what})
    since = "value since the sample before"
    return {
        "t_ms": Array((f"times_{key}",), {"units": "ms", "long_name": f"time of {what}"}),
        "values": values,
        "low": Array(axes, {**units, "long_name": f"smallest {since}, {what}"}),
        "high": Array(axes, {**units, "long_name": f"largest {since}, {what}"}),
        "index": Array((entry,), {"long_name": f"number of the {one} in {owner}"}),
        "pre": Array((entry,), {"long_name": "number of the neuron that the synapse comes from"}),
        "post": Array((entry,), {"long_name": "number of the neuron that the synapse leads to"}),
    }


def weights(name: str, info: NetworkInfo) -> dict[str, Array]:
    """Arrays of the projection ``name``: pre- and postsynaptic neurons, snapshots, weights."""
    projection = info.projection(name)
    synapse, snapshot = f"synapse_{name}", f"snapshot_{name}"
    message = {
        "pre": Array((synapse,), {"long_name": f"number of the neuron in {projection.source}"}),
        "post": Array((synapse,), {"long_name": f"number of the neuron in {projection.target}"}),
        "snapshot": Array((snapshot,), {"units": "ms", "long_name": "time of the snapshot"}),
        "weight": Array(
            (snapshot, synapse), {"units": projection.unit, "long_name": f"weight of {name}"}
        ),
    }
    return {f"{part}_{name}": array for part, array in message.items()}


def about(meta: Mapping[str, Any], info: NetworkInfo) -> dict[str, Any]:
    """Attributes of a whole run; ``meta`` holds the fields of `Run`, as ``run.json`` does."""
    plain = ("model", "seed", "engine", "duration_ms", "outcome")
    nested = ("parameters", "interventions", "provenance", "files")
    return {
        **{name: meta[name] for name in plain},
        "dt_ms": info.dt_ms,
        **{name: json.dumps(meta[name], default=to_json) for name in nested},
    }


def to_json(value: Any) -> Any:
    """Convert NumPy scalars and arrays for JSON; raises TypeError for other objects."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{value!r} cannot be stored in run.json")
