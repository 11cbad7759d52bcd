"""What the models are called, without importing them while their files are as they were.

The index is right as long as none of the files that Python loaded for it has changed: it names
each, with its size and time. One broken model, and there is no index: the next look tries again.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from ..paths import cache_folder
from .folders import candidates, model_folders


@dataclass(frozen=True)
class Listed:
    """A model's name, title and purpose; with ``error``, the file's name and why it holds none."""

    slug: str
    title: str
    purpose: str
    error: str = ""


def listed_models() -> list[Listed]:
    """Every model of the folders, readable or not, sorted by name."""
    place = cache_folder() / "models.json"
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        known = json.loads(place.read_text("utf-8"))
        if known["asked"] == _asked() and known["files"] == _stamps(known["files"]):
            return [Listed(*row) for row in known["models"]]
    began = time.time_ns()
    found = _imported()
    files = _stamps(_loaded())
    # A file that was saved as this looked may be other than what was loaded.
    if not any(row.error for row in found) and max(t for t, _ in files.values()) < began:
        _write(
            place, {"asked": _asked(), "files": files, "models": [astuple(row) for row in found]}
        )
    return found


def _asked() -> dict[str, Any]:
    """What else decides which models there are and what they import."""
    folders = [str(p) for folder in model_folders() for p in candidates(folder)]
    # When something is installed or removed, the folder of what is installed changes.
    places = [Path(p) for p in sys.path if Path(p).name in ("site-packages", "dist-packages")]
    installed = [place.stat().st_mtime_ns for place in places if place.is_dir()]
    return {
        "candidates": folders, "python": sys.version, "path": sys.path, "installed": installed,
    }  # fmt: skip


def _imported() -> list[Listed]:
    from . import registry

    return [
        Listed(e.slug, e.model.title, e.model.purpose)
        if e.model
        else Listed(e.slug, "", "", f"{e.path.name}: {e.error}")
        for e in registry.entries()
    ]


def _loaded() -> list[str]:
    files = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
    return sorted({file for file in files if file and Path(file).is_file()})


def _stamps(files: Any) -> dict[str, list[int]]:
    stats = {file: os.stat(file) for file in files}  # noqa: PTH116 (a thousand of them)
    return {file: [s.st_mtime_ns, s.st_size] for file, s in stats.items()}


def _write(place: Path, index: dict[str, Any]) -> None:
    draft = place.with_suffix(f".{os.getpid()}")
    with contextlib.suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(json.dumps(index), "utf-8")
        draft.replace(place)
