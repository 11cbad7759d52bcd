"""Receptive fields as one picture: a grid of squares, each the input weights of one neuron.

The hue of a square is that of the class whose unit listens to the neuron most, and grey as long as
none does more than the others.
"""

from __future__ import annotations

import numpy as np

from .._shared.tiles import tiled

# One for each digit; told apart by the colour-blind with their numbers beside them.
HUES = {
    False: ("#2B6CB0", "#C2410C", "#15803D", "#B91C5C", "#6D4AB8", "#8A5A12", "#0E7C86", "#64720B",
            "#B3368F", "#3F4A5A"),
    True: ("#6FB1F7", "#F6934D", "#5BCB83", "#F47BA8", "#AF98F0", "#D9A94F", "#4FC9D4", "#BFD04A",
           "#EE8BD4", "#AAB6C6"),
}  # fmt: skip
GROUND = {False: 0.06, True: 0.14}  # of a weight of nothing
GREY = {False: "#5B6470", True: "#A9B2BC"}


def rgb(color: str) -> np.ndarray:
    """(3,) float, 0 to 255."""
    return np.array([int(color[k : k + 2], 16) for k in (1, 3, 5)], float)


def preferred(w_class: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Class that listens to each neuron most, (N,), and how decidedly, (N,) from 0 to 1.

    w_class : (10, N)
    """
    top = w_class.max(axis=0)
    others = (w_class.sum(axis=0) - top) / (len(w_class) - 1)
    clear = np.where(top > 0, 1 - others / np.where(top > 0, top, 1), 0.0) ** 2
    return w_class.argmax(axis=0), np.clip(clear, 0, 1)


def painted(
    w_input: np.ndarray, w_class: np.ndarray, background: str, dark: bool = False
) -> np.ndarray:
    """The grid as colours, (rows, columns, 3) uint8; each neuron is scaled to its largest weight.

    w_input : (N, pixels);  w_class : (10, N);  background : of the page, "#rrggbb"
    """
    weight, owner = tiled(w_input)
    best, clear = preferred(w_class)
    hues = np.array([rgb(c) for c in HUES[dark]])[best]
    ink = rgb(GREY[dark]) + clear[:, None] * (hues - rgb(GREY[dark]))
    top = np.maximum(w_input.max(axis=1), 1e-12)
    there = owner >= 0
    share = np.where(there, weight / top[owner], 0.0)[..., None]
    paper = rgb(background)
    # A field is seen as a square even where its weights are small.
    ground = GROUND[dark]
    tint = np.where(there[..., None], ground + (1 - ground) * share, 0.0)
    found = paper + tint * (ink[owner] - paper)
    return np.rint(found).astype(np.uint8)
