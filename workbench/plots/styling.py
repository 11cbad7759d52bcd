"""What the plots of a run share: options for both backends, axes of time, names and units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import ParameterError, unknown
from ..palette import population_colors
from ..run import Run
from .in_words import with_unit

if TYPE_CHECKING:  # it takes a second to load, and models that only mention `style` do not need it
    import holoviews as hv

Range = tuple[float, float] | None
GREY = "#6B6B6B"
RULE = "#C9C9C9"  # between bands
FAINT = "#EEEEEE"  # a row of one neuron
NO_TICKS = [(0, "")]  # an empty list would be an error to Bokeh
LATE_MS = 1e5
ROW_MM = 5.2  # of a figure: a population's row with its name
BELOW_MM = 11.0  # of a figure: tick labels and the label of the x axis
SCREEN = {"width": 760, "height": 380}  # Bokeh's plot, when HoloViews shows one


def load_backend() -> None:
    """Load HoloViews' Matplotlib backend without making it everybody's."""
    import holoviews as hv

    if "matplotlib" not in hv.Store.renderers:
        backend = hv.Store.current_backend
        import holoviews.plotting.mpl

        hv.Store.set_current_backend(backend)


def style(
    element: Any,
    common: dict[str, Any] | None = None,
    *,
    mpl: dict[str, Any] | None = None,
    bokeh: dict[str, Any] | None = None,
) -> Any:
    """Apply options for paper, and for the screen where HoloViews' Bokeh backend is loaded."""
    import holoviews as hv

    load_backend()
    for backend, own in (("matplotlib", mpl), ("bokeh", bokeh)):
        options = {**(common or {}), **(own or {})}
        if options and backend in hv.Store.renderers:
            element = element.opts(backend=backend, **options)
    return element


def colors_of(run: Run) -> dict[str, str]:
    """Colour of each population, as on screen."""
    return population_colors(run.info.populations)


def span_of(run: Run, t_ms: Range) -> tuple[float, float]:
    """What is shown: ``t_ms``, or the whole run; raises ParameterError when it ends early."""
    if t_ms is None:
        return 0.0, max(run.duration_ms, run.info.dt_ms)
    try:
        low, high = (float(t) for t in t_ms)
    except (TypeError, ValueError) as error:
        raise ParameterError(f"t_ms = {t_ms!r} is not allowed: give (start, end) in ms.") from error
    if not low < high:
        raise ParameterError(f"t_ms = ({low:g}, {high:g}) is not allowed: it must end later.")
    return low, high


def time_unit(low_ms: float, high_ms: float) -> tuple[float, str]:
    """Factor from ms, and the unit in which a span is best read.

    Seconds late in a long run too: six digits of milliseconds do not fit under an axis.
    """
    late = max(abs(low_ms), abs(high_ms)) >= LATE_MS
    return (1e-3, "s") if late or high_ms - low_ms >= 2000 else (1.0, "ms")


def time_axis(low: float, high: float) -> dict[str, Any]:
    """Limits and label of an axis of time; a little room, so that no mark is cut at the edge."""
    scale, unit = time_unit(low, high)
    room = 0.006 * (high - low)
    return {"xlim": ((low - room) * scale, (high + room) * scale), "xlabel": f"Time ({unit})"}


def t_dimension(unit: str) -> hv.Dimension:
    import holoviews as hv

    return hv.Dimension(f"time_{unit}", label=f"Time ({unit})")


def wanted(run: Run, populations: Any) -> list[Any]:
    """The populations to show, in the order of the network; raises UnknownName.

    None means those that spike, or all where none does.
    """
    if isinstance(populations, str):
        populations = [populations]
    names = [p.name for p in run.info.populations]
    for name in populations or ():
        if name not in names:
            raise unknown("population", name, names, owner=run.model)
    if populations is None:
        return list(run.info.spikers or run.info.populations)
    return [p for p in run.info.populations if p.name in populations]


def note(text: str, x: float, y: float) -> hv.Text:
    """What a plot without data says, in its middle."""
    import holoviews as hv

    return style(hv.Text(x, y, text, fontsize=8), mpl={"color": GREY}, bokeh={"text_color": GREY})


def sentence(text: str) -> str:
    """Sentence case, leaving every letter but the first as it is."""
    return text[:1].upper() + text[1:]


def labelled(what: str, unit: str) -> str:
    """``"Content cue v (mV)"``: a parameter and its unit, as an axis names them.

    A symbol keeps its letter: r is not R.
    """
    message = with_unit(what, unit)
    return message if len(message.split()[0]) == 1 else sentence(message)


def shades(color: str, n: int) -> list[str]:
    """``n`` shades of one colour, from the colour itself to a lighter one."""
    from matplotlib.colors import to_hex, to_rgb

    base = np.array(to_rgb(color))
    return [to_hex(base + (1 - base) * 0.65 * k / max(n - 1, 1)) for k in range(n)]


def no_axis_line(plot: Any, _element: Any) -> None:
    """Names at the left need neither a line nor ticks."""
    axes = plot.handles["axis"]
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)


def no_axes(plot: Any, element: Any) -> None:
    """A plot that says only that there is nothing needs no axes at all."""
    no_axis_line(plot, element)
    axes = plot.handles["axis"]
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(axis="x", length=0)


def color_bar(plot: Any, label: str) -> None:
    """A colour bar inside the layout, where HoloViews puts none."""
    axes = plot.handles["axis"]
    bar = axes.get_figure().colorbar(
        plot.handles["artist"], ax=axes, shrink=0.95, pad=0.02, aspect=18
    )
    bar.set_label(label)
    bar.outline.set_visible(False)
    bar.ax.tick_params(width=0.4, length=2)


def legend_on_top(plot: Any, _element: Any) -> None:
    """A legend above the axes, as wide as it needs to be; HoloViews would stretch it."""
    axes = plot.handles["axis"]
    handles, labels = axes.get_legend_handles_labels()
    named = [(h, n) for h, n in zip(handles, labels, strict=True) if n]
    if not named:
        return
    canvas = axes.get_figure(root=True).canvas
    for columns in range(min(len(named), 6), 0, -1):
        legend = axes.legend(
            *zip(*named, strict=True), loc="lower left", bbox_to_anchor=(0, 1), ncol=columns,
            borderaxespad=0.1, borderpad=0.1, handlelength=1.0, handletextpad=0.4,
            columnspacing=1.2, labelspacing=0.25, frameon=False, fontsize=6,
        )  # fmt: skip
        if not hasattr(canvas, "get_renderer"):
            return
        width = legend.get_window_extent(canvas.get_renderer()).width
        if width < 0.76 * axes.figure.bbox.width:  # the rest is for the axis at the left
            return
