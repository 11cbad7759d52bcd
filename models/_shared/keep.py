"""What long experiments have computed, kept in a folder and not computed again."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Annotated, Any

import numpy as np

from workbench.model.experiment import Option
from workbench.paths import cache_folder

# The option of an experiment that says where.
KeepFolder = Annotated[
    str,
    Option(
        "folder for what is computed, to go on from; empty: the cache",
        "Results folder",
        of_machine=True,
    ),
]


class Keep:
    """A folder of arrays by name. Names are made from what decides about them.

    folder : where; empty: in the cache, under the model's ``slug``
    """

    def __init__(self, folder: str | Path, slug: str = ""):
        self.folder = Path(folder) if folder else cache_folder() / "experiments" / slug

    def path(self, **decides: Any) -> Path:
        text = json.dumps(decides, sort_keys=True, default=str)
        return self.folder / f"{hashlib.sha256(text.encode()).hexdigest()[:24]}.npz"

    def get(self, path: Path) -> dict[str, np.ndarray] | None:
        if not path.exists():
            return None
        with np.load(path) as found:
            return {k: found[k] for k in found.files}

    def put(self, path: Path, arrays: dict[str, np.ndarray]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        waiting = path.with_suffix(".part.npz")  # never half a file under the right name
        np.savez(waiting, **arrays)  # type: ignore[arg-type]
        waiting.rename(path)
