"""The experiment on the spiking reservoir: rates, fluctuations and memory at several targets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from workbench.model.experiment import Option, Progress, no_progress
from workbench.model.model import Comparison, Experiment

from .._shared.figures import layout, lines
from .._shared.variants import varied
from .facts import LINEAR, PAIRS, RULE
from .measures import Seen, seen
from .theory import alternation, flip

if TYPE_CHECKING:
    import xarray

    from workbench.model.model import Model

TARGETS = (10.0, 14.0, 18.0, 22.0, 25.0, 30.0, 35.0)
MEASURES = ("rate", "unequal", "power", "frequency", "memory")
ABOVE = 1.1  # times the flip: where theory, which is of small deviations, is held against
CLEAR = 0.4  # factor round the loop above which a spectrum has a clear peak
CLOSE = 0.4  # Hz, from the rule; see PAIRS


def _flip(
    model: Model,
    progress: Progress = no_progress,
    seconds: Annotated[
        float, Option("length of each run, s; all but the first 4 s count", "Run length (s)")
    ] = 16.0,
    seeds: Annotated[int, Option("networks, each with noise and input of its own", "Networks")] = 3,
    first: Annotated[int, Option("number of the first network", "First network")] = 1,
) -> xarray.Dataset:
    """Rates, fluctuations of the population and memory at several targets, and their theory."""
    import xarray as xr

    found = np.full((len(MEASURES), len(TARGETS), int(seeds)), np.nan)
    theory = np.full((2, len(TARGETS)), np.nan)
    for k, rho in enumerate(TARGETS):
        theory[:, k] = alternation(varied(model, rho=rho))
    jobs = [(k, s) for k in range(len(TARGETS)) for s in range(int(seeds))]
    for done, (k, s) in enumerate(jobs):
        number = int(first) + s
        if progress(done / len(jobs), f"target {TARGETS[k]:g} Hz, network {number}") is False:
            break
        tried = varied(model, rho=TARGETS[k], wiring_seed=number)
        found[:, k, s] = _numbers(seen(tried, 1e3 * float(seconds), 4000.0, number))
    progress(1.0, "done")
    data: dict[str, Any] = {
        name: (("target", "network"), found[m]) for m, name in enumerate(MEASURES)
    }
    data |= {"factor": ("target", theory[0]), "expected": ("target", theory[1])}
    return xr.Dataset(data, {"target": list(TARGETS)}, {"flip": flip(model)})


def _numbers(s: Seen) -> tuple[float, ...]:
    return s.rate, float(s.rates.std()), s.power, s.frequency, s.memory


def _error(data: xarray.DataArray) -> float:
    n = data.sizes["network"]
    return float(data.std("network", ddof=1)) / np.sqrt(n) if n > 1 else float("nan")


def _compare(data: xarray.Dataset) -> list[Comparison]:
    found = []
    for rho in data.target.values:
        at = data.sel(target=rho)
        if rho > ABOVE * data.flip:
            found.append(
                Comparison(f"mean rate at a target of {rho:g} Hz", float(rho),
                           float(at.rate.mean()), CLOSE, "Hz", f"{RULE}; {PAIRS}",
                           _error(at.rate))
            )  # fmt: skip
        if rho > ABOVE * data.flip and at.factor > CLEAR:
            found.append(
                Comparison(f"frequency of the fluctuations at {rho:g} Hz", float(at.expected),
                           float(at.frequency.mean()), 3.0, "Hz", LINEAR, _error(at.frequency))
            )  # fmt: skip
    size = np.sqrt(data.power)
    grown = size.sel(target=25.0) / size.sel(target=35.0)
    factor = {rho: float(data.factor.sel(target=rho)) for rho in (25.0, 35.0)}
    found.append(
        Comparison("growth of the fluctuations from 35 to 25 Hz", (1 - factor[35.0])
                   / (1 - factor[25.0]), float(grown.mean()), 0.4, note=LINEAR,
                   error=_error(grown))
    )  # fmt: skip
    striped = float((data.power.sel(target=14.0) > 10 * data.power.sel(target=30.0)).mean())
    found.append(
        Comparison("share of the networks with stripes at 14 Hz", 1.0, striped, 0.0,
                   note=f"the flip is at {float(data.flip):.1f} Hz in theory")
    )  # fmt: skip
    return found


def _figure(data: xarray.Dataset) -> Any:
    size = np.sqrt(data.power)
    above = data.target.values > ABOVE * data.flip
    rho = data.target.values[above]
    predicted = 1 / (1 - data.factor.values[above])
    scale = float((size.mean("network").values[above] / predicted).mean())
    low, high = float(size.min()), float(size.max())
    at: np.ndarray = np.repeat(data.target.values, data.sizes["network"])
    return layout(
        lines([(rho, scale * predicted, "theory, scaled")], "Target rate ρ (Hz)",
              "Fluctuation (Poisson = 1)",
              dashed=[((data.flip, data.flip), (low, high), "flip in theory")],
              points=[(at, size.values.ravel(), "each network")]),
        lines([(data.target, data.target, "target")], "Target rate ρ (Hz)", "Mean rate (Hz)",
              points=[(at, data.rate.values.ravel(), "each network")]),
        columns=1,
    )  # fmt: skip


EXPERIMENTS = (
    Experiment("flip", "Below a target of 18 Hz the population alternates", LINEAR, _flip,
               _compare, _figure),
)  # fmt: skip
