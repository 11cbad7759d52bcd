"""Contrast responses of the normalisation model, with and without a mask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.model.experiment import Progress, no_progress
from workbench.model.model import Comparison, Experiment

from .._shared.figures import layout, lines
from .._shared.ssn_reference import half_unit
from .._shared.variants import varied
from . import facts

if TYPE_CHECKING:
    import xarray

MASKS = (0.0, 0.25, 0.5)


def _contrasts(model: Any, progress: Progress = no_progress) -> xarray.Dataset:
    import xarray as xr

    contrasts = sorted({*facts.CONTRASTS, *np.geomspace(0.01, 1, 9).round(4)})
    found = np.empty((len(MASKS), len(contrasts)))
    for k, m in enumerate(MASKS):
        for j, c in enumerate(contrasts):
            progress((k * len(contrasts) + j) / found.size, f"mask {m:g}, contrast {c:g}")
            found[k, j] = facts.preferred(model, contrast=c, mask=m, orientation=0.0)
    narrow = varied(model, kappa=40.0, n_neurons=200)
    tuning = [facts.responses(model, contrast=c, orientation=0.0) for c in (0.12, 0.5, 1.0)]
    return xr.Dataset(
        {"response": (("mask", "contrast"), found),
         "half": ("mask", [facts.half_contrast(model, m) for m in MASKS]),
         "half_narrow": ("mask", [facts.half_contrast(narrow, m) for m in MASKS]),
         "tuning": (("shown", "neuron"), np.array(tuning))},
        coords={"mask": list(MASKS), "contrast": contrasts, "shown": [0.12, 0.5, 1.0]},
    )  # fmt: skip


def _compare(data: xarray.Dataset) -> list[Comparison]:
    found = [
        Comparison(f"response at contrast {c:g}, mask {m:g}", v,
                   float(data.response.sel(mask=m, contrast=c)), half_unit(v) * 1.02, "Hz",
                   facts.INDEPENDENT)
        for m, values in facts.RESPONSES.items()
        for c, v in zip(facts.CONTRASTS, values, strict=True)
    ]  # fmt: skip
    found += [
        Comparison(f"half contrast, mask {m:g}", v, float(data.half.sel(mask=m)), 0.00051,
                   note=facts.INDEPENDENT)
        for m, v in facts.HALF.items()
    ]  # fmt: skip
    found += [
        Comparison(f"half contrast, mask {m:g} that does not drive the neuron", printed,
                   float(data.half_narrow.sel(mask=m)), 0.00051,
                   note="closed form sqrt(sigma^2 + mask^2), in the limit of narrow tuning")
        for m, printed in facts.HALF_CLOSED.items()
    ]  # fmt: skip
    shape = data.tuning / data.tuning.max("neuron")
    found.append(
        Comparison("largest change of the tuning's shape with contrast", 0.0,
                   float((shape.max("shown") - shape.min("shown")).max()), 1e-6,
                   note="closed form: one divisor for all")
    )  # fmt: skip
    return found


def _figure(data: xarray.Dataset) -> Any:
    c = data.contrast
    places = facts.orientations(data.sizes["neuron"])
    return layout(
        lines([(c, data.response.sel(mask=m), f"mask {m:g}") for m in MASKS], "Contrast",
              "Response (Hz)", logx=True,
              points=[(facts.CONTRASTS, facts.RESPONSES[0.0], ""), ([], [], ""),
                      (facts.CONTRASTS, facts.RESPONSES[0.5], "")]),
        lines([(places, t, f"contrast {s:g}")
               for s, t in zip(data.shown.values, data.tuning.values, strict=True)],
              "Preferred orientation (deg)", "Response (Hz)"),
    )  # fmt: skip


EXPERIMENTS = (
    Experiment("contrast-response", "Contrast response, moved by a mask (the classic figure)",
               "Carandini, Heeger & Movshon 1997; numbers: " + facts.INDEPENDENT, _contrasts,
               _compare, _figure),
)  # fmt: skip
