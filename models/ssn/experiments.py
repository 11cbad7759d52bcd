"""Experiments on the supralinear ring: contrast, paradoxical inhibition, winner takes all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.model.experiment import Progress, no_progress
from workbench.model.model import Comparison, Experiment

from .._shared.figures import layout, lines
from .._shared.ssn_reference import (
    ALONE_BELOW,
    INDEPENDENT,
    PARADOX,
    RING,
    STEP_FROM,
    WINNER,
    half_unit,
)
from . import facts

if TYPE_CHECKING:
    import xarray

SOURCE = "Rubin, Van Hooser & Miller 2015, model of the ring; numbers: " + INDEPENDENT


def _contrast(model: Any, progress: Progress = no_progress) -> xarray.Dataset:
    import xarray as xr

    contrasts = np.array(sorted((*RING, *ALONE_BELOW, 30.0)), float)
    rows = []
    for k, c in enumerate(contrasts):
        progress(k / len(contrasts), f"contrast {c:g}")
        near = [facts.peak(model, "excitatory", contrast=c * f) for f in (0.99, 1.01)]
        exponent = np.log(near[1] / near[0]) / np.log(1.01 / 0.99)
        step = facts.exponent(model, c, STEP_FROM[c]) if c in STEP_FROM else np.nan
        rates = [facts.peak(model, p, contrast=c) for p in ("excitatory", "inhibitory")]
        weight, alone = facts.plaid_weight(model, c), facts.alone(model, c)
        rows.append((*rates, step, weight, alone, exponent))
    names = ("r_E", "r_I", "step", "plaid", "alone", "exponent")
    profile = facts.responses(model, contrast=40.0)
    return xr.Dataset(
        {n: ("contrast", v) for n, v in zip(names, np.array(rows).T, strict=True)}
        | {f"profile_{k[0]}": ("site", v) for k, v in profile.items()},
        coords={"contrast": contrasts},
    )


def _contrast_compare(data: xarray.Dataset) -> list[Comparison]:
    labels = {
        "r_E": ("peak rate, excitatory", 0.01, "Hz"), "r_I": ("peak rate, inhibitory", 0.01, "Hz"),
        "step": ("local exponent", 0.0, "1"), "plaid": ("plaid weight", 0.01, "1"),
        "alone": ("largest eigenvalue of E alone", 0.015, "1"),
    }  # fmt: skip
    found = []
    for column, (name, (label, share, unit)) in enumerate(labels.items()):
        for c, row in RING.items():
            tol = max(share * abs(row[column]), half_unit(row[column], 2) * 1.02)
            note = f"slope from contrast {STEP_FROM[c]:g}, as printed" if name == "step" else ""
            ours = float(data[name].sel(contrast=c))
            found.append(
                Comparison(f"{label} at contrast {c:g}", row[column], ours, tol, unit, note)
            )
    for c, value in ALONE_BELOW.items():
        found.append(
            Comparison(f"largest eigenvalue of E alone at contrast {c:g}", value,
                       float(data.alone.sel(contrast=c)), 0.015, note="1 is crossed before 5")
        )  # fmt: skip
    least = float(data.contrast[int(data.plaid.values.argmin())])
    return [
        *found,
        Comparison("contrast of the least plaid weight", 30.0, least, 0.0,
                   note="of the contrasts shown here"),
    ]  # fmt: skip


def _contrast_figure(data: xarray.Dataset) -> Any:
    c = data.contrast.values
    angle = 180.0 * np.arange(data.sizes["site"]) / data.sizes["site"]
    ring = {k: [row[k] for row in RING.values()] for k in range(5)}
    return layout(
        lines([(c, data.r_E, "excitatory"), (c, data.r_I, "inhibitory")], "Contrast",
              "Peak rate (Hz)", logx=True, logy=True,
              points=[(list(RING), ring[0], ""), (list(RING), ring[1], "")]),
        lines([(c, data.exponent, "local exponent"), (c, np.ones(len(c)), "linear")], "Contrast",
              "d log r / d log c", logx=True,
              points=[([np.sqrt(a * b) for b, a in STEP_FROM.items()], ring[2], "")]),
        lines([(c, data.plaid, "weight"), (c, np.ones(len(c)), "sum")], "Contrast",
              "Weight of two gratings", logx=True, points=[(list(RING), ring[3], "")]),
        lines([(angle, data.profile_e, "excitatory"), (angle, data.profile_i, "inhibitory")],
              "Preferred orientation (deg)", "Rate at contrast 40 (Hz)"),
    )  # fmt: skip


def _paradox(model: Any, progress: Progress = no_progress) -> xarray.Dataset:
    import xarray as xr

    found = []
    for k, c in enumerate(PARADOX):
        progress(k / len(PARADOX), f"contrast {c:g}")
        change = [
            facts.peak(model, p, contrast=c, extra_I=0.05) - facts.peak(model, p, contrast=c)
            for p in ("excitatory", "inhibitory")
        ]
        found.append(change)
    d_e, d_i = np.array(found).T
    return xr.Dataset(
        {"dr_E": ("contrast", d_e), "dr_I": ("contrast", d_i)},
        coords={"contrast": [float(c) for c in PARADOX]},
    )


def _paradox_compare(data: xarray.Dataset) -> list[Comparison]:
    found = [
        Comparison(f"change of the inhibitory peak at contrast {c}", v,
                   float(data.dr_I.sel(contrast=c)), max(0.03 * abs(v), 0.002), "Hz",
                   "with 5 % more input to the inhibitory units")
        for c, v in PARADOX.items()
    ]  # fmt: skip
    found.append(
        Comparison("excitatory rates fall at every contrast", 1.0, float((data.dr_E < 0).all()), 0)
    )
    return found


def _paradox_figure(data: xarray.Dataset) -> Any:
    c = data.contrast
    return lines(
        [(c, data.dr_E, "excitatory"), (c, data.dr_I, "inhibitory"), (c, 0 * c, "")],
        "Contrast", "Change with 5 % more input to I (Hz)", logx=True,
        points=[([], [], ""), (list(PARADOX), list(PARADOX.values()), "")],
    )  # fmt: skip


def _winner(model: Any, progress: Progress = no_progress) -> xarray.Dataset:
    """Weights of two orthogonal gratings in the response to both, A at contrast 40."""
    import xarray as xr

    a = facts.responses(model, contrast=40.0)["excitatory"]
    half = len(a) // 2
    found = []
    for k, c in enumerate(WINNER):
        progress(k / len(WINNER), f"mask {c:g}")
        b = np.roll(facts.responses(model, contrast=float(c))["excitatory"], half)
        both = facts.responses(model, contrast=40.0, mask=float(c))["excitatory"]
        found.append(np.linalg.lstsq(np.column_stack([a, b]), both, rcond=None)[0])
    w_a, w_b = np.array(found).T
    return xr.Dataset(
        {"w_A": ("mask", w_a), "w_B": ("mask", w_b)}, coords={"mask": [float(c) for c in WINNER]}
    )


def _winner_compare(data: xarray.Dataset) -> list[Comparison]:
    return [
        Comparison(f"weight of {name} with B at {c}", WINNER[c][k],
                   float(data[f"w_{name}"].sel(mask=c)), 0.0151,
                   note="two printed digits, and one per cent for the rates")
        for c in WINNER for k, name in enumerate("AB")
    ]  # fmt: skip


def _winner_figure(data: xarray.Dataset) -> Any:
    return lines(
        [(data["mask"], data.w_A, "A, contrast 40"), (data["mask"], data.w_B, "B")],
        "Contrast of B", "Weight in the response to both",
        points=[(list(WINNER), [w[k] for w in WINNER.values()], "") for k in range(2)],
    )  # fmt: skip


EXPERIMENTS = (
    Experiment("contrast", "Supralinear at low contrast, sublinear at high (the classic figure)",
               SOURCE, _contrast, _contrast_compare, _contrast_figure),
    Experiment("paradox", "More input to the inhibitory units, less inhibition", SOURCE, _paradox,
               _paradox_compare, _paradox_figure),
    Experiment("winner", "Two gratings: the stronger takes all", SOURCE, _winner, _winner_compare,
               _winner_figure),
)  # fmt: skip
