"""`compare`: one model twice from one seed, with something different, and what that changes."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import ParameterError, SimulationError
from ..model.misread import shortened
from ..model.units import number_of
from ..run import Run
from .difference import Spike, dataset, first_difference

if TYPE_CHECKING:
    import xarray

    from ..model.model import Model
    from ..model.operation import Operation

LOOK_EVERY_S = 0.1


class Compared(NamedTuple):
    """Two runs, and what ``b`` has more than ``a``; see `difference.dataset`."""

    a: Run
    b: Run
    differences: xarray.Dataset

    @property
    def first(self) -> Spike | None:
        """The first spike that only one of the runs has; None when there is none."""
        return first_difference(self.a, self.b)


def compare(
    model: str | Model,
    change: Mapping[str, Any],
    *,
    duration_ms: float,
    bin_ms: float | None = None,
    seed: int = 1,
    engine: str = "auto",
    operations: Sequence[Operation] = (),
    input_spikes: dict[str, tuple[Any, Any]] | None = None,
    record: dict[str, Sequence[int] | str] | None = None,
    progress: Callable[[float], Any] | None = None,
) -> Compared:
    """Run a model twice from one seed, the second time with ``change``; wait for both.

    ``a, b, differences = wb.compare("cuba", {"tau_m": 15.0}, duration_ms=500)``. The two run at
    the same time, each in its own process, on the same engine. With an empty change they have the
    same spikes, every one.

    model    : a model, or its name in the registry
    change   : parameter -> value in ``b``; any parameter, also one that needs a rebuild
    bin_ms   : width of the bins of the rates; by default about a hundredth of the time
    seed, engine, operations, input_spikes, record : as for ``Model.run``
    progress : called with the fraction done; return False to stop both early
    raises   : ParameterError or UnknownName for wishes that cannot be met, SimulationError, with
               what was recorded in its ``run``, when one fails
    """
    from ..model.registry import load
    from .pair import Pair

    model = load(model) if isinstance(model, str) else model
    if duration_ms is None:
        raise ParameterError("duration_ms is needed: how long both are simulated, in ms.")
    duration_ms = number_of(duration_ms, "ms", what="duration_ms")
    if not isinstance(change, Mapping):
        raise ParameterError(
            f"change = {shortened(change)} is not allowed: give a dict of parameters and their "
            "values in b, such as {'tau_m': 15.0}."
        )
    options: dict[str, Any] = {
        "seed": seed, "engine": engine, "operations": operations, "input_spikes": input_spikes,
        "record": record,
    }  # fmt: skip
    with contextlib.closing(Pair(model, change, duration_ms=duration_ms, **options)) as pair:
        pair.start()
        while not pair.wait(LOOK_EVERY_S):
            pair.frames()
            for status in (pair.a.status(), pair.b.status()):
                if status.waits:  # for somebody who would press Run
                    raise SimulationError(status.warning)
            if progress is not None:
                fraction = min(1.0, pair.status().t_ms / duration_ms)
                if progress(fraction) is False:
                    break
        a, b = pair.stop()
    return Compared(a, b, dataset(a, b, bin_ms))
