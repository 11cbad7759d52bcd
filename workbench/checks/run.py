"""Checks of a model's results: repeated, live and in batch, and read from the store."""

from __future__ import annotations

import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from ..model.model import Model
from ..recordings import cost_of
from ..run import Run
from .check import check, need
from .network import built, drivable

TICKS = 24
INPUT_TICKS = (0, 1, 2, 9, 10, 15)


@check("gives the same spikes again for the same seed")
def repeats_for_a_seed(cls: type[Model]) -> None:
    _need_same(cls, _batch(cls), cls().run(**_options(cls)), "two runs")


@check("runs live exactly as in batch")
def live_equals_batch(cls: type[Model]) -> None:
    options = _options(cls)
    with cls().start(speed=None, **options) as session:
        need(session.wait(120), "The live session did not end within two minutes.")
        live = session.stop()
        _need_same(cls, _batch(cls), live, "a live session and a batch run")


@check("is stored and opened again without loss")
def survives_the_store(cls: type[Model]) -> None:
    from ..store import open_run

    run = _batch(cls)
    with tempfile.TemporaryDirectory(prefix="workbench-check-") as folder:
        again = open_run(run.save(Path(folder) / "run.zarr"))
        _need_same(cls, run, again, "a run and its stored copy")
        for name in ("model", "parameters", "seed", "engine", "duration_ms", "outcome"):
            need(
                getattr(run, name) == getattr(again, name),
                f"{name} was {getattr(run, name)!r}, and {getattr(again, name)!r} from the store.",
            )
        need(set(run.states) == set(again.states), "The store lost a recorded state.")
        for name in run.states:
            _need_equal(run.states[name], again.states[name], f"the state {name}")
        for name, weights in run.weights.items():
            for part, array in weights.items():
                _need_equal(array, again.weights[name][part], f"the weights {name}.{part}")
        need(
            [e.text for e in run.interventions] == [e.text for e in again.interventions],
            "The store changed the log of interventions.",
        )


@check("samples what it says, in finite numbers")
def samples_its_traces(cls: type[Model]) -> None:
    run = _batch(cls)
    missing = sorted(set(cls.traces) - set(run.states))
    need(not missing, f"The trace {missing[0] if missing else ''!r} was not recorded.")
    for name, values in run.states.items():
        need(bool(np.isfinite(values).all()), f"{name} is not finite everywhere.")
        need(len(values) == len(run.state_t) == TICKS, f"{name} is not sampled once a tick.")
    need(run.outcome == "finished", f"The run {run.outcome}: {run.message}")
    cost = cost_of(run.info)  # what `workbench run` says before it begins
    need(cost.mb_per_s.keys() == run.info.watched.keys(), "Not all that is sampled has a cost.")


@lru_cache(maxsize=1)
def _options(cls: type[Model]) -> dict[str, Any]:
    """Options of a short run in which every input population spikes a few times."""
    with built(cls()) as runtime:
        inputs = drivable(runtime)
    spikes = {
        name: (
            np.repeat(np.array(INPUT_TICKS) * cls.tick_ms, size),
            np.tile(np.arange(size), len(INPUT_TICKS)),
        )
        for name, size in inputs.items()
    }
    return {
        "duration_ms": TICKS * cls.tick_ms, "seed": 3, "engine": "numpy", "input_spikes": spikes,
    }  # fmt: skip


@lru_cache(maxsize=1)  # the checks of one model come one after the other
def _batch(cls: type[Model]) -> Run:
    return cls().run(**_options(cls))


def _need_same(cls: type[Model], one: Run, other: Run, what: str) -> None:
    for name in ("steps", "units"):
        a, b = np.asarray(getattr(one, name)), np.asarray(getattr(other, name))
        need(
            len(a) == len(b) and bool((a == b).all()),
            f"{what} of {cls.slug} with one seed differ: {len(a)} and {len(b)} spikes"
            + (" with different times or neurons." if len(a) == len(b) else "."),
        )


def _need_equal(a: Any, b: Any, what: str) -> None:
    need(np.array_equal(np.asarray(a), np.asarray(b), equal_nan=True), f"The store changed {what}.")
