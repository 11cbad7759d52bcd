"""Experiment ``teacher``: trials of the embedded cell, and whether it behaves as a neuron does."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from workbench.model.experiment import Option, Progress, no_progress
from workbench.model.model import Comparison, Experiment

from ..data.trials import Trial, load_trials
from ..teacher.cell import TeacherCell
from ..teacher.trials import make_trials

if TYPE_CHECKING:
    import xarray

    from workbench.model.model import Model

SKIP_ms = 500


def run(
    model: Model,
    progress: Progress = no_progress,
    folder: Annotated[
        str, Option("where the trials are kept; none: they are not", of_machine=True)
    ] = "",
    trials: Annotated[int, Option("trials in all; those that are there already are taken")] = 8,
    seconds: Annotated[float, Option("length of a trial")] = 6.0,
    seed: Annotated[int, Option("of the first trial; each has its own")] = 1,
    nmda: Annotated[float, Option("NMDA conductance, as a share of the usual")] = 1.0,
    ampa: Annotated[float, Option("AMPA conductance, likewise")] = 1.0,
    workers: Annotated[int, Option("processes")] = 2,
) -> xarray.Dataset:
    """Simulate trials, or take those that the folder holds; without a folder they are not kept.

    returns : v_soma_mV (trial, ms), events and spikes of each trial (trial,)
    """
    with tempfile.TemporaryDirectory() as place:
        kept = Path(folder).expanduser() if folder else Path(place)
        files = make_trials(
            kept, int(trials), seconds=seconds, first_seed=int(seed),
            cell=TeacherCell(nmda=nmda, ampa=ampa), workers=int(workers), progress=progress,
        )  # fmt: skip
        found = load_trials(kept)
        found = [t for t in found if t.name in {f.stem for f in files}]
        return _dataset(found, {"nmda": nmda, "ampa": ampa, "folder": folder})


def _dataset(found: list[Trial], about: dict[str, Any]) -> xarray.Dataset:
    import xarray as xr

    return xr.Dataset(
        {
            "v_soma_mV": (("trial", "t_ms"), np.array([t.v_soma_mV for t in found])),
            "spikes": ("trial", [len(t.spike_t_ms) for t in found]),
            "events": ("trial", [len(t.channel) for t in found]),
        },
        coords={"trial": [t.name for t in found], "t_ms": np.arange(found[0].n_ms)},
        attrs=about,
    )


def compare(data: xarray.Dataset) -> list[Comparison]:
    """Rate and voltage against those of the detailed cell under its published input."""
    v = np.minimum(data.v_soma_mV.values[:, SKIP_ms:], -55.0)
    rate = float(data.spikes.sum()) / (data.v_soma_mV.size / 1000)
    return [
        Comparison("output rate", 1.16, rate, 1.0, "Hz",
                   note="284 trials of the detailed cell; a reconstruction is only of that order"),
        Comparison("mean voltage, clipped at -55 mV", -67.7, float(v.mean()), 5.0, "mV",
                   note="the published offset of the voltage"),
    ]  # fmt: skip


def figure(data: xarray.Dataset) -> Any:
    """The somatic voltage of the first trial."""
    import holoviews as hv

    x, y = hv.Dimension("t", label="Time (ms)"), hv.Dimension("v", label="V (mV)")
    first = data.v_soma_mV.isel(trial=0).values
    return hv.Curve((np.arange(len(first)), first), x, y)


TEACHER = Experiment(
    name="teacher",
    title="Trials of the embedded teacher cell",
    source="own schematic cell; channels of Mainen & Sejnowski (1996), synapses and input "
    "statistics of Beniaguev et al. (2021)",
    run=run,
    compare=compare,
    figure=figure,
)
