"""What the arrays of a stored run are called, what their axes are, and in which units they are.

`RunWriter` gives these names, axes and attributes to the Zarr arrays, `to_xarray` to the Dataset:
so ``xarray.open_zarr(path)`` and ``run.to_xarray()`` say the same of the same run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..network import NetworkInfo

WHOLE = "."  # ``weights_at`` of a run whose weights stand beside the other arrays
OF_WEIGHTS = {"pre": "i", "post": "j", "snapshot": "t_ms", "weight": "w"}  # stored as, in `Run`


@dataclass(frozen=True)
class Array:
    """One array: its axes, and what is said of it. An array of its axis' name is a coordinate.

    coded : what Zarr says beside ``attrs`` of numbers that are stored in another form
    """

    dims: tuple[str, ...]
    attrs: dict[str, Any] = field(default_factory=dict)
    coded: dict[str, Any] = field(default_factory=dict)


def spikes(dt_ms: float) -> dict[str, Array]:
    """``spike_time`` and ``spike_unit`` are stored; the others follow from them.

    Times are stored as whole numbers of steps; programs that know the attribute ``scale_factor``,
    such as xarray, turn them into ms.
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
    """``population`` (P,), the names, and each population's size and first neuron (P,)."""
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
    """The samples (T, n) of the recorded state ``name``, "population.variable"."""
    population, _, variable = name.rpartition(".")
    unit = info.traces.get(name) or info.maps.get(name) or "1"
    return Array(
        ("time", f"neuron_{name}"), {"units": unit, "long_name": f"{variable} of {population}"}
    )


def watched(name: str, width: int, info: NetworkInfo) -> tuple[Array, np.ndarray]:
    """The neurons (n,) that the state ``name`` was sampled of: coordinate of its second axis."""
    population = name.rpartition(".")[0]
    message = {"long_name": f"number of the neuron in {population}"}
    numbers = np.array(info.watched.get(name, range(width)), np.int64)
    return Array((f"neuron_{name}",), message), numbers


def weights(name: str, info: NetworkInfo) -> dict[str, Array]:
    """The arrays of the projection ``name``: of its synapses' ends, snapshots and weights."""
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
    """What is said of a whole run; ``meta`` holds the fields of `Run`, as ``run.json`` does."""
    plain = ("model", "seed", "engine", "duration_ms", "outcome")
    nested = ("parameters", "interventions", "provenance", "files")
    return {
        **{name: meta[name] for name in plain},
        "dt_ms": info.dt_ms,
        **{name: json.dumps(meta[name], default=to_json) for name in nested},
    }


def to_json(value: Any) -> Any:
    """What JSON does not know: NumPy's numbers and arrays."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{value!r} cannot be stored in run.json")
