"""A run as HoloViews elements, for paper through Matplotlib. Pure functions of run and options."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import holoviews as hv
import numpy as np

from .errors import ParameterError, unknown
from .palette import DIVERGING, SEQUENTIAL, population_colors
from .run import Run
from .views.bands import Bands

TALL_ROWS = 400  # fewer rows than this are drawn as strokes as tall as a row, more as dots
FEW_CELLS = 4000  # weight matrices up to this size stay vectors
MOST_CELLS = 400  # larger ones are binned to this many cells a side: more cannot be printed

Range = tuple[float, float] | None


def load_backend() -> None:
    """Load HoloViews' Matplotlib backend without making it everybody's."""
    if "matplotlib" not in hv.Store.renderers:
        backend = hv.Store.current_backend
        import holoviews.plotting.mpl  # noqa: F401

        hv.Store.set_current_backend(backend)


def colors_of(run: Run) -> dict[str, str]:
    """Colour of each population, as on screen."""
    return population_colors([p.name for p in run.info.populations])


def raster(run: Run, populations: Sequence[str] | None = None, t_ms: Range = None) -> hv.Overlay:
    """Spikes of all populations, stacked, neuron 0 of the first population at the top."""
    load_backend()
    names = [p.name for p in run.info.populations]
    for name in populations or ():
        if name not in names:
            raise unknown("population", name, names, owner=run.model)
    shown = [p for p in run.info.populations if populations is None or p.name in populations]
    bands = Bands(tuple(shown))
    low, high = t_ms or (0.0, run.duration_ms)
    scale, unit = _time(high - low)
    layers = []
    tall = sum(p.size for p in shown) <= TALL_ROWS
    for k, p in enumerate(shown):
        t, i = run.spikes(p.name)
        keep = (t >= low) & (t <= high)
        t, y = t[keep] * scale, bands.y[p.offset + i[keep]]
        color = colors_of(run)[p.name]
        if tall:
            half = 0.4 * bands.row[k]
            layer = hv.Segments((t, y - half, t, y + half), [_t(unit), "y0", "t1", "y1"])
            layers.append(layer.opts(color=color, linewidth=0.9, backend="matplotlib"))
        else:
            layer = hv.Points((t, y), [_t(unit), "y0"])
            layers.append(
                layer.opts(color=color, s=0.6, marker="o", linewidth=0, backend="matplotlib")
            )
    ticks = [(float(bands.bottom[k] + bands.height[k] / 2), p.label) for k, p in enumerate(shown)]
    lines = [
        hv.HLine(float(y)).opts(color="0.85", linewidth=0.4, backend="matplotlib")
        for y in bands.separators
    ]
    return hv.Overlay([*lines, *layers]).opts(
        xlim=(low * scale, high * scale),
        ylim=(0, bands.total),
        yticks=ticks,
        ylabel="",
        xlabel=f"Time ({unit})",
        show_legend=False,
        backend="matplotlib",
    )


def rates(
    run: Run, populations: Sequence[str] | None = None, bin_ms: float | None = None
) -> hv.Overlay:
    """Rate of each population in bins of ``bin_ms`` (by default a hundredth of the run)."""
    load_backend()
    centres, table = rate_table(run, populations, bin_ms)
    scale, unit = _time(run.duration_ms)
    curves = {
        name: hv.Curve((centres * scale, hz), _t(unit), "rate").opts(
            color=colors_of(run)[name], linewidth=0.9, backend="matplotlib"
        )
        for name, hz in table.items()
    }
    top = max((float(hz.max()) for hz in table.values() if len(hz)), default=0.0)
    return hv.Overlay([c.relabel(n.replace("_", " ")) for n, c in curves.items()]).opts(
        xlabel=f"Time ({unit})",
        ylabel="Rate (Hz)",
        xlim=(0, run.duration_ms * scale),
        ylim=(0, 1.05 * top or 1.0),
        legend_position="right",
        backend="matplotlib",
    )


def rate_table(
    run: Run, populations: Sequence[str] | None = None, bin_ms: float | None = None
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Bin centres in ms, and the rate of each population in Hz, (bins,)."""
    width = bin_ms or max(run.info.dt_ms, run.info.tick_ms, run.duration_ms / 100)
    if not width > 0:
        raise ParameterError(f"bin_ms = {bin_ms!r} is not allowed: it must be above 0.")
    edges = np.arange(0, max(run.duration_ms, width) + width / 2, width)
    sizes = run.populations
    for name in populations or ():
        if name not in sizes:
            raise unknown("population", name, sizes, owner=run.model)
    table = {
        name: np.histogram(run.spikes(name)[0] + 1e-9, edges)[0] / sizes[name] / (width / 1e3)
        for name in populations or sizes
    }
    return (edges[:-1] + edges[1:]) / 2, table


def traces(run: Run, name: str | None = None, t_ms: Range = None) -> hv.Overlay:
    """Samples of one recorded state, a line for each neuron."""
    load_backend()
    name = name or next(iter(run.states), None)
    if name is None:
        raise ParameterError(
            f"This run of {run.model} has no recorded states: say record={{...}} when running."
        )
    values = run.state(name)
    population, _, variable = name.partition(".")
    low, high = t_ms or (0.0, run.duration_ms)
    scale, unit = _time(high - low)
    keep = (run.state_t >= low) & (run.state_t <= high)
    neurons = run.info.watched.get(name, range(values.shape[1]))
    shades = _shades(colors_of(run).get(population, "#332288"), values.shape[1])
    lines = [
        hv.Curve(
            (run.state_t[keep] * scale, column[keep]), _t(unit), "value", label=f"neuron {n}"
        ).opts(color=shade, linewidth=0.8, backend="matplotlib")
        for n, column, shade in zip(neurons, values.T, shades, strict=False)
    ]
    label = f"{population} {variable}".replace("_", " ")
    measure = run.info.traces.get(name, "1")
    return hv.Overlay(lines).opts(
        xlabel=f"Time ({unit})",
        ylabel=label if measure == "1" else f"{label} ({measure})",
        xlim=(low * scale, high * scale),
        legend_position="right",
        backend="matplotlib",
    )


def weights(run: Run, projection: str | None = None, at: int = -1) -> hv.Element:
    """Weight matrix of one projection: presynaptic columns, postsynaptic rows, 0 at the top."""
    load_backend()
    projection = projection or default_projection(run)
    matrix = run.weight_matrix(projection, at)
    p = run.info.projection(projection)
    high = float(np.nanmax(np.abs(matrix))) if np.isfinite(matrix).any() else 1.0
    signed = bool((matrix < 0).any() and (matrix > 0).any())
    limits = p.limits or ((-high, high) if signed else tuple(sorted((0.0, _end(matrix, high)))))
    rows, columns = matrix.shape
    seen = _binned(matrix)
    # Cell edges in neuron numbers, so that a binned matrix keeps its axes.
    x = np.linspace(-0.5, columns - 0.5, seen.shape[1] + 1)
    y = np.linspace(-0.5, rows - 0.5, seen.shape[0] + 1)
    unit = "" if p.unit == "1" else f" ({p.unit})"
    return hv.QuadMesh((x, y, seen), ["pre", "post"], hv.Dimension("w")).opts(
        cmap=DIVERGING if signed else SEQUENTIAL,
        clim=limits,
        hooks=[_color_bar(f"Weight{unit}")],
        invert_yaxis=True,
        xlabel=f"From {p.source}".replace("_", " "),
        ylabel=f"To {p.target}".replace("_", " "),
        backend="matplotlib",
    )


def _binned(matrix: np.ndarray) -> np.ndarray:
    """At most ``MOST_CELLS`` a side: the mean weight of the synapses in each cell."""
    steps = [int(np.ceil(n / MOST_CELLS)) for n in matrix.shape]
    if steps == [1, 1]:
        return matrix
    there = np.isfinite(matrix)
    parts = [np.arange(0, n, step) for n, step in zip(matrix.shape, steps, strict=True)]
    total, count = np.where(there, matrix, 0), there.astype(float)
    for axis, starts in enumerate(parts):
        total, count = (np.add.reduceat(m, starts, axis=axis) for m in (total, count))
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _color_bar(label: str) -> Callable[[Any, Any], None]:
    """HoloViews puts its colour bar outside the layout; this one has a place of its own."""

    def add(plot: Any, element: Any) -> None:
        mesh = plot.handles["artist"]
        mesh.set_rasterized(mesh.get_array().size > FEW_CELLS)
        axes = plot.handles["axis"]
        bar = axes.figure.colorbar(mesh, ax=axes, shrink=0.9, pad=0.02)
        bar.set_label(label)
        bar.outline.set_linewidth(0.4)

    return add


def default_projection(run: Run) -> str:
    """The projection to show when none is named: a plastic one where there is one."""
    if not run.weights:
        raise ParameterError(f"This run of {run.model} has no weights to show.")
    plastic = [p.name for p in run.info.projections if p.plastic and p.name in run.weights]
    return plastic[0] if plastic else next(iter(run.weights))


VIEWS: dict[str, Callable[..., Any]] = {
    "raster": raster,
    "rates": rates,
    "traces": traces,
    "weights": weights,
}


def _t(unit: str) -> hv.Dimension:
    return hv.Dimension(f"time_{unit}")


def _time(span_ms: float) -> tuple[float, str]:
    """Factor from ms, and the unit in which a span is best read."""
    return (1e-3, "s") if span_ms >= 2000 else (1.0, "ms")


def _end(matrix: np.ndarray, high: float) -> float:
    value = high if np.nanmax(np.nan_to_num(matrix)) > 0 else -high
    return value or 1.0


def _shades(color: str, n: int) -> list[Any]:
    """``n`` shades of one colour, the first the colour itself."""
    from matplotlib.colors import to_rgb

    base = np.array(to_rgb(color))
    return [tuple(base + (1 - base) * 0.6 * k / max(n, 1)) for k in range(n)]
