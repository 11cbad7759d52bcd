"""The circuit of a simulation with the values that it has now. Runs where Brian2 is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..interventions import Intervention

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..circuits import Circuit
    from .simulation import Simulation

OURS = "workbench_"  # how the names of objects begin that watch a network and are no part of it


@dataclass(frozen=True)
class _Network:
    """What of a ``brian2.Network`` a circuit is read from."""

    objects: tuple[Any, ...]


def circuit_now(simulation: Simulation) -> Circuit | None:
    """The circuit, with weights, delays, signs and parameters as they are at this moment.

    The term of the notation "ncd" is that of the built network: it holds no values that change.
    Takes 5 to 110 ms for the models that come with the workbench.
    """
    from ..circuits.read.network import from_network

    built, model = simulation.info.circuit, simulation.model
    if built is None:
        return None
    circuit = from_network(
        _Network(tuple(o for o in simulation.net.objects if not o.name.startswith(OURS))),
        title=model.title,
        namespace=model.run_namespace(),
        order=[p.name for p in simulation.info.populations],
        model=model,
    )
    return replace(circuit, term=built.term, no_term=built.no_term)


def changed_circuit(
    simulation: Simulation, interventions: Iterable[Intervention]
) -> Circuit | None:
    """The circuit at the end of a run in which parameters were set; None where none was."""
    return circuit_now(simulation) if any(e.is_change for e in interventions) else None
