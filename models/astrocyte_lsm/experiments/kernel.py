"""Experiment: kernel quality and generalisation, as ranks of the liquid's states."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from workbench.data import shares
from workbench.errors import ParameterError
from workbench.measures import generalisation_rank, kernel_quality
from workbench.model.experiment import Option, Progress, no_progress
from workbench.model.model import Comparison, Experiment
from workbench.plots import style

from ..._shared.keep import Keep, KeepFolder
from ..batch.samples import Liquid
from .classify import RULES, WORKBOOK
from .protocol import (
    DataFolder,
    DataName,
    Encoded,
    Initial,
    Networks,
    Seed,
    Workers,
    count,
    data_set,
    initialise,
    scaled,
)

if TYPE_CHECKING:
    import xarray

    from workbench.model.model import Model

# variant -> ranges over 10 networks: rank of clean and of noisy states, of 1,000
PUBLISHED = {
    "LSM": ((987, 989), (987, 991)),
    "LSM+STDP": ((558, 768), (128, 487)),
    "LSM+AP-STDP": ((992, 994), (990, 993)),
    "NALSM": ((993.9, 994.5), (980, 990)),
}
FULL = 100  # images of each digit in the source


def run(
    model: Model,
    progress: Progress = no_progress,
    *,
    samples: Annotated[
        int, Option("test images of each digit; the source has 100", "Images of a digit")
    ] = 100,
    networks: Networks = 1,
    initial: Initial = 1000,
    weight: Annotated[float, Option("fixed |w| of the LSM", "Fixed weight |w|")] = 0.9,
    noise: Annotated[
        float,
        Option("standard deviation of the noise on pixels of 0 to 255", "Noise of the pixels"),
    ] = 125.0,
    draws: Annotated[int, Option("random selections averaged over", "Random selections")] = 5,
    data: DataName = "mnist",
    folder: DataFolder = "",
    keep: KeepFolder = "",
    workers: Workers = 1,
    seed: Seed = 1,
) -> xarray.Dataset:
    """Ranks of the spike counts for test images, clean and with noise on the pixels."""
    import xarray as xr

    images = data_set(data, 1200, 500 if data == "digits" else 10_000, folder)
    chosen = _balanced(images.test.labels, samples)
    clean = Encoded(
        images.test.shares[chosen], images.test.labels[chosen], images.test.input_events
    )
    noisy = _noisy(clean, noise, seed)
    kept = Keep(keep, model.slug)
    found = np.full((networks, len(RULES), 2), np.nan)
    for k in range(networks):
        values = {**model.values(), "network": k}
        own = type(model)(**values)
        learns, fixed = Liquid(own), Liquid(own, plastic=False)
        first = learns.start()
        for v, (name, rule) in enumerate(RULES.items()):

            def report(f: float, text: str, k: int = k, v: int = v, name: str = name) -> None:
                progress((k + (v + f) / len(RULES)) / networks, f"network {k}: {name}, {text}")

            gated = name == "LSM+AP-STDP"
            if rule == 0:
                state = scaled(first, weight, values["w_0"])
            else:
                state = initialise(
                    learns, images.train, initial, kept, rule=rule, seed=seed,
                    start=scaled(first, 1.0, values["w_0"]) if gated else first, progress=report,
                )  # fmt: skip
            still = rule == 0 or gated
            for c, (part, measure) in enumerate(
                ((clean, kernel_quality), (noisy, generalisation_rank))
            ):
                counts = count(
                    fixed if still else learns, part, kept, state=state, rule=0 if still else rule,
                    seed=10 * seed + c, workers=workers, progress=report, what="counting",
                )  # fmt: skip
                per_class = int(np.bincount(part.labels).min())
                found[k, v, c] = measure(counts, part.labels, per_class=per_class, draws=draws)[0]
    return xr.Dataset(
        {"rank": (("network", "variant", "states"), found)},
        coords={"variant": list(RULES), "states": ["clean", "noisy"]},
        attrs={"data": data, "samples": len(chosen), "noise": noise, "outcome": "finished",
               "model": model.slug},
    )  # fmt: skip


def _balanced(labels: np.ndarray, per_class: int) -> np.ndarray:
    members = [np.flatnonzero(labels == c) for c in np.unique(labels)]
    fewest = min(len(m) for m in members)
    if not 1 <= per_class <= fewest:
        raise ParameterError(
            f"samples = {per_class} is not possible: there are {fewest} test images of some digit."
        )
    return np.sort(np.concatenate([m[:per_class] for m in members]))


def _noisy(part: Encoded, noise: float, seed: int) -> Encoded:
    """The same pictures with Gaussian noise on every pixel, of 0 to 255, clipped."""
    rng = np.random.default_rng([seed, 11])
    pixels = 255 * part.shares / part.shares.max(axis=1, keepdims=True)
    pixels = np.clip(pixels + rng.normal(0, noise, pixels.shape), 0, 255)
    found, input_events = shares(pixels)
    return Encoded(found, part.labels, input_events)


def compare(data: xarray.Dataset) -> list[Comparison]:
    if data.attrs["data"] != "mnist" or data.attrs["samples"] < 10 * FULL:
        return []
    lines = []
    for name, ranges in PUBLISHED.items():
        for (low, high), states, what in zip(
            ranges, ("clean", "noisy"), ("separation", "generalisation"), strict=True
        ):
            ours = data["rank"].sel(variant=name, states=states).values
            # A handful of networks may lie a little outside of what ten of them spanned.
            tol = max((high - low) / 2, 0.01 * 1000)
            lines.append(
                Comparison(f"{what} rank, {name}", (low + high) / 2, float(ours.mean()), tol,
                           note=f"{WORKBOOK}: {low:g} to {high:g}")
            )  # fmt: skip
    return lines


def figure(data: xarray.Dataset) -> Any:
    """Rank of clean against rank of noisy states; crosses are the published ranges."""
    import holoviews as hv

    colors = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")
    layers: list[Any] = []
    for color, name in zip(colors, data.variant.values, strict=True):
        ours = data["rank"].sel(variant=name).values
        layers.append(
            style(hv.Points((ours[:, 1], ours[:, 0]), label=str(name)), {"color": color},
                  mpl={"s": 22}, bokeh={"size": 8})
        )  # fmt: skip
        if data.attrs["data"] == "mnist":
            (a, b), (c, d) = PUBLISHED[str(name)]
            cross = [(c, (a + b) / 2, d, (a + b) / 2), ((c + d) / 2, a, (c + d) / 2, b)]
            layers.append(style(hv.Segments(cross), {"color": color}, mpl={"linewidth": 1.5}))
    axes = {
        "xlabel": "Generalisation rank (noisy)", "ylabel": "Separation rank (clean)",
        "legend_position": "bottom_right", "title": "Lines: range published",
    }  # fmt: skip
    return style(
        hv.Overlay(layers), axes, bokeh={"responsive": True, "min_height": 320}, mpl={"aspect": 1.2}
    )


KERNEL = Experiment(
    name="kernel_quality",
    title="Kernel quality: what the liquid keeps apart, and what it should not",
    source=WORKBOOK,
    run=run,
    compare=compare,
    figure=figure,
)
