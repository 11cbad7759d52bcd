"""The distribution of weights on paper."""

from __future__ import annotations

from typing import Any

import holoviews as hv
import numpy as np

from ...errors import ParameterError
from ...palette import effect_color
from ...run import Run
from .. import styling as ps
from ..kind import Table
from ..weight_matrix.moment import moment_of

BINS = 40
MOST_BINS = 10_000


def histogram(
    run: Run, name: str | None = None, at_ms: float | None = None, bins: int = BINS
) -> Any:
    """How many synapses lie in each bin; the bins span all recorded times.

    The options are those that the kind declares. raises : UnknownName, ParameterError
    """
    ps.load_backend()
    edges, counts, moment = _counted(run, name, at_ms, bins)
    scale, unit = ps.time_unit(0.0, run.duration_ms)
    label = ps.labelled(run.info.of_synapses(moment.owner, moment.variable), moment.unit)
    return ps.style(
        hv.Histogram((edges, counts), kdims=["w"]),
        {
            "xlabel": label, "ylabel": "Synapses",
            "color": effect_color(run.info.sign_of(moment.owner), "#4477AA"),
            "title": f"t = {moment.t_ms * scale:.6g} {unit}",
        },
        mpl={"linewidth": 0.3, "edgecolor": "white", "hooks": [_whole_counts]},
        bokeh={**ps.SCREEN, "line_color": "white"},
    )  # fmt: skip


def _whole_counts(plot: Any, _element: Any) -> None:
    """There is no half synapse."""
    plot.handles["axis"].yaxis.get_major_locator().set_params(integer=True)


def histogram_table(
    run: Run, name: str | None = None, at_ms: float | None = None, bins: int = BINS
) -> Table:
    """A row a bin: from, to, how many synapses."""
    edges, counts, moment = _counted(run, name, at_ms, bins)
    unit = "" if moment.unit == "1" else f"_{moment.unit}"
    rows = zip(edges[:-1].tolist(), edges[1:].tolist(), counts.tolist(), strict=True)
    return (f"from{unit}", f"to{unit}", "synapses"), rows


def _counted(run: Run, name: str | None, at_ms: float | None, bins: int) -> Any:
    if not 1 <= bins <= MOST_BINS:
        raise ParameterError(f"bins = {bins} is not allowed: 1 to {MOST_BINS:,}.")
    moment = moment_of(run, name, at_ms)
    low, high = moment.span
    counts, edges = np.histogram(
        moment.values, bins=bins, range=(low, high if high > low else low + 1)
    )
    return edges, counts, moment
