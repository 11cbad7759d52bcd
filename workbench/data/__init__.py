"""Labelled images and event recordings: built in, from a folder, or downloaded and verified.

``load("digits")`` needs no download. The other data sets are searched for in the given folder,
else in ``$WORKBENCH_DATA/<name>`` and in the cache, and otherwise downloaded with pooch.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..errors import unknown
from .datasets import DataError, Events, Pictures, Split
from .events import n_mnist, shd
from .idx import fashion_mnist, mnist, read_idx
from .images import digits, shares

__all__ = [
    "DataError",
    "Events",
    "Pictures",
    "Split",
    "load",
    "names",
    "read_idx",
    "shares",
]  # fmt: skip

_LOADERS: dict[str, Callable[[Path | None], Split]] = {
    "digits": digits,
    "mnist": mnist,
    "fashion-mnist": fashion_mnist,
    "n-mnist": n_mnist,
    "shd": shd,
}


def names() -> list[str]:
    """Names of the data sets that ``load`` accepts."""
    return list(_LOADERS)


def load(name: str, folder: str | Path | None = None) -> Split:
    """Load a data set, split into training and test part.

    name    : "digits", "mnist", "fashion-mnist", "n-mnist" or "shd"
    folder  : folder with its files; None searches the default places, then downloads
    raises  : UnknownName for another name; DataError for files that are missing, damaged, or
              cannot be downloaded
    """
    if name not in _LOADERS:
        raise unknown("data set", name, _LOADERS)
    return _LOADERS[name](Path(folder) if folder is not None else None)
