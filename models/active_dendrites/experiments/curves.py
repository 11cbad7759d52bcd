"""Curves of the source, counted: misses against noise, false matches of unions, and of time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from workbench.model.experiment import Option, Progress, no_progress
from workbench.model.model import Comparison, Experiment

from ..._shared.figures import lines
from ..._shared.variants import varied
from .. import law
from ..facts import pairs
from ..measures import counted

if TYPE_CHECKING:
    import xarray

    from workbench.model.model import Model

SOURCE = "Ahmad & Hawkins 2016"
EXACT = "closed form; four standard errors, for there are many points"
ERRORS = 4.0
_VOLLEYS = Option("volleys of each point; each tries all segments")
_SEED = Option("which patterns, synapses and volleys are drawn")
THETAS = (8, 12, 16)
NOISES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
PATTERN = {"n_active": 128, "n_synapses": 30}  # of the source's figure of noise
JITTERS = (0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0)
TRIALS = 4000  # of the independent computation of the window


def _points(
    name: str, xs: tuple[float, ...], progress: Progress, measure: Any, rows: tuple[float, ...]
) -> np.ndarray:
    """``measure(row, x)`` for all, (rows, xs); nan from where it is stopped."""
    found = np.full((len(rows), len(xs)), np.nan)
    for k, (r, c) in enumerate(np.ndindex(found.shape)):
        if progress(k / found.size, f"{name} = {xs[c]:g}") is False:
            break
        found[r, c] = measure(rows[r], xs[c])
    progress(1.0, "done")
    return found


def _noise(
    model: Model,
    progress: Progress = no_progress,
    volleys: Annotated[int, _VOLLEYS] = 50,
    seed: Annotated[int, _SEED] = 1,
) -> xarray.Dataset:
    """Missed matches of the source's figure of noise."""
    import xarray as xr

    base = varied(
        model, familiar=1.0, n_patterns=1, n_inputs=260, n_stored=1, jitter=0.0,
        wiring_seed=int(seed), **PATTERN,
    )  # fmt: skip

    def measure(theta: float, noise: float) -> float:
        tried = varied(base, theta=theta, noise=noise)
        hits = counted(tried, int(volleys), int(seed)).segments.sum()
        return float(1 - hits / pairs(tried, int(volleys)))

    exact = [[law.missed_match(128, 30, t, int(x * 128 + 0.5)) for x in NOISES] for t in THETAS]
    return xr.Dataset(
        {"missed": (("theta", "noise"), _points("noise", NOISES, progress, measure, THETAS)),
         "exact": (("theta", "noise"), exact)},
        {"theta": list(THETAS), "noise": list(NOISES)}, {"pairs": pairs(base, int(volleys))},
    )  # fmt: skip


def _compare_noise(data: xarray.Dataset) -> list[Comparison]:
    found = []
    for t in data.theta.values:
        for x in data.noise.values:
            at = data.sel(theta=t, noise=x)
            exact = float(at.exact)
            found.append(
                Comparison(f"missed, theta {t}, noise {x:g}", exact, float(at.missed),
                           law.allowed(exact, data.attrs["pairs"], ERRORS), note=EXACT)
            )  # fmt: skip
    return found


def _figure_noise(data: xarray.Dataset) -> Any:
    return lines(
        [(data.noise, data.exact.sel(theta=t), f"θ = {t}") for t in data.theta.values],
        "Share of cells displaced", "Missed matches",
        points=[(data.noise, data.missed.sel(theta=t), "") for t in data.theta.values],
    )  # fmt: skip


def _union(
    model: Model,
    progress: Progress = no_progress,
    volleys: Annotated[int, _VOLLEYS] = 60,
    most: Annotated[int, Option("patterns that share a segment, at most", "Patterns, at most")] = 8,
    seed: Annotated[int, _SEED] = 1,
) -> xarray.Dataset:
    """False matches of segments that store several patterns, n 400, a 40, s 24."""
    import xarray as xr

    stored = tuple(float(k) for k in range(1, int(most) + 1))

    def measure(_row: float, patterns: float) -> float:
        tried = varied(
            model, familiar=0.0, n_inputs=400, n_active=40, n_synapses=24, theta=12, jitter=0.0,
            n_stored=int(patterns), n_patterns=int(patterns * model.n_cells * model.n_segments),
            wiring_seed=int(seed),
        )  # fmt: skip
        hits = counted(tried, int(volleys), int(seed)).segments.sum()
        return float(hits / pairs(tried, int(volleys)))

    share = _points("patterns", stored, progress, measure, (0.0,))[0]
    exact = [law.union_false_match(400, 40, 24, 12, int(k)) for k in stored]
    mean = [law.false_match(400, 40, round(law.union_synapses(400, 24, int(k))), 12)
            for k in stored]  # fmt: skip
    return xr.Dataset(
        {"share": ("stored", share), "exact": ("stored", exact), "of_mean": ("stored", mean)},
        {"stored": list(stored)}, {"pairs": pairs(model, int(volleys))},
    )  # fmt: skip


def _compare_union(data: xarray.Dataset) -> list[Comparison]:
    found = [
        Comparison(f"false matches, {int(k)} patterns", float(data.exact.sel(stored=k)),
                   float(data.share.sel(stored=k)),
                   law.allowed(float(data.exact.sel(stored=k)), data.attrs["pairs"], ERRORS),
                   note=EXACT)
        for k in data.stored.values
    ]  # fmt: skip
    # The source's example: n 20,000, a 100, ten patterns with 25 synapses each, theta 15.
    on = law.union_synapses(20_000, 25, 10)
    return [
        *found,
        Comparison("synapses of ten patterns, n 20,000, s 25", 248.6, on, 0.05, note=SOURCE),
        Comparison("their share of cells without a synapse", 98.76, 100 - on / 200, 0.005, "%",
                   f"{SOURCE}, as recomputed; its text prints 98.75"),
        Comparison("their false matches, a 100, theta 15", 1.7e-12,
                   law.false_match(20_000, 100, round(on), 15), 0.05e-12, note=SOURCE),
    ]  # fmt: skip


def _figure_union(data: xarray.Dataset) -> Any:
    return lines(
        [(data.stored, data.exact, "exact")], "Patterns stored by a segment", "False matches",
        dashed=[(data.stored, data.of_mean, "mean number of synapses (source)")],
        points=[(data.stored, np.where(data.share > 0, data.share, np.nan), "counted")], logy=True,
    )  # fmt: skip


def detected(s: int, theta: float, tau_ms: float, jitter_ms: float, dt_ms: float) -> float:
    """Share of volleys of s spikes, evenly late by up to the jitter, that reach the threshold.

    An independent computation in NumPy: spikes are rounded up to a step, and what each adds decays
    from there; the largest of these sums is at an arrival.
    """
    rng = np.random.default_rng(7)
    at = np.ceil(rng.random((TRIALS, s)) * jitter_ms / dt_ms) * dt_ms
    since = at[:, :, None] - at[:, None, :]
    v = np.where(since >= 0, np.exp(-np.maximum(since, 0) / tau_ms), 0).sum(axis=2)
    return float((v.max(axis=1) >= theta - 1e-9).mean())


def _window(
    model: Model,
    progress: Progress = no_progress,
    volleys: Annotated[int, _VOLLEYS] = 30,
    seed: Annotated[int, _SEED] = 1,
) -> xarray.Dataset:
    """How far apart the spikes of a volley may come: stored patterns without noise, with jitter."""
    import xarray as xr

    base = varied(model, familiar=1.0, noise=0.0, n_patterns=1, n_inputs=200, n_stored=1,
                  n_active=128, wiring_seed=int(seed))  # fmt: skip
    error = {}

    def measure(_row: float, jitter: float) -> float:
        tried = varied(base, jitter=jitter)
        each = counted(tried, int(volleys), int(seed), own_step=True).segments / pairs(tried, 1)
        error[jitter] = each.std(ddof=1) / np.sqrt(len(each))
        return float(each.mean())

    share = _points("jitter, ms", JITTERS, progress, measure, (0.0,))[0]
    expected = [detected(model.n_synapses, model.theta, model.tau, x, model.dt_ms)
                for x in JITTERS]  # fmt: skip
    return xr.Dataset(
        {"share": ("jitter", share), "expected": ("jitter", expected),
         "error": ("jitter", [error.get(x, np.nan) for x in JITTERS])},
        {"jitter": list(JITTERS)},
    )  # fmt: skip


def _compare_window(data: xarray.Dataset) -> list[Comparison]:
    return [
        Comparison(
            f"recognised, spikes up to {x:g} ms late", float(at.expected), float(at.share),
            # Cells are shared by the segments, so that only volleys are independent.
            1e-3 + float(np.hypot(ERRORS * at.error,
                                  law.allowed(float(at.expected), TRIALS, ERRORS))),
            note="another computation; four standard errors of both, and a thousandth",
        )
        for x in data.jitter.values
        for at in [data.sel(jitter=x)]
    ]  # fmt: skip


def _figure_window(data: xarray.Dataset) -> Any:
    return lines(
        [(data.jitter, data.expected, "computed")], "Spikes come up to so late (ms)",
        "Recognised volleys", points=[(data.jitter, data.share, "counted")],
    )  # fmt: skip


NOISE = Experiment("noise", "Missed matches when cells of the pattern are displaced",
                   f"{SOURCE}, figure of noise: a 128, s 30", _noise, _compare_noise,
                   _figure_noise)  # fmt: skip
UNION = Experiment("union", "False matches of segments that store several patterns",
                   f"{SOURCE}, unions", _union, _compare_union, _figure_union)  # fmt: skip
WINDOW = Experiment("window", "How far apart the spikes of a volley may come",
                    "own: the source has no time", _window, _compare_window,
                    _figure_window)  # fmt: skip
