"""The learning curve of a training, from the ``history.json`` that it keeps."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from workbench.errors import StoreError

# What is drawn: keys of a row of the history with their labels, and the axis.
PANELS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("Loss", (("training_loss", "training"), ("loss", "validation"))),
    ("AUC", (("auc", "validation"),)),
    ("RMSE (mV)", (("rmse_mV", "validation"),)),
)
COLORS = {"training": "#DDAA33", "validation": "#004488", "test": "#BB5566"}
TEST_KEYS = {"Loss": "loss", "AUC": "auc", "RMSE (mV)": "rmse_mV"}


def read_history(path: str | Path) -> dict[str, Any]:
    """The content of a ``history.json``; raises StoreError for another file."""
    path = Path(path)
    try:
        found = json.loads(path.read_text("utf-8"))
        rows = found["history"]
        if not rows or any("step" not in row for row in rows):
            raise KeyError("steps")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(f"{path} holds no learning curve: {error}.") from error
    return found


def learning_curve(path: str | Path) -> Any:
    """Loss, AUC and RMSE against training steps, as a HoloViews layout.

    Lines are evaluated on validation trials (and the training loss on what was trained on); the dot
    at the end is the test trials, which took no part.
    """
    import holoviews as hv

    from workbench.plots import style

    found = read_history(path)
    rows = found["history"]
    test = found.get("scores", {}).get("test", {})
    x = hv.Dimension("step", label="Training steps (thousands)")
    plots = []
    for label, lines in PANELS:
        y = hv.Dimension(TEST_KEYS[label], label=label)
        parts: list[Any] = []
        for key, name in lines:
            points = [(row["step"] / 1000, row[key]) for row in rows]
            parts.append(style(hv.Curve(points, x, y).relabel(name), {"color": COLORS[name]}))
        if TEST_KEYS[label] in test:
            dot = hv.Scatter([(rows[-1]["step"] / 1000, test[TEST_KEYS[label]])], x, y)
            dot = dot.relabel("test")
            parts.append(style(dot, {"color": COLORS["test"]}, bokeh={"size": 8}, mpl={"s": 24}))
        options: dict[str, Any] = {"xlim": (0, 1.04 * rows[-1]["step"] / 1000)}
        if label == "Loss":
            options["logy"] = True
        plots.append(style(hv.Overlay(parts), options))
    return hv.Layout(plots).cols(3)
