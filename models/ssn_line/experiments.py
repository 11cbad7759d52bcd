"""Size tuning of the supralinear line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.model.experiment import Progress, no_progress
from workbench.model.model import Comparison, Experiment

from .._shared.figures import layout, lines
from . import facts

if TYPE_CHECKING:
    import xarray

SIZES = (0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0)
CONTRASTS = (10.0, 20.0, 50.0)


def _sizes(model: Any, progress: Progress = no_progress) -> xarray.Dataset:
    import xarray as xr

    found = np.empty((len(CONTRASTS), len(SIZES), 2))
    for k, c in enumerate(CONTRASTS):
        for j, d in enumerate(SIZES):
            progress((k * len(SIZES) + j) / found[..., 0].size, f"contrast {c:g}, {d:g} degrees")
            found[k, j] = facts.centre(model, contrast=c, size=d)
    alone = facts.inputs(model, contrast=50.0, size=facts.SMALL)
    surrounded = facts.inputs(model, contrast=50.0, size=facts.SMALL, surround=50.0)
    return xr.Dataset(
        {
            "change": ("input", surrounded - alone),
            "r_E": (("contrast", "size"), found[..., 0]),
            "r_I": (("contrast", "size"), found[..., 1]),
        },
        coords={
            "contrast": list(CONTRASTS),
            "size": list(SIZES),
            "input": ["excitation", "inhibition"],
        },
    )


def _compare(data: xarray.Dataset) -> list[Comparison]:
    best = data.r_E.idxmax("size")
    index = 1 - data.r_E.isel(size=-1) / data.r_E.max("size")
    note = "Rubin et al. 2015 in words; the paper's own numbers could not be read"
    received = [
        Comparison(f"a surround lowers the {name} received (sign of the change)", -1.0,
                   float(np.sign(change)), 0.0,
                   note=f"by {-change:.3g} units of input; Ozeki et al. 2009 in words")
        for name, change in zip(data.input.values, data.change.values, strict=True)
    ]  # fmt: skip
    return [
        *received,
        Comparison("suppression grows with contrast", 1.0,
                   float((np.diff(index.values) > 0).all()), 0.0, note=note),
        Comparison("the preferred size does not grow with contrast", 1.0,
                   float((np.diff(best.values) <= 0).all()), 0.0, note=note),
    ]  # fmt: skip


def _figure(data: xarray.Dataset) -> Any:
    def of(name: str) -> Any:
        curves = [(data.size_, data[name].sel(contrast=c), f"c = {c:g}") for c in CONTRASTS]
        return lines(curves, "Diameter (deg)", f"Centre, {name[2]} (Hz)")

    data = data.rename(size="size_")
    return layout(of("r_E"), of("r_I"))


EXPERIMENTS = (
    Experiment("size-tuning", "Size tuning: the surround suppresses (the classic figure)",
               "Rubin, Van Hooser & Miller 2015, model of the line", _sizes, _compare, _figure),
)  # fmt: skip
