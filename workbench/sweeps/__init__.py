"""Sweeps: one model at many values of its parameters, on Dask, into one Dataset."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import xarray

    from ..model.model import Model
    from ..model.operation import Operation
    from .runner import Progress

__all__ = ["open_sweep", "sweep"]


def sweep(
    model: str | Model,
    vary: Mapping[str, Sequence[Any]],
    *,
    repeats: int = 1,
    measure: str | Callable[..., Any] | Sequence[str | Callable[..., Any]] = "mean_rate",
    duration_ms: float = 1000.0,
    engine: str = "auto",
    operations: Sequence[Operation] = (),
    seed: int = 1,
    scheduler: str = "local",
    workers: int | None = None,
    path: str | Path | None = None,
    resume: bool = True,
    progress: bool | Callable[[Progress], Any] = True,
    stop: threading.Event | None = None,
) -> xarray.Dataset:
    """Simulate a model at every combination of some parameters' values, and measure each run.

    model       : registry name, or a model with its other parameters set
    vary        : parameter -> its values, as numbers in its unit or as text with a unit
    repeats     : runs at each combination, each with a seed of its own
    measure     : names as in `workbench.sweeps.measures`, or functions of a run that return a
                  number, a dict of numbers or DataArrays, or a DataArray; it runs in the workers
    duration_ms : simulated time of each run, ms
    engine      : as for ``Model.run``
    operations  : done in every run, each with its ``t_ms``
    seed        : from which the seeds of all runs are derived
    scheduler   : "local", or the address of a Dask scheduler such as "tcp://host:8786"
    workers     : how many local workers; by default one a core
    path        : a folder that keeps every point as soon as it is there, and in the end the
                  Dataset as Zarr; the same call again goes on where it ended
    resume      : False refuses a folder that is there already
    progress    : a bar with the time left; or a function, called at every change
    stop        : set it, from another thread, to end early; Ctrl-C does so too
    returns     : Dataset with one dimension a parameter, and ``repeat``; beside what was measured
                  ``seed``, ``error`` (why a run has no result, else ""), ``engine``, ``wall_s``;
                  ``attrs["outcome"]`` is "finished" or "stopped"
    raises      : UnknownName or ParameterError before anything starts; StoreError for a folder
                  that cannot be used; SimulationError when no worker is left
    """
    from .design import make_design
    from .runner import run_design

    design = make_design(
        model, vary, repeats=repeats, measure=measure, duration_ms=duration_ms, engine=engine,
        operations=operations, seed=seed,
    )  # fmt: skip
    return run_design(
        design, scheduler=scheduler, workers=workers, path=path, resume=resume,
        progress=progress, stop=stop,
    )  # fmt: skip


def open_sweep(path: str | Path) -> xarray.Dataset:
    """Open a sweep's folder, finished or not; what is missing is NaN. Never executes code from it.

    raises : StoreError when ``path`` holds no sweep, or one that is damaged or of a newer version
    """
    from .dataset import dataset
    from .journal import read

    return dataset(*read(Path(path)))
