"""The authors' table of false matches, every row of it, counted in the spiking network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from workbench.model.experiment import Option, Progress, no_progress
from workbench.model.model import Comparison, Experiment

from ..._shared.figures import lines
from ..._shared.variants import varied
from .. import law
from ..measures import counted

if TYPE_CHECKING:
    import xarray

    from workbench.model.model import Model

CELLS, SEGMENTS = 500, 40  # a volley then tries 20,000 segments
NOTE = "three standard errors of the authors' prediction; their count, of 1e8 pairs: "


def _count(
    model: Model,
    progress: Progress = no_progress,
    volleys: Annotated[int, Option("random volleys of each row; each tries 20,000 segments")] = 250,
    seed: Annotated[int, Option("which patterns, synapses and volleys are drawn")] = 1,
) -> xarray.Dataset:
    """Count the matches of each row; nan where it was stopped before."""
    import xarray as xr

    rows = list(law.TABLE)
    share = np.full(len(rows), np.nan)
    for k, (n, a) in enumerate(rows):
        if progress(k / len(rows), f"n = {n}, a = {a}") is False:
            break
        tried = varied(
            model, n_inputs=n, n_active=a, n_synapses=law.SYNAPSES, theta=law.THRESHOLD,
            familiar=0.0, n_cells=CELLS, n_segments=SEGMENTS, n_patterns=CELLS * SEGMENTS,
            n_stored=1, jitter=0.0, wiring_seed=int(seed),
        )  # fmt: skip
        found = counted(tried, int(volleys), int(seed))
        share[k] = found.segments.sum() / (CELLS * SEGMENTS * int(volleys))
    progress(1.0, "done")
    observed, predicted = np.array([law.TABLE[row] for row in rows]).T
    return xr.Dataset(
        {"share": ("row", share), "observed": ("row", observed), "predicted": ("row", predicted),
         "n": ("row", [n for n, _ in rows]), "a": ("row", [a for _, a in rows])},
        attrs={"pairs": CELLS * SEGMENTS * int(volleys)},
    )  # fmt: skip


def _compare(data: xarray.Dataset) -> list[Comparison]:
    pairs, found = data.attrs["pairs"], []
    for k in range(data.sizes["row"]):
        n, a, predicted, observed, share = (
            float(data[x][k]) for x in ("n", "a", "predicted", "observed", "share")
        )
        counts = f"of our {pairs:.0e} pairs {predicted * pairs:.3g} are expected to match"
        found.append(
            Comparison(
                f"false matches, n {n:.0f}, a {a:.0f}", predicted, share,
                law.allowed(predicted, pairs),
                note="not run" if np.isnan(share) else f"{NOTE}{observed:.6g}; {counts}",
            )
        )  # fmt: skip
    return found


def _figure(data: xarray.Dataset) -> Any:
    ns = np.arange(300, 1101, 20)
    curves, points = [], []
    for a in (64, 128, 256):
        curves.append((ns, [law.false_match(int(n), a, 24, 12) for n in ns], f"a = {a}"))
        mine = (data.a.values == a) & (data.share.values > 0)
        points.append((data.n.values[mine], data.share.values[mine], ""))
    return lines(curves, "Input cells n", "False matches", points=points, logy=True)


TABLE = Experiment(
    "table", "The authors' table of false matches, every row",
    "Ahmad & Hawkins 2016, table of false matches for s = 24, theta = 12", _count, _compare,
    _figure,
)  # fmt: skip
