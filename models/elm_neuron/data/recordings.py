"""Recordings to train on, from whatever a folder holds: trials, or NeuronIO's own files."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path

from workbench.errors import StoreError
from workbench.model.experiment import Progress, no_progress

from .neuronio import open_neuronio
from .trials import Trial, load_trials

L5PC_INPUTS = 1278  # 639 segments, each with an excitatory and an inhibitory channel


def load_recordings(
    folder: str | Path,
    progress: Progress = no_progress,
    limit: int | None = None,
) -> tuple[list[Trial], int]:
    """The trials of a folder, and how many input channels their cell has.

    The folder holds ``.npz`` trials, or ``.p`` files of NeuronIO; a ``cell.json`` beside trials,
    as `make_trials` writes it, says how many channels there are, otherwise there are 1278.

    limit  : at most so many, in the order of their names
    raises : StoreError for a folder that is missing or holds neither
    """
    folder = Path(folder).expanduser()
    files = sorted(folder.glob("*.p")) if folder.is_dir() else []
    if not files:
        return load_trials(folder, limit, progress), _channels(folder)
    found: list[Trial] = []
    for k, path in enumerate(files):
        found += islice(open_neuronio(path), None if limit is None else limit - len(found))
        progress((k + 1) / len(files), f"{k + 1} of {len(files)} files read")
    return found, L5PC_INPUTS


def _channels(folder: Path) -> int:
    path = folder / "cell.json"
    if not path.exists():
        return L5PC_INPUTS
    try:
        return int(json.loads(path.read_text("utf-8"))["n_input"])
    except (ValueError, KeyError, TypeError) as error:
        raise StoreError(f"{path} does not say n_input: {error}.") from error
