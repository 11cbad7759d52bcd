"""Labelled pictures and event recordings: built in, from a folder, or downloaded and checked.

``load("digits")`` needs no download. The others are looked for in the folder given, in
``$WORKBENCH_DATA/<name>``, and in the cache; what is in none of them is downloaded with pooch.
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
    """The data sets that ``load`` knows."""
    return list(_LOADERS)


def load(name: str, folder: str | Path | None = None) -> Split:
    """A data set, as training and test part.

    name    : "digits", "mnist", "fashion-mnist", "n-mnist" or "shd"
    folder  : where its files are; None looks in the usual places, then downloads
    raises  : UnknownName for another name; DataError, in one sentence, for files that are missing,
              damaged, or cannot be downloaded
    """
    if name not in _LOADERS:
        raise unknown("data set", name, _LOADERS)
    return _LOADERS[name](Path(folder) if folder is not None else None)
