"""A simulation that goes on in its binary from the tick that it has reached on another engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..brian.internals import names_as_if_alone
from ..model.operation import Operation
from .compiled.link import Begun
from .compiled.simulation import Compiled
from .runtime import Runtime, brian_settings_kept


def seed_from(seed: int, tick: int) -> int:
    """The seed of the random numbers that follow a hand-over at ``tick`` of a run of ``seed``.

    Not the seed of the run itself: both engines use the same generator, and the binary would draw
    again the very numbers with which the run began.
    """
    return int(np.random.SeedSequence([seed, tick]).generate_state(1)[0])


def moved(
    runtime: Runtime,
    parameters: Mapping[str, float],
    seed: int,
    patient: bool = False,
    report: Callable[[str], Any] = lambda text: None,
) -> Compiled:
    """The simulation of ``runtime`` in its binary, which stands at the same tick; plans included.

    To be called within ``on_tick``. Where it fails, ``runtime`` can go on as if nothing was tried.

    parameters : of the model when it was built: their values may be part of the code
    seed       : of the random numbers from here on
    patient    : compile if need be
    raises     : NotCompiled, CannotGoOn, BuildError
    """
    compiled = Compiled(type(runtime.model)(**parameters), runtime.seed, report, patient)
    try:
        with brian_settings_kept(runtime.target), names_as_if_alone():
            compiled.go_on(runtime.state(), seed)
        for name, value in runtime.model.values().items():
            if value != getattr(compiled.model, name):
                compiled.model.set(name, value)
        begun, planned = runtime.still_to_come()
        for write in begun:
            compiled.write(write)
        for tick, what in planned:
            if isinstance(what, Operation):
                compiled.plan(tick, what)
            else:
                compiled.plan_change(tick, *what)
        compiled.begun = {k: Begun(*parts) for k, parts in runtime.streams.begun().items()}
    except BaseException:
        abandon(compiled)
        raise
    return compiled


def abandon(compiled: Compiled) -> None:
    """End it, and have Brian2 simulate in this process again."""
    import brian2

    compiled.close()
    brian2.set_device("runtime")
