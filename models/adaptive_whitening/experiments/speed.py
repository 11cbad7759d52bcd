"""How fast frames whiten: many random inputs, and contexts that come back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from workbench.model.experiment import Option, Progress, no_progress
from workbench.model.model import Comparison, Experiment

from ..._shared.figures import layout, lines
from .. import frames

if TYPE_CHECKING:
    import xarray

ICML = "arXiv 2301.11955, settings of the authors' programs"
KINDS = ("spectral", "equiangular", "random")
WHITE = 1e-3  # an error that small counts as white
SIGN = "yes or no: the papers' figures could not be read"


def mean_updates(
    C: np.ndarray, W: np.ndarray, g: np.ndarray, eta: float, steps: int
) -> tuple[np.ndarray, np.ndarray]:
    """Mean updates of many circuits side by side: last gains (R, K), errors (steps, R).

    C : (R, N, N) covariances;  W : (R, N, K) frames;  g : (R, K) gains at the start
    """
    eye, Wt, g = np.eye(C.shape[1]), W.transpose(0, 2, 1), np.array(g, float)
    target = np.einsum("rik,rik->rk", W, W)
    errors = np.empty((steps, len(C)))
    for k in range(steps):
        inverse = np.linalg.inv(eye + (W * g[:, None, :]) @ Wt)
        seen = inverse @ C @ inverse
        errors[k] = np.abs(np.linalg.eigvalsh(seen - eye)).max(axis=1)
        g = g + eta * (np.einsum("rik,rik->rk", W, seen @ W) - target)
    return g, errors


# -- many random inputs ------------------------------------------------------------------------


def _convergence(
    model: Any,
    progress: Progress = no_progress,
    steps: Annotated[int, Option("mean updates; the source shows 100,000")] = 10_000,
    repeats: Annotated[int, Option("random inputs")] = 100,
) -> xarray.Dataset:
    import xarray as xr

    rng = np.random.default_rng(0)
    n, k, repeats = 2, 3, int(repeats)
    axes = np.linalg.qr(rng.standard_normal((repeats, n, n)))[0]
    spectrum = np.exp(0.1 * (np.linspace(-3, 3, n) + rng.standard_normal((repeats, n))))
    C = (axes * spectrum[:, None, :]) @ axes.transpose(0, 2, 1)
    errors = []
    for j, kind in enumerate(KINDS):
        progress(j / 3, f"{kind} frame")
        W = np.array([frames.frame(kind, n, k, c[None], seed=s) for s, c in enumerate(C)])
        errors.append(mean_updates(C, W, np.zeros((repeats, k)), 1e-2, int(steps))[1])
    found = np.array(errors)
    first = np.where((found < WHITE).any(axis=1), (found < WHITE).argmax(axis=1), np.nan)
    return xr.Dataset(
        {"error": (("frame", "step", "part"),
                   np.moveaxis(np.percentile(found, [25, 50, 75], axis=2), 0, 2)),
         "needed": (("frame", "repeat"), first)},
        coords={"frame": list(KINDS), "step": np.arange(int(steps)), "part": [25, 50, 75]},
        attrs={"repeats": repeats},
    )  # fmt: skip


def _convergence_compare(data: xarray.Dataset) -> list[Comparison]:
    n = data.attrs["repeats"]
    found = []
    for kind in KINDS:
        low, middle, high = (float(v) for v in data.error.sel(frame=kind)[-1])
        found.append(
            Comparison(f"median error of {n} inputs, {kind} frame, last step", 0.0, middle, WHITE,
                       note="closed form: K = N(N+1)/2; ± half the distance of the quartiles",
                       error=(high - low) / 2)
        )  # fmt: skip
    needed = data.needed.median("repeat")
    slowest = float(needed.sel(frame="random") > needed.drop_sel(frame="random").max())
    steps = ", ".join(f"{k} {float(needed.sel(frame=k)):.0f}" for k in KINDS)
    return [
        *found,
        Comparison("the random frame takes longest", 1.0, slowest, 0.0,
                   note=f"median steps to an error of {WHITE:g}: {steps}; {SIGN}"),
    ]  # fmt: skip


def _convergence_figure(data: xarray.Dataset) -> Any:
    kept = np.unique(np.geomspace(1, data.sizes["step"] - 1, 250).astype(int))

    def of(part: int, named: bool) -> list[Any]:
        return [
            (kept, np.maximum(data.error.sel(frame=k, part=part)[kept], 1e-16), k if named else "")
            for k in KINDS
        ]

    # Each frame has its colour: a median, and dashed its quartiles.
    return layout(
        *(
            lines(of(50, True)[j : j + 1], "Step", "Error |C_yy − I|", logx=True, logy=True,
                  dashed=[of(25, False)[j]], title=f"{kind}: median, dashed lower quartile")
            for j, kind in enumerate(KINDS)
        ),
        columns=3,
    )  # fmt: skip


# -- contexts that come back -------------------------------------------------------------------


def _revisits(
    model: Any,
    progress: Progress = no_progress,
    steps: Annotated[int, Option("mean updates in each of the four blocks")] = 10_000,
) -> xarray.Dataset:
    """Six dimensions, 21 interneurons: do they know both contexts' axes, or none?"""
    import xarray as xr

    C = frames.contexts("random", 6, 2, shared_axes=False, seed=1)
    W = np.array([frames.frame(kind, 6, 21, C, seed=1) for kind in ("spectral", "random")])
    g, errors = np.zeros((2, 21)), []
    for block in range(4):
        progress(block / 4, f"context {block % 2}, block {block + 1} of 4")
        g, error = mean_updates(np.repeat(C[block % 2][None], 2, 0), W, g, 1e-3, int(steps))
        errors.append(error)
    return xr.Dataset(
        {"error": (("step", "frame"), np.concatenate(errors))},
        coords={"frame": ["both contexts' axes", "random"], "step": np.arange(4 * int(steps))},
    )


def _revisits_compare(data: xarray.Dataset) -> list[Comparison]:
    steps = data.sizes["step"] // 4
    ends = data.error.values[steps - 1 :: steps]
    return [
        Comparison(f"block {k + 1}: error at its end lower with both contexts' axes", 1.0,
                   float(own < random), 0.0, note=f"{own:.2g} against {random:.2g}; {SIGN}")
        for k, (own, random) in enumerate(ends)
    ]  # fmt: skip


def _revisits_figure(data: xarray.Dataset) -> Any:
    kept = np.arange(0, data.sizes["step"], max(1, data.sizes["step"] // 1000))
    curves = [(kept, data.error.sel(frame=f)[kept], str(f.values)) for f in data.frame]
    return lines(curves, "Step (contexts 0, 1, 0, 1)", "Error |C_yy − I|", logy=True)


SPEED = (
    Experiment("convergence", "How fast each frame whitens: medians of a hundred inputs", ICML,
               _convergence, _convergence_compare, _convergence_figure),
    Experiment("revisits", "Contexts that come back: frames that know their axes, and others",
               ICML, _revisits, _revisits_compare, _revisits_figure),
)  # fmt: skip
