"""Lines with error bars, for the figures of the gain models."""

from __future__ import annotations

from typing import Any

import numpy as np

THIN = {"linewidth": 1.2}  # of a line on paper, pt


def with_bars(
    x: Any,
    mean: Any,
    error: Any,
    kdim: Any,
    vdim: Any,
    color: str,
    label: str = "",
    dots: bool = False,
) -> list[Any]:
    """A curve, or dots, and the error bars behind it; no bars where the error is not known."""
    import holoviews as hv

    from workbench.plots import load_backend, style

    load_backend()
    height = np.nan_to_num(np.asarray(error, dtype=float))
    bars = hv.ErrorBars((x, mean, height), kdim, [vdim, f"{vdim.name}_error"])
    line = (hv.Scatter if dots else hv.Curve)((x, mean), kdim, vdim)
    look: dict[str, Any] = {"color": color}
    return [
        style(bars, {} if height.any() else {"alpha": 0.0}, mpl={"edgecolor": color, "capsize": 0,
              "elinewidth": 0.8}, bokeh={"line_color": color}),
        style(line.relabel(label) if label else line, look,
              **({"bokeh": {"size": 5}, "mpl": {"s": 8}} if dots else {"mpl": THIN})),
    ]  # fmt: skip
