"""Return types of the data loaders."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import WorkbenchError


class DataError(WorkbenchError):
    """Raised for a missing or damaged data set; the message names the file and the remedy."""


@dataclass(frozen=True)
class Pictures:
    """Images (n, rows, columns), uint8 or float, and labels (n,), int."""

    images: np.ndarray
    labels: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Events:
    """Event recordings; recording k has the events ``start[k]`` to ``start[k + 1]``.

    t_ms, unit : (E,) float and int, ordered by recording, then by time
    start      : (n + 1,) int
    labels     : (n,) int
    n_units    : units are numbered from 0 to n_units - 1
    """

    t_ms: np.ndarray
    unit: np.ndarray
    start: np.ndarray
    labels: np.ndarray
    n_units: int

    def __len__(self) -> int:
        return len(self.labels)

    def binned(self, duration_ms: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Events rounded to whole ms, without duplicates: (recording, t_ms, unit), each (B,) int.

        duration_ms : later events are left out
        """
        recording = np.repeat(np.arange(len(self)), np.diff(self.start))
        t = np.rint(self.t_ms).astype(np.int64)
        early = t < duration_ms
        key = (recording[early] * duration_ms + t[early]) * self.n_units + self.unit[early]
        key = np.unique(key)
        rest, unit = np.divmod(key, self.n_units)
        found, ms = np.divmod(rest, duration_ms)
        return found, ms, unit


@dataclass(frozen=True)
class Split:
    """A data set: ``train`` and ``test``, each ``Pictures`` or ``Events``."""

    name: str
    train: Pictures | Events
    test: Pictures | Events
