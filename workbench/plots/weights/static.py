"""The weight matrix of a projection: presynaptic columns, postsynaptic rows, 0 at the top."""

from __future__ import annotations

import textwrap
from typing import Any

import holoviews as hv
import numpy as np

from ...errors import ParameterError, unknown
from ...palette import DIVERGING, SEQUENTIAL, effect_color
from ...run import Run
from ...sparse import Spread, histogram, is_sparse
from .. import styling as ps
from ..kind import Table

FEW_CELLS = 40  # up to this many a side, cells are set apart by white lines
LABEL_CHARACTERS = 18  # of a line of the colour bar's label
VECTOR_CELLS = 4000  # a matrix up to this size stays vectors on paper
MOST_CELLS = 400  # larger ones are binned to this many cells a side: more cannot be printed
DENSITY_CELLS = 100  # a side: the share of pairs that are joined needs many of them in a cell
BESIDE = 0.4  # width of the histogram, of that of the matrix
JOINED = "Pairs joined"
FILLED = 1 / 3  # of the declared limits: below it, too few colours are left for the weights
MISSING = "#D9D9D9"  # where there is no synapse


def weights(run: Run, projection: str | None = None, at: int = -1) -> hv.QuadMesh | hv.Overlay:
    """Weights of one projection, grey where there is no synapse.

    The options are those that the kind declares.
    """
    ps.load_backend()
    if projection is None and not run.weights:
        frame = {"xlabel": "", "ylabel": "", "xticks": ps.NO_TICKS, "yticks": ps.NO_TICKS}
        room = {"xlim": (0, 1), "ylim": (0, 1)}
        message = hv.Overlay([ps.note("No weights were recorded", 0.5, 0.5)])
        return ps.style(message, {**frame, **room}, mpl={"hooks": [ps.no_axes]})
    projection = projection or default_projection(run)
    seen, shape = binned(run, projection, at)
    p = run.info.projection(projection)
    rows, columns = shape
    spread = spread_of(run, projection, at)
    if spread is not None:
        seen = 100 * spread.density
    # Cell edges in neuron numbers, so that a binned matrix keeps its axes.
    x = np.linspace(-0.5, columns - 0.5, seen.shape[1] + 1)
    y = np.linspace(-0.5, rows - 0.5, seen.shape[0] + 1)
    limits, diverging = _limits(seen, None if spread is not None else p.limits)
    # In short lines: a wide matrix is low, and its colour bar with it.
    named = ps.labelled(f"Weight, {p.in_words}", p.unit)
    label = textwrap.fill(
        named if spread is None else f"{JOINED}, {p.in_words} (%)",
        LABEL_CHARACTERS,
    )
    if len(run.weights[projection]["t_ms"]):
        t = float(run.weights[projection]["t_ms"][at])
        scale, unit = ps.time_unit(0.0, max(t, run.duration_ms))
        label += f"\nat {t * scale:.6g} {unit}"
    apart = max(seen.shape) <= FEW_CELLS
    return ps.style(
        hv.QuadMesh((x, y, seen), ["pre", "post"], hv.Dimension("w", label=label)),
        {
            "cmap": DIVERGING if diverging else SEQUENTIAL,
            "clim": limits,
            "clipping_colors": {"NaN": MISSING},
            "invert_yaxis": True,
            "xlabel": f"From {p.ends[0]}",
            "ylabel": f"To {p.ends[1]}",
            "xticks": _numbers(columns),
            "yticks": _numbers(rows),
        },
        mpl={"hooks": [_bar(label, apart, spread, ps.labelled("Weight", p.unit), p.sign)]},
        bokeh={
            "colorbar": True, "clabel": label, "width": 480, "height": 400,
            "line_color": "white" if apart else None,
        },
    )  # fmt: skip


def weight_table(run: Run, projection: str | None = None, at: int = -1) -> Table:
    """A row a synapse."""
    if projection is None and not run.weights:
        return ("pre", "post", "weight"), ()
    projection = projection or default_projection(run)
    w = moment(run, projection, at)
    unit = run.info.projection(projection).unit
    name = "weight" if unit == "1" else f"weight_{unit}"
    i, j = (run.weights[projection][part].tolist() for part in ("i", "j"))
    return ("pre", "post", name), zip(i, j, w.tolist(), strict=True)


def height_mm(
    width_mm: float, run: Run, element: Any, projection: str | None = None, **_options: Any
) -> float | None:
    """In proportion to the matrix, within what can be read."""
    if not isinstance(element, hv.QuadMesh):
        return None
    p = run.info.projection(projection or default_projection(run))
    rows, columns = run.info.population(p.target).entries, run.info.population(p.source).entries
    ratio = min(max(rows / max(columns, 1), 0.25), 1.0)
    if element.vdims[0].label.startswith(JOINED):  # it shares the width with a histogram
        ratio *= 0.6
    return min(max((width_mm - 30.0) * ratio, 24.0), 95.0) + ps.BELOW_MM


def spread_of(run: Run, projection: str, at: int = -1) -> Spread | None:
    """Density and histogram of a projection that is sparse; None of one whose matrix says all."""
    values = moment(run, projection, at)
    w, p = run.weights[projection], run.info.projection(projection)
    shape = (run.info.population(p.target).entries, run.info.population(p.source).entries)
    cells = (min(shape[0], DENSITY_CELLS), min(shape[1], DENSITY_CELLS))
    if not is_sparse(len(values), shape, cells):
        return None
    row, column = (
        np.asarray(w[part], dtype=np.int64) * c // n
        for part, c, n in zip(("j", "i"), cells, shape, strict=True)
    )
    found = np.bincount(row * cells[1] + column, minlength=cells[0] * cells[1]).reshape(cells)
    pairs = np.outer(
        *(np.bincount(np.arange(n) * c // n) for c, n in zip(cells, shape, strict=True))
    )
    return Spread(found / pairs, *histogram(values))


def _histogram(axes: Any, spread: Spread, label: str, sign: str) -> None:
    """Bars, from a weight of zero, as what a weight is worth is its distance from there."""
    from matplotlib.ticker import MaxNLocator

    axes.stairs(spread.counts, spread.edges, fill=True, color=effect_color(sign, ps.GREY))
    low, high = float(spread.edges[0]), float(spread.edges[-1])
    room = 0.05 * (high - low)
    axes.set_xlim(min(low - room, 0.0), max(high + room, 0.0))
    axes.set_xlabel(label)
    axes.set_ylabel("Synapses")
    axes.ticklabel_format(axis="y", style="plain")
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.xaxis.set_major_locator(MaxNLocator(2))
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def binned(run: Run, projection: str, at: int = -1) -> tuple[np.ndarray, tuple[int, int]]:
    """The matrix with at most ``MOST_CELLS`` a side, NaN where there is no synapse, and its shape.

    Where several synapses fall into a cell it holds their mean. raises : UnknownName,
    ParameterError
    """
    values = moment(run, projection, at)
    w = run.weights[projection]
    p = run.info.projection(projection)
    shape = (run.info.population(p.target).entries, run.info.population(p.source).entries)
    cells = tuple(min(n, MOST_CELLS) for n in shape)
    row, column = (
        np.asarray(w[part], dtype=np.int64) * c // n
        for part, c, n in zip(("j", "i"), cells, shape, strict=True)
    )
    place = row * cells[1] + column
    count = np.bincount(place, minlength=cells[0] * cells[1])
    total = np.bincount(place, weights=values, minlength=cells[0] * cells[1])
    mean = np.divide(total, count, out=np.full(len(total), np.nan), where=count > 0)
    return mean.reshape(cells), shape


def moment(run: Run, projection: str, at: int = -1) -> np.ndarray:
    """The weights of one projection as they were recorded at one moment, (n_syn,)."""
    if projection not in run.weights:
        raise unknown("projection with weights", projection, run.weights, owner=run.model)
    w = run.weights[projection]
    moments = len(w["w"])
    if not -moments <= at < moments:
        raise ParameterError(
            f"at = {at} is not allowed: the weights of {projection} were recorded "
            f"{moments} times, so it is between 0 and {moments - 1}, or -1 for the last."
        )
    return np.asarray(w["w"][at])


def default_projection(run: Run) -> str:
    """The projection to show when none is named: a plastic one where there is one."""
    if not run.weights:
        raise ParameterError(f"This run of {run.model} has no weights to show.")
    plastic = [p.name for p in run.info.projections if p.plastic and p.name in run.weights]
    return plastic[0] if plastic else next(iter(run.weights))


def _limits(
    seen: np.ndarray, declared: tuple[float, float] | None
) -> tuple[tuple[float, float], bool]:
    """Limits of the colours, and whether they diverge around zero.

    Those that are declared, or those of the weights if these fill few of them.
    """
    finite = seen[np.isfinite(seen)]
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 0.0)
    if declared is not None:
        least, most = (float(v) for v in declared)
        reached = max(high, 0.0) - min(low, 0.0)
        if not 0 < reached < FILLED * (most - least):
            low, high = least, most
    if low < 0 < high:
        most = max(-low, high)
        return (-most, most), True
    return (min(low, 0.0), max(high, 0.0)) if low or high else (0.0, 1.0), False


def _numbers(n: int) -> list[int] | int:
    """Whole neuron numbers for an axis of ``n`` neurons."""
    if n <= 12:
        return list(range(n))
    step = next(s * 10**k for k in range(9) for s in (1, 2, 5) if n / (s * 10**k) <= 6)
    return list(range(0, n, step))


def _bar(label: str, apart: bool, spread: Spread | None, weight: str, sign: str) -> Any:
    """Lines between cells, and a colour bar inside the layout, where HoloViews puts none.

    Of a sparse projection, whose density is drawn, also how often each weight occurs.
    """

    def add(plot: Any, _element: Any) -> None:
        mesh = plot.handles["artist"]
        # Without an edge of their own colour, readers draw hairlines between the cells.
        mesh.set_edgecolor("white" if apart else "face")
        mesh.set_linewidth(0.5 if apart else 0.1)
        mesh.set_rasterized(mesh.get_array().size > VECTOR_CELLS)
        axes = plot.handles["axis"]
        if spread is not None:
            halves = axes.get_subplotspec().subgridspec(1, 2, width_ratios=(1.0, BESIDE))
            axes.set_subplotspec(halves[0])
            _histogram(axes.figure.add_subplot(halves[1]), spread, weight, sign)
        ps.color_bar(plot, label)
        for side in ("left", "bottom"):
            axes.spines[side].set_visible(False)
        axes.tick_params(length=0)

    return add
