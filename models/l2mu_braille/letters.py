"""What the finger feels: published recordings of Braille letters, or made-up ones in their place.

Where the recordings are not on this machine, letters are made up: a finger of twelve channels
slides over the raised dots of a cell, and a channel has an event where a dot is close. They look
alike, and are no measurement; the published network was not trained on them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from workbench.data import DataError
from workbench.data.fetch import cache, find
from workbench.errors import unknown

from .weights import CHANNELS, FOLDER, LETTERS

STEPS = 256  # of a letter
NAMES = ("space", "A", "E", "I", "O", "U", "Y")  # in the order of the labels
# Raised dots of each letter: 1 to 3 down the left column, 4 to 6 down the right one.
DOTS = ((), (1,), (1, 5), (2, 4), (1, 3, 5), (1, 3, 6), (1, 3, 4, 5, 6))
SPLITS = ("8", "9")
RECORDED, MADE_UP = 0, 1

_EACH = 6  # made-up touches of a letter
_ACROSS, _DOWN = 0.09, 0.12  # width of a dot as felt: share of the way, and of the finger
_OFTEN, _SELDOM = 0.5, 0.1  # events a step right over a dot, and of noise


@dataclass(frozen=True)
class Touches:
    """events : (n, 256, 12) uint8;  labels : (n,) 0 to 6;  recorded : False if made up"""

    events: np.ndarray
    labels: np.ndarray
    recorded: bool

    def __len__(self) -> int:
        return len(self.labels)


def file_of(split: str, folder: str | Path | None = None) -> Path | None:
    """The file of a validation split, or None where it is not."""
    name = f"braille7_validation_{split}.npz"
    return find(FOLDER, (name,), Path(folder) if folder else None)


def touches(split: str, source: int = RECORDED) -> Touches:
    """The letters of a split as recorded; made-up ones if asked for, or where there are none."""
    path = file_of(split) if source == RECORDED else None
    return made_up() if path is None else read(path, path.stat().st_mtime_ns)


def touches_of(values: dict[str, Any]) -> Touches:
    """The letters that a model with these parameters is shown, one after the other."""
    return touches(SPLITS[int(values["split"])], int(values["letters"]))


def recorded(split: str, folder: str | Path | None = None) -> Touches:
    """The recorded letters of a split; raises UnknownName, and DataError where they are not."""
    if split not in SPLITS:
        raise unknown("split", split, SPLITS)
    path = file_of(split, folder)
    if path is None:
        where = folder or f"{cache(FOLDER)}, or into a folder {FOLDER} in WORKBENCH_DATA"
        raise DataError(
            f"The recorded letters of split {split} are not here: put "
            f"braille7_validation_{split}.npz into {where}."
        )
    return read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def read(path: Path, _changed_ns: int = 0) -> Touches:
    """Read a file with ``events`` (n, 256, 12) of 0 and 1 and ``label`` (n,); raises DataError."""
    try:
        with np.load(path, allow_pickle=False) as file:
            events, labels = np.array(file["events"]), np.array(file["label"]).astype(int)
    except (OSError, ValueError, KeyError) as error:
        raise DataError(
            f"{path} holds no letters, or is damaged: {error}. It holds the arrays events and "
            "label."
        ) from error
    if events.shape != (len(labels), STEPS, CHANNELS) or not np.isin(events, (0, 1)).all():
        raise DataError(
            f"{path} holds no letters: events must be 0 or 1, of shape ({len(labels)}, {STEPS}, "
            f"{CHANNELS}); they are of shape {events.shape}."
        )
    if len(labels) and not 0 <= labels.min() <= labels.max() < LETTERS:
        raise DataError(
            f"{path} has labels from {labels.min()} to {labels.max()}: there are {LETTERS} "
            f"letters, 0 to {LETTERS - 1}."
        )
    return Touches(events.astype(np.uint8), labels, True)


@lru_cache(maxsize=1)
def made_up() -> Touches:
    """Letters as a finger might feel them, six of each, always the same ones."""
    rng = np.random.default_rng(7)
    way = np.linspace(0, 1, STEPS)[:, None]
    finger = np.linspace(0, 1, CHANNELS)
    events, labels = [], []
    for _ in range(_EACH):
        for label in rng.permutation(LETTERS):
            felt = np.full((STEPS, CHANNELS), _SELDOM)
            for dot in DOTS[label]:
                x, y = (0.33 if dot <= 3 else 0.67), (0.2 + 0.3 * ((dot - 1) % 3))
                near = ((way - x) / _ACROSS) ** 2 + ((finger - y) / _DOWN) ** 2
                felt = felt + _OFTEN * np.exp(-near / 2)
            events.append(rng.random(felt.shape) < felt)
            labels.append(label)
    return Touches(np.array(events, dtype=np.uint8), np.array(labels), False)
