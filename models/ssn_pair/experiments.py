"""Experiments on the two-population circuit: steady states, and the quenching of noise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from workbench.model.experiment import Option, Progress, no_progress
from workbench.model.model import Comparison, Experiment

from .._shared.figures import layout, lines
from .._shared.ssn_reference import OSCILLATION, PAIR, TWO_POPULATIONS, half_unit
from .._shared.variants import fast_engine, varied
from . import facts

if TYPE_CHECKING:
    import xarray


def _states(
    model: Any,
    progress: Progress = no_progress,
    noise_s: Annotated[
        float, Option("simulated seconds of noise at each input", "Noise at each input (s)")
    ] = 60.0,
) -> xarray.Dataset:
    import xarray as xr

    inputs = (0.5, *PAIR, 10, 25)
    rows = []
    weak = varied(model, sigma_E=0.02, sigma_I=0.01)
    for k, h in enumerate(sorted(inputs)):
        progress(k / len(inputs), f"h = {h:g} mV")
        r = facts.steady(model, h)
        feedback = float(model.W_EE * facts.gain_of(r, model.k, model.n_power)[0])
        sd = facts.simulated_sd(weak, h, 1e3 * noise_s, fast_engine())[0] * 10
        slowest = facts.rates_of_decay(model, h)[0]
        rows.append((h, *r, feedback, slowest.real, abs(slowest.imag),
                     10 * facts.predicted_sd(weak, h)[0], sd))  # fmt: skip
    names = ("h", "r_E", "r_I", "feedback", "slowest", "oscillation", "sd_predicted", "sd")
    columns = dict(zip(names, np.array(rows).T, strict=True))
    return xr.Dataset(
        {n: ("h", v) for n, v in columns.items() if n != "h"}, coords={"h": columns["h"]}
    )


def _compare(data: xarray.Dataset) -> list[Comparison]:
    found = []
    for k, (name, share, unit) in enumerate(
        (
            ("r_E", 0.01, "Hz"),
            ("r_I", 0.01, "Hz"),
            ("feedback", 0.01, "1"),
            ("slowest", 0.015, "Hz"),
        )
    ):
        for h, row in PAIR.items():
            if np.isfinite(row[k]):
                tol = max(share * abs(row[k]), half_unit(row[k]))
                found.append(
                    Comparison(f"{name} at h = {h} mV", row[k], float(data[name].sel(h=h)), tol,
                               unit, TWO_POPULATIONS)
                )  # fmt: skip
    for h, value in OSCILLATION.items():
        found.append(
            Comparison(f"oscillation of the slowest mode at h = {h} mV", value,
                       float(data.oscillation.sel(h=h)), 0.5, "Hz", "imaginary part, rad/s")
        )  # fmt: skip
    falls = float(data.r_E.sel(h=20) < data.r_E.sel(h=15))
    found.append(
        Comparison("excitatory rate falls from h = 15 to 20 mV (supersaturation)", 1.0, falls, 0.0)
    )
    largest = float(data.h[int(data.sd.values.argmax())])
    found.append(Comparison("input at which noise is largest", 2.0, largest, 1.0, "mV",
                            "where the slowest mode is slowest"))  # fmt: skip
    ratio = float((data.sd / data.sd_predicted).sel(h=15))
    found.append(Comparison("noise at h = 15 mV over the linear prediction", 1.0, ratio, 0.1))
    return found


def _figure(data: xarray.Dataset) -> Any:
    h, known = data.h, list(PAIR)
    return layout(
        lines([(h, data.r_E, "excitatory"), (h, data.r_I, "inhibitory")], "Input h (mV)",
              "Rate (Hz)",
              points=[(known, [PAIR[k][c] for k in known], "") for c in range(2)]),
        lines([(h, data.sd, "simulated")], "Input h (mV)", "SD of V_E (mV)",
              dashed=[(h, data.sd_predicted, "linear circuit")]),
        lines([(h, data.slowest, "")], "Input h (mV)", "Slowest rate (1/s)",
              points=[(known, [PAIR[k][3] for k in known], "")]),
        columns=3,
    )  # fmt: skip


EXPERIMENTS = (
    Experiment("inputs", "Steady states, and where noise is quenched (the classic figure)",
               f"Hennequin et al. 2018; numbers: {TWO_POPULATIONS}", _states, _compare, _figure),
)  # fmt: skip
