"""What an export needs to know of a built network: made where the network is, at t = 0."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..engine.simulation import Simulation
from ..errors import BuildError
from .objects import Objects


@dataclass(frozen=True)
class Described:
    """A network as the text of a script.

    lines     : statements that make its objects;  arrays : what they read
    objects   : name -> variable of the script, of all that interventions may write
    net       : variables of what is in the network
    places    : population -> (variable, first neuron, end)
    spiking   : the populations that spike
    live      : live parameter -> (object, variable of it) that it writes
    constants : live parameters that are constants of namespaces too
    namespace : expression for the namespace of the run
    random    : the state of NumPy's random numbers when the run begins
    """

    lines: list[str]
    arrays: dict[str, Any]
    objects: dict[str, str]
    net: list[str]
    places: dict[str, tuple[str, int, int]]
    spiking: tuple[str, ...]
    live: dict[str, list[tuple[str, str]]]
    constants: tuple[str, ...]
    namespace: str
    random: tuple[Any, ...] = field(repr=False)


def described(simulation: Simulation) -> Described:
    """Describe the network of a simulation that stands at t = 0.

    raises : BuildError for a network that cannot be written as a script
    """
    model = simulation.model
    if float(simulation.net.t) or simulation.info.warm_up_ms:
        raise BuildError(
            f"The network of {model.title or model.slug} has been simulated before its run begins: "
            "it cannot be written as a script."
        )
    objects = Objects(simulation.net, model.run_namespace(), model.own_names())
    objects.write()
    return Described(
        lines=objects.lines,
        arrays=objects.data.arrays,
        objects={o.name: v for o in objects.top if (v := objects.variables.get(o.name))},
        net=objects.made,
        places={
            name: (objects.variable(part.group), part.start, part.stop)
            for name, part in simulation.slices.items()
        },
        spiking=tuple(p.name for p in simulation.info.spikers),
        live={
            name: [(v.owner.name, v.name) for v in simulation.live_variables(name)]
            for name, parameter in model.parameters().items()
            if parameter.live
        },
        constants=model.constants,
        namespace=objects.row_sums.namespace,
        random=tuple(np.random.get_state()),  # noqa: NPY002  what Brian2's NumPy target draws from
    )
