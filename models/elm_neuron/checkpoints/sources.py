"""Where trials and checkpoints for the experiments come from: folders given, or what is shipped."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path
from typing import Annotated

from workbench.errors import ParameterError, StoreError
from workbench.model.experiment import Option, Progress, no_progress

from ..data.fetch import (  # fmt: skip
    CHECKPOINTS,
    RECORDINGS,
    SIZE,
    SOURCE,
    fetch_checkpoints,
    fetched_checkpoints,
)
from ..data.recordings import load_recordings
from ..data.trials import Trial, load_trial
from ..weights import Weights
from . import by_number as known
from .files import open_weights

L5PC = "l5pc"  # the folder within WORKBENCH_DATA
# Options of the experiments that need both.
DataFolder = Annotated[
    str,
    Option(
        "folder of trials (.npz) or of NeuronIO's files (.p); without it the folder l5pc in "
        "WORKBENCH_DATA, or the trials that are shipped",
        of_machine=True,
    ),
]
CheckpointFolder = Annotated[
    str,
    Option(
        "folder of .npz or .pt checkpoints; without it the folder elm in WORKBENCH_DATA, or what "
        "was fetched",
        of_machine=True,
    ),
]
Fetch = Annotated[
    bool,
    Option(f"yes downloads the released checkpoints ({SIZE}, from {SOURCE})", of_machine=True),
]


def shipped_trials() -> list[Trial]:
    """The trials of the embedded teacher that come with the package."""
    return [load_trial(p) for p in sorted(known.SHIPPED_FOLDER.glob("trial_*.npz"))]


def trials_for(data: str, limit: int, progress: Progress) -> tuple[list[Trial], str]:
    """The trials to score on, and the cell that they are of: "L5PC" or "embedded teacher".

    data  : a folder; without it the folder l5pc in WORKBENCH_DATA, or the trials that are shipped
    limit : at most so many, in the order of their names; 0 for all
    """
    folder = data or _in_data(L5PC)
    if folder:
        return load_recordings(folder, progress, limit or None)[0], "L5PC"
    found = shipped_trials()
    if not found:
        raise ParameterError(
            f"There are no recordings of the cell on this machine: {RECORDINGS}. Put them into a "
            "folder, and give it with --data FOLDER or as the folder l5pc in WORKBENCH_DATA."
        )
    return found[: limit or None], "embedded teacher"


def checkpoints_for(
    folder: str, cell: str, fetch: bool = False,
    progress: Progress = no_progress,
) -> list[Weights]:  # fmt: skip
    """The neurons to score, the smallest first.

    folder : holds .npz or .pt checkpoints; without it the folder elm in WORKBENCH_DATA or what was
             fetched, or, for the embedded teacher, what is shipped
    fetch  : download the released ones if there is no folder
    raises : ParameterError when there are none, DataError when they cannot be downloaded
    """
    place: str | Path | None = folder
    if not place and cell == "L5PC":
        place = _in_data(CHECKPOINTS) or fetched_checkpoints()
        if not place and fetch:
            place = fetch_checkpoints(progress)
    if not place:
        found = list(known.shipped().values()) if cell != "L5PC" else []
        if not found:
            raise ParameterError(
                f"There are no neurons to score on this machine: --fetch yes downloads the "
                f"released ones ({SIZE}, from {SOURCE}). Or give your own .npz or .pt files with "
                "--checkpoints FOLDER, or as the folder elm in WORKBENCH_DATA."
            )
        return found
    files = checkpoint_files(Path(place).expanduser())
    return sorted((open_weights(p) for p in files), key=lambda w: w.n_memory)


def checkpoint_files(folder: Path) -> list[Path]:
    """The checkpoints of a folder; one that is there in both forms counts once, as .npz."""
    if not folder.is_dir():
        raise StoreError(f"There is no folder {folder}: give the folder that holds checkpoints.")
    arrays = [p for p in sorted(folder.glob("*.npz")) if _holds_weights(p)]
    stems = {p.stem for p in arrays}
    found = arrays + [p for p in sorted(folder.glob("*.pt")) if p.stem not in stems]
    if not found:
        raise StoreError(f"{folder} holds no checkpoints, .npz or .pt.")
    return found


def _holds_weights(path: Path) -> bool:
    """A folder may hold other arrays too, such as outputs to compare with."""
    try:
        with zipfile.ZipFile(path) as archive:
            return "W_hidden.npy" in archive.namelist()
    except (OSError, zipfile.BadZipFile):
        return False


def _in_data(name: str) -> str:
    root = os.environ.get("WORKBENCH_DATA", "")
    return str(Path(root) / name) if root and (Path(root) / name).is_dir() else ""
