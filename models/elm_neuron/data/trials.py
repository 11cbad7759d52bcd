"""Trials of a detailed cell: input events, somatic voltage and spikes, one ``.npz`` file a trial.

Keys of a file
channel     : (E,) whole numbers from 0, the input channel of each event
t_ms        : (E,) the time of each event, in bins of 1 ms (a fraction is cut off)
v_soma_mV   : (T,) voltage of the soma at every ms; its length is the length of the trial
spike_t_ms  : (S,) times of the spikes
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from workbench.errors import StoreError
from workbench.model.experiment import Progress, no_progress

KEYS = ("channel", "t_ms", "v_soma_mV", "spike_t_ms")
SPIKE_LAG_MS = 0.5  # a spike at t ms belongs to the bin floor(t - 0.5), as in the published data
MAX_CHANNELS = 2**20
MAX_MS = 3_600_000


@dataclass(frozen=True)
class Trial:
    """One trial; arrays as in the file, checked and as whole numbers where they are counts."""

    name: str
    channel: np.ndarray
    t_ms: np.ndarray
    v_soma_mV: np.ndarray
    spike_t_ms: np.ndarray

    @property
    def n_ms(self) -> int:
        return len(self.v_soma_mV)

    def spikes(self) -> np.ndarray:
        """(T,) bool: is there a spike in this bin of 1 ms?"""
        bins = np.floor(self.spike_t_ms - SPIKE_LAG_MS).astype(np.int64)
        found = np.zeros(self.n_ms, bool)
        found[bins[(bins >= 0) & (bins < self.n_ms)]] = True
        return found


def load_trial(path: str | Path) -> Trial:
    """Read one trial; raises StoreError with what is wrong with the file."""
    path = Path(path)
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {k: file[k] for k in KEYS if k in file.files}
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise StoreError(f"{path} cannot be read as a trial: {error}.") from error
    missing = [k for k in KEYS if k not in arrays]
    if missing:
        raise StoreError(
            f"{path} is not a trial: it lacks {', '.join(missing)}. A trial has the keys "
            f"{', '.join(KEYS)}."
        )
    return checked_trial(path.stem, arrays, str(path))


def checked_trial(name: str, arrays: dict[str, Any], where: str) -> Trial:
    """A `Trial` of these arrays; raises StoreError, naming ``where``, when they cannot be one."""

    def need(kept: Any, what: str) -> None:
        if not kept:
            raise StoreError(f"{where} is not a trial: {what}.")

    for key in KEYS:
        array = np.asarray(arrays[key])
        need(array.ndim == 1, f"{key} must have one dimension, it has {array.ndim}")
        need(array.dtype.kind in "iufb", f"{key} must hold numbers, not {array.dtype}")
        need(np.isfinite(array).all(), f"{key} holds a value that is not finite")
    channel, t_ms = np.asarray(arrays["channel"]), np.asarray(arrays["t_ms"])
    voltage = np.asarray(arrays["v_soma_mV"], float)
    need(len(channel) == len(t_ms), f"{len(channel)} channels but {len(t_ms)} times")
    need(0 < len(voltage) <= MAX_MS, f"it lasts {len(voltage)} ms; from 1 to {MAX_MS} are allowed")
    if len(channel):
        need(np.array_equal(channel, np.floor(channel)), "a channel is not a whole number")
        need(channel.min() >= 0, f"channel {channel.min()} is below 0")
        need(channel.max() < MAX_CHANNELS, f"channel {channel.max()} is beyond {MAX_CHANNELS - 1}")
        need(t_ms.min() >= 0, f"an event at {t_ms.min()} ms is before the start")
        need(t_ms.max() < len(voltage), f"an event at {t_ms.max()} ms is after the end")
    return Trial(
        name,
        channel.astype(np.int32),
        np.floor(t_ms).astype(np.int32),
        voltage,
        np.sort(np.asarray(arrays["spike_t_ms"], float)),
    )


def trial_files(folder: str | Path) -> list[Path]:
    """The trials of a folder, by name; raises StoreError when there are none."""
    folder = Path(folder).expanduser()
    if not folder.is_dir():
        raise StoreError(f"There is no folder {folder}: give the folder that holds the trials.")
    found = sorted(folder.glob("*.npz"))
    if not found:
        raise StoreError(f"{folder} holds no trials: one .npz file a trial is expected.")
    return found


def load_trials(
    folder: str | Path,
    limit: int | None = None,
    progress: Progress = no_progress,
) -> list[Trial]:
    """Every trial of a folder (or the first ``limit``), by name; some 10 ms a trial of 6 s.

    raises : StoreError for a folder without trials, or a file that is none
    """
    files = trial_files(folder)[:limit]
    found = []
    for k, path in enumerate(files):
        found.append(load_trial(path))
        progress((k + 1) / len(files), f"{k + 1} of {len(files)} trials read")
    return found
