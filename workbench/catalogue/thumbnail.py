"""Thumbnail of a stored run, drawn without Brian2 or HoloViews: its raster, a map or traces."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import StoreError, in_brief
from ..network import NetworkInfo, Population
from ..palette import DIVERGING, SEQUENTIAL, population_colors
from ..plots.raster.bands import Bands
from ..store.metadata import count, read_meta
from ..store.network_info import info_from_json
from ..store.reader import read_spikes, read_states
from ..store.spikes import LAZY_FROM, StoredSpikes

WIDTH, HEIGHT = 320, 180  # pixels; shown at half this size on a standard screen
MOST = 2**20  # spikes that are drawn
GAP = 2  # pixels between populations, and at the edges of traces
MOST_LINES = 5
FEW, MANY = 500, 4000  # up to FEW spikes are 3 pixels wide, above MANY 1 pixel


def thumbnail(path: Path) -> bytes:
    """Draw the raster of the run stored at ``path`` as a PNG, 320 by 180 pixels on white.

    Without spikes, draw the map of a state of all neurons, or else traces of a few.

    returns : the file; empty where nothing was recorded
    raises  : StoreError if the run is damaged
    """
    meta = read_meta(path)
    try:
        info = info_from_json(meta["info"])
        if not count(meta["n_spikes"]):
            states = _states(path, meta, info)
            return b"" if states is None else _png(states)
        duration_ms = float(meta["duration_ms"])
        if count(meta["n_spikes"]) < LAZY_FROM:
            steps, units = read_spikes(path, meta)
        else:  # a column of pixels is full with far fewer
            n_units = max(p.offset + p.size for p in info.populations)
            steps, units = StoredSpikes(path, meta, n_units).spread(WIDTH, MOST)
        columns: Any = (steps * (info.dt_ms / max(duration_ms, info.dt_ms)) * WIDTH).astype(
            np.int64
        )
        image = plot(columns.clip(0, WIDTH - 1), units, info.populations)
    except StoreError:
        raise
    except Exception as error:
        raise StoreError(f"{path} is damaged: {in_brief(error)}.") from error
    return _png(image)


def _png(image: np.ndarray) -> bytes:
    from matplotlib.image import imsave

    file = io.BytesIO()
    imsave(file, image, format="png")
    return file.getvalue()


def _states(path: Path, meta: dict[str, Any], info: NetworkInfo) -> np.ndarray | None:
    """Image of the first state that is shown as a map, or else as traces; None if there is none."""
    sampled = meta.get("columns", {}) if count(meta["n_states"]) else {}
    for names, draw in ((info.maps, _map), (info.traces, _traces)):
        for name, values in read_states(path, meta, [n for n in names if n in sampled][:1]).items():
            if np.isfinite(values).any():
                return draw(values, population_colors(info.populations)[name.split(".")[0]])
    return None


def _map(values: np.ndarray, _color: str) -> np.ndarray:
    """States (T, n) of all neurons, with the colours of the large map."""
    from matplotlib import colormaps

    down = np.arange(HEIGHT) * values.shape[1] // HEIGHT
    image = values.T[np.ix_(down, np.arange(WIDTH) * len(values) // WIDTH)]
    low, high = float(np.nanmin(image)), float(np.nanmax(image))
    signed = low < 0 < high
    low, high = (-max(-low, high), max(-low, high)) if signed else (low, high)
    scaled = (image - low) / max(high - low, 1e-300)
    return np.asarray(colormaps[DIVERGING if signed else SEQUENTIAL](scaled))[..., :3]


def _traces(values: np.ndarray, color: str) -> np.ndarray:
    """States (T, n) of a few neurons as lines, without axes, in the colour of their population."""
    from matplotlib.colors import to_rgb

    image = np.ones((HEIGHT, WIDTH, 3))
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    share = (values - low) / (high - low) if high > low else np.full(values.shape, 0.5)
    rows = GAP + (1 - share) * (HEIGHT - 1 - 2 * GAP)
    first = np.arange(WIDTH) * len(values) // WIDTH
    for line in rows.T[:MOST_LINES]:
        for column, k in enumerate(first):
            end = first[column + 1] if column + 1 < WIDTH else len(line) - 1
            part = line[k : max(end, k) + 1]  # up to where the next column begins
            part = part[np.isfinite(part)]
            if part.size:
                image[int(part.min()) : int(part.max()) + 2, column] = to_rgb(color)
    return image


FULL_INK = 0.995  # share of pixels that may be as dark as can be, or darker than that
SEVERAL = 3  # spikes of a pixel; up to so many, each is seen


def plot(columns: np.ndarray, units: np.ndarray, populations: tuple[Population, ...]) -> np.ndarray:
    """Draw spikes (S,) at pixel columns as an image (HEIGHT, WIDTH, 3) of floats.

    Each spiking population is a band as high as in the large raster. Where many spikes share a
    pixel its ink is in proportion to their number, as the rate is.
    """
    from matplotlib.colors import to_rgb

    image = np.ones((HEIGHT, WIDTH, 3))
    wide = 3 if len(units) <= FEW else 2 if len(units) <= MANY else 1
    ink_of_one = 0.9 if wide > 1 else 0.55  # several spikes in one pixel make it darker
    colors: Any = population_colors(populations)
    populations = tuple(p for p in populations if p.spiking)
    high = Bands(populations).height
    shares = high / high.sum() * HEIGHT
    for p, end, share in zip(populations, np.cumsum(shares), shares, strict=False):
        mine = (units >= p.offset) & (units < p.offset + p.size)
        low = end - share
        rows = max(1, round(share - min(GAP, share / 4)))
        neuron = units[mine] - p.offset
        counts = np.zeros((rows, WIDTH))
        if p.size <= rows:  # each neuron fills one or more rows
            first = neuron * rows // p.size
            last = (neuron + 1) * rows // p.size
            for k in range(int((last - first).max(initial=0))):
                there = first + k < last
                np.add.at(counts, (first[there] + k, columns[mine][there]), 1)
        else:
            np.add.at(counts, (neuron * rows // p.size, columns[mine]), 1)
        for _ in range(wide - 1):
            counts[:, 1:] = np.maximum(counts[:, 1:], counts[:, :-1])
        most = float(np.quantile(counts, FULL_INK))
        if most > SEVERAL:
            ink = np.minimum(counts / most, 1.0)[..., None]
        else:
            ink = (1 - (1 - ink_of_one) ** counts)[..., None]
        top = min(int(low), HEIGHT - rows)
        image[top : top + rows] = (1 - ink) + ink * np.array(to_rgb(colors[p.name]))
    return image
