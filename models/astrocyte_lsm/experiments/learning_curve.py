"""What more training images would bring: accuracy against their number, carried on by a power law.

Published accuracies are from 50,000 training images. The errors of a readout of fixed features
fall with the number n of training images about as a n^-b (Hestness et al. 2017, arXiv:1712.00409),
so what a smaller sample can give follows from subsets of that very sample.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.plots import style

from ..readout import read

if TYPE_CHECKING:
    import xarray

# Of the variants, in their order; told apart by the colour-blind.
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")

SHARES = (8, 4, 2)  # the readout is fitted to an eighth, a quarter and half of the images too
SOURCE_TRAIN = 50_000
RESAMPLED = 400
FEWEST = 20  # training images a size


def sizes(n: int) -> list[int]:
    """Numbers of training images to fit the readout to, up to all ``n``."""
    return [n // share for share in SHARES if n // share >= FEWEST] + [n]


def learning(counts: list[np.ndarray], labels: list[np.ndarray], whole: np.ndarray) -> np.ndarray:
    """(sizes, n_test) bool: what is read rightly after the first n training images.

    counts, labels : of training, validation and test
    whole          : (n_test,) bool, after all of them
    """
    found = []
    for n in sizes(len(labels[0]))[:-1]:
        one = read(counts[0][:n], labels[0][:n], counts[1], labels[1], counts[2], labels[2])
        found.append(one.right)
    return np.array([*found, whole])


def carried_on(right: np.ndarray, n: Any, to: int = SOURCE_TRAIN) -> tuple[float, float]:
    """(accuracy in % at ``to`` training images, half width of its 95 % interval).

    right : (sizes, n_test) bool;  ``n`` : the sizes, at least two

    The interval is that of the test images, drawn again with replacement; that a power law holds
    so far is assumed.
    """
    wrong = ~np.asarray(right, bool)
    x = np.log(np.asarray(n, float))
    rng = np.random.default_rng(0)

    def at(errors: np.ndarray) -> float:
        # Half an image: no logarithm of nothing.
        y = np.log(np.maximum(errors, 0.5 / wrong.shape[1]))
        b, a = np.polyfit(x, y, 1)
        return 100 * (1 - float(np.exp(a + b * np.log(to))))

    drawn = [
        at(wrong[:, rng.integers(wrong.shape[1], size=wrong.shape[1])].mean(axis=1))
        for _ in range(RESAMPLED)
    ]
    return at(wrong.mean(axis=1)), 1.96 * float(np.std(drawn))


def curves(data: xarray.Dataset, published: Mapping[str, float]) -> Any:
    """Test error against the number of training images, with the power law of each variant.

    published : variant -> accuracy in % from `SOURCE_TRAIN` images, drawn as diamonds
    """
    import holoviews as hv

    n = data.n.values
    layers: list[Any] = []
    for color, name in zip(COLORS, data.variant.values, strict=True):
        right = data.learned.sel(variant=name)
        error = 100 * (1 - right.mean(("network", "image")).values)
        layers.append(
            style(hv.Points((n, error), label=str(name)), {"color": color}, mpl={"s": 14},
                  bokeh={"size": 6})
        )  # fmt: skip
        if len(n) > 1:
            ends = np.array([n[0], max(SOURCE_TRAIN, n[-1])])
            flat = right.stack(all=("network", "image")).transpose("n", "all").values
            check = [100 - carried_on(flat, n, int(k))[0] for k in ends]
            layers.append(style(hv.Curve((ends, check)), {"color": color}, mpl={"linewidth": 1}))
        if name in published:
            layers.append(
                style(hv.Points([(SOURCE_TRAIN, 100 - published[name])]), {},
                      mpl={"s": 22, "marker": "D", "facecolors": "none", "edgecolors": color},
                      bokeh={"size": 9, "marker": "diamond", "line_color": color,
                             "fill_color": None})
            )  # fmt: skip
    axes = {
        "logx": True, "logy": True, "xlabel": "Training images", "ylabel": "Test error (%)",
        "title": "Diamonds: published" if published else "", "legend_position": "bottom_left",
        "xticks": [(k, f"{k:,}") for k in (100, 300, 1000, 3000, 10_000, 50_000) if k >= n[0] / 2],
        "yticks": [(k, f"{k}") for k in (2, 3, 5, 10, 20, 30, 50, 100)],
    }  # fmt: skip
    return style(
        hv.Overlay(layers), axes, bokeh={"responsive": True, "min_height": 320},
        mpl={"aspect": 1.3, "hooks": [_no_minor_labels]},
    )  # fmt: skip


def _no_minor_labels(plot: Any, _element: Any) -> None:
    from matplotlib.ticker import NullFormatter

    plot.handles["axis"].yaxis.set_minor_formatter(NullFormatter())
