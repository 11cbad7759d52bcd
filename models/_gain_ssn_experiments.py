"""Experiments on the supralinear ring: contrast, paradoxical inhibition, winner takes all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from models import _gain_ssn_facts as facts
from models._gain_figures import layout, lines
from models._gain_ssn_tables import INDEPENDENT, PARADOX, RING, WINNER, half_unit
from models._gain_tools import Progress, no_progress
from workbench.model import Comparison, Experiment

if TYPE_CHECKING:
    import xarray

SOURCE = "Rubin, Van Hooser & Miller 2015, model of the ring; numbers: " + INDEPENDENT


def _contrast(model: Any, progress: Progress = no_progress) -> xarray.Dataset:
    import xarray as xr

    contrasts = np.array(sorted(RING), float)
    rows = []
    for k, c in enumerate(contrasts):
        progress(k / len(contrasts), f"contrast {c:g}")
        near = [facts.peak(model, "excitatory", contrast=c * f) for f in (0.99, 1.01)]
        exponent = np.log(near[1] / near[0]) / np.log(1.01 / 0.99)
        rates = [facts.peak(model, p, contrast=c) for p in ("excitatory", "inhibitory")]
        rows.append((*rates, exponent, facts.plaid_weight(model, c), facts.alone(model, c)))
    names = ("r_E", "r_I", "exponent", "plaid", "alone")
    profile = facts.responses(model, contrast=40.0)
    return xr.Dataset(
        {n: ("contrast", v) for n, v in zip(names, np.array(rows).T, strict=True)}
        | {f"profile_{k[0]}": ("site", v) for k, v in profile.items()},
        coords={"contrast": contrasts},
    )


def _contrast_compare(data: xarray.Dataset) -> list[Comparison]:
    labels = {
        "r_E": ("peak rate, excitatory", 0.01, "Hz"), "r_I": ("peak rate, inhibitory", 0.01, "Hz"),
        "exponent": ("local exponent", 0.02, "1"), "plaid": ("plaid weight", 0.01, "1"),
        "alone": ("largest eigenvalue of E alone", 0.015, "1"),
    }  # fmt: skip
    found = []
    for column, (name, (label, share, unit)) in enumerate(labels.items()):
        for c, row in RING.items():
            tol = max(share * abs(row[column]), half_unit(row[column]) * 1.02)
            ours = float(data[name].sel(contrast=c))
            found.append(Comparison(f"{label} at contrast {c:g}", row[column], ours, tol, unit))
    return found


def _contrast_figure(data: xarray.Dataset) -> Any:
    c = data.contrast.values
    angle = 180.0 * np.arange(data.sizes["site"]) / data.sizes["site"]
    ring = {k: [row[k] for row in RING.values()] for k in range(5)}
    return layout(
        lines([(c, data.r_E, "excitatory"), (c, data.r_I, "inhibitory")], "Contrast",
              "Peak rate (Hz)", logx=True, logy=True,
              points=[(list(RING), ring[0], ""), (list(RING), ring[1], "")]),
        lines([(c, data.exponent, "local exponent"), (c, np.ones(len(c)), "linear")], "Contrast",
              "d log r / d log c", logx=True, points=[(list(RING), ring[2], "")]),
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
               SOURCE, _contrast, _contrast_compare, _contrast_figure, {}),
    Experiment("paradox", "More input to the inhibitory units, less inhibition", SOURCE, _paradox,
               _paradox_compare, _paradox_figure, {}),
    Experiment("winner", "Two gratings: the stronger takes all", SOURCE, _winner, _winner_compare,
               _winner_figure, {}),
)  # fmt: skip
