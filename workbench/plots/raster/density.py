"""A band of the raster as an image, for more spikes than paper can show one by one.

Each cell of the image is the rate of some neurons for some time. Its colour goes from white over
the population's colour to a dark shade of it, in proportion to the rate, and a bar beside the band
says up to what rate. Neurons a row and steps a column are whole numbers: a cell that held now two
and now three of them would show stripes that are not in the spikes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

DOT_MM = 0.12  # the smallest dot that print keeps apart from its neighbour
MOST_PER_DOT = 0.5  # more spikes than this for each dot merge into a block
CELL_MM = (0.2, 0.6)  # side of a cell
PER_CELL = 4.0  # spikes of a cell on average, where its side allows
SATURATED = 0.005  # share of cells that may lie above the scale
NICE = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
LABEL_MM = 2.4  # height of a number at the bar
BAR_SAYS = "Rate per neuron (Hz)"


@dataclass(frozen=True)
class Density:
    """Rates of one band.

    hz     : (rows, columns), neuron 0 in the first row
    top_hz : the rate that gets the darkest shade
    end_ms : where the last column ends, which may be cut short by the end of what is shown
    """

    hz: np.ndarray
    top_hz: float
    color: str
    low_ms: float
    end_ms: float
    bottom: float
    height: float

    def rgb(self) -> np.ndarray:
        """(rows, columns, 3) float in [0, 1]."""
        return shade(np.minimum(self.hz / self.top_hz, 1.0), self.color)


def dots(n_neurons: int, width_mm: float, height_mm: float) -> float:
    """How many spikes a band of this size can show beside one another."""
    return width_mm / DOT_MM * min(n_neurons, height_mm / DOT_MM)


def is_dense(n_spikes: int, n_neurons: int, width_mm: float, height_mm: float) -> bool:
    """Whether marks would merge."""
    return n_spikes > MOST_PER_DOT * dots(max(n_neurons, 1), width_mm, height_mm)


def density(
    t_ms: np.ndarray,
    i: np.ndarray,
    n_neurons: int,
    span_ms: tuple[float, float],
    dt_ms: float,
    size_mm: tuple[float, float],
    *,
    color: str,
    bottom: float,
    height: float,
) -> Density:
    """Count spikes in the cells of a band.

    t_ms, i       : (S,) times within ``span_ms`` and neurons
    size_mm       : width and height of the band on paper
    bottom, height : of the band, in units of the y axis
    """
    low, high = span_ms
    width_mm, height_mm = size_mm
    area = PER_CELL * width_mm * height_mm / max(len(t_ms), 1)
    side = min(max(math.sqrt(area), CELL_MM[0]), CELL_MM[1])
    rows = max(1, min(n_neurons, int(height_mm / side)))
    each = _parting(n_neurons, math.ceil(n_neurons / rows))  # neurons a row
    if each == 1:  # rows are higher than cells are wide: what they lack in number, columns have
        side = max(CELL_MM[0], min(side, area / (height_mm / n_neurons)))
    total = max(1, round((high - low) / dt_ms))
    wanted = max(1, math.ceil(total * min(1.0, side / width_mm) - 1e-9))
    own = _own_step(np.rint(t_ms / dt_ms).astype(np.int64))
    steps = _parting(total, wanted, own if own <= wanted else 1)
    bin_ms = steps * dt_ms
    columns, rows = math.ceil(total / steps), math.ceil(n_neurons / each)
    # Spikes lie on steps, and a step at an edge opens the next bin.
    column = np.clip(((t_ms - low + dt_ms / 2) / bin_ms).astype(int), 0, columns - 1)
    counts = np.bincount((i // each) * columns + column, minlength=rows * columns)
    neurons = np.full(rows, each)
    neurons[-1] = n_neurons - each * (rows - 1)
    seconds = np.full(columns, bin_ms / 1e3)
    seconds[-1] = max(dt_ms, high - low - bin_ms * (columns - 1)) / 1e3
    hz = counts.reshape(rows, columns) / (neurons[:, None] * seconds)
    top = nice(float(np.quantile(hz, 1 - SATURATED, method="higher")))
    return Density(hz, top, color, low, high, bottom, height)


def _parting(whole: int, least: int, of: int = 1) -> int:
    """A multiple of ``of``, from ``least`` to half as much again, that parts ``whole`` best.

    Without a rest, or with the last part as full as can be: a small one would be all chance.
    """
    first = of * math.ceil(least / of)
    most = max(first, int(1.5 * least))
    return min(range(first, most + 1, of), key=lambda n: (-whole % n / n, n))


def _own_step(steps: np.ndarray) -> int:
    """Of how many steps of the network one of this population is, where clocks differ."""
    return max(1, int(np.gcd.reduce(steps - steps[:1]))) if len(steps) else 1


def nice(value: float) -> float:
    """The next round number."""
    if value <= 0:
        return 1.0
    tens = 10.0 ** math.floor(math.log10(value))
    return next((float(f"{k * tens:.6g}") for k in NICE if k * tens >= value * (1 - 1e-9)), value)


def shade(share: np.ndarray, color: str) -> np.ndarray:
    """(..., 3) colours for shares of the scale: white, the colour, a dark shade of it."""
    from matplotlib.colors import to_rgb

    full = np.array(to_rgb(color))
    stops = np.stack([np.ones(3), full, 0.4 * full])
    return np.stack([np.interp(share, (0.0, 0.6, 1.0), stops[:, c]) for c in range(3)], axis=-1)


def in_words(found: Sequence[Density]) -> str:
    """What the colours of a plot without bars mean."""
    tops = " and ".join(f"{d.top_hz:g}" for d in found)
    return f"Density of spikes: rate per neuron, white 0, darkest {tops} Hz"


def bars(found: Sequence[Density], height_mm: float) -> Any:
    """A hook of HoloViews that puts a bar of colours beside each band.

    height_mm : of the axes, by which numbers that would touch are left out
    """

    def draw(plot: Any, _element: Any) -> None:
        axes = plot.handles["axis"]
        low, high = axes.get_ylim()
        bar = axes.inset_axes((1.015, 0.0, 0.022, 1.0))
        at: list[float] = []
        message: list[str] = []
        for d in found:
            ramp = shade(np.linspace(1.0, 0.0, 128)[:, None], d.color)
            bar.imshow(
                ramp, extent=(0, 1, d.bottom, d.bottom + d.height), aspect="auto",
                interpolation="bilinear",
            )  # fmt: skip
            room_mm = d.height / (high - low) * height_mm
            half = 0.5 * LABEL_MM / height_mm * (high - low)
            if room_mm >= 2 * LABEL_MM:
                at += [d.bottom + half, d.bottom + d.height - half]
                message += ["0", f"{d.top_hz:g}"]
            else:
                at.append(d.bottom + d.height / 2)
                message.append(f"0–{d.top_hz:g}")
        bar.set(xlim=(0, 1), ylim=(low, high), xticks=[])
        bar.set_yticks(at, message)
        bar.yaxis.tick_right()
        bar.yaxis.set_label_position("right")
        bar.set_ylabel(BAR_SAYS, labelpad=2)
        bar.tick_params(axis="y", length=0, pad=1.5, labelsize=6)
        bar.patch.set_visible(False)
        for spine in bar.spines.values():
            spine.set_visible(False)

    return draw
