"""What a recording would take, told by a network that is built for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..recordings import Cost, cost_of

if TYPE_CHECKING:
    from ..model.model import Model


def recording_cost(model: Model, record: Mapping[str, Any] | None = None) -> Cost:
    """What recording takes on disk, before anything is simulated: MB per simulated second.

    Builds the network, to see how many neurons and synapses it has.

    model  : what would be simulated
    record : as for ``Model.run``; None for what is recorded by itself
    raises : UnknownName, ParameterError for what cannot be recorded; BuildError
    """
    import gc

    from brian2.utils.logger import catch_logs

    from .runtime import Runtime, brian_settings_kept

    with brian_settings_kept(), catch_logs():
        info = Runtime(type(model)(**model.values()), 1, "numpy").build()
        gc.collect()  # Brian2 complains of a network that was never run when it is forgotten
    return cost_of(info, record)
