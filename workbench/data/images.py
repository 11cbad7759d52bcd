"""The built-in digits, and the conversion of images to input event probabilities."""

from __future__ import annotations

import importlib.util
from functools import lru_cache
from pathlib import Path

import numpy as np

from ..errors import ParameterError
from .datasets import Pictures, Split

TEST_FROM = 1297  # the last 500 built-in digits are the test part


def digits(folder: Path | None = None) -> Split:
    """1,797 digits of 8 x 8 pixels with values 0 to 16, included in scikit-learn.

    source : UCI "Optical recognition of handwritten digits", the test set, by 13 writers
    """
    images, labels = _digits()
    return Split(
        "digits",
        Pictures(images[:TEST_FROM], labels[:TEST_FROM]),
        Pictures(images[TEST_FROM:], labels[TEST_FROM:]),
    )


@lru_cache(maxsize=1)
def _digits() -> tuple[np.ndarray, np.ndarray]:
    """Read scikit-learn's data file directly, because importing scikit-learn takes seconds."""
    found = importlib.util.find_spec("sklearn")
    places = (found.submodule_search_locations or ()) if found is not None else ()
    for place in places:
        path = Path(place) / "datasets" / "data" / "digits.csv.gz"
        if path.exists():
            table = np.loadtxt(path, delimiter=",")
            return table[:, :64].reshape(-1, 8, 8), table[:, 64].astype(int)
    from sklearn.datasets import load_digits

    loaded = load_digits()
    return loaded.images, loaded.target


def shares(images: np.ndarray) -> tuple[np.ndarray, float]:
    """Normalise images to pixel shares, (n, pixels) float32, and the expected events per ms.

    The shares of an image sum to 1. Multiplied by the expected events per ms they are the
    probabilities of an event in 1 ms, with the same sum for all images and a maximum of 1.

    images : (n, rows, columns), non-negative, each with a value above 0
    raises : ParameterError for images that are empty or negative
    source : Ivanov & Michmizos 2021, as their program encodes MNIST
    """
    flat = np.asarray(images).reshape(len(images), -1).astype(np.float32)
    whole = flat.sum(axis=1, keepdims=True)
    bad = (flat < 0).any(axis=1) | ~(whole[:, 0] > 0)
    if bad.any():
        raise ParameterError(
            "Pictures need values of at least 0, and one above 0 each; "
            f"picture {int(np.argmax(bad))} has not."
        )
    flat /= whole
    return flat, float(1 / flat.max())
