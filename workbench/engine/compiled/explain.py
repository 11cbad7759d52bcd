"""Which code of a compiled simulation is ours, which is Brian2's, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .simulation import Compiled

if TYPE_CHECKING:
    from ...brian.fast.device import Origin
    from ...model.model import Model


def explained(model: Model) -> tuple[list[Origin], tuple[str, ...]]:
    """Every code object of ``model`` with the compiled engine, in the order of its making.

    With them the compiler's flags.

    Generates the code, and compiles nothing. Leaves Brian2's device changed: for a process of its
    own. raises : BuildError where the model cannot be compiled
    """
    simulation = Compiled(model, seed=0)
    try:
        simulation.generate()
        return list(simulation.device.origins.values()), simulation.device.flags()
    finally:
        simulation.close()
