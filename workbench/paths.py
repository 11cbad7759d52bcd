"""Folders for runs, recordings of live sessions, and caches."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
import uuid
from pathlib import Path

import platformdirs

APP = "circuit-workbench"
KEPT_S = 86_400  # what nobody saved, or a killed process has left: one day


def runs_folder() -> Path:
    """Folder of saved runs: ``WORKBENCH_RUNS``, or below the user's data directory."""
    given = os.environ.get("WORKBENCH_RUNS")
    return Path(given) if given else Path(platformdirs.user_data_dir(APP)) / "runs"


def live_folder() -> Path:
    """Folder of live recordings: below ``WORKBENCH_RUNS``, or the user's cache directory."""
    base = os.environ.get("WORKBENCH_RUNS") or platformdirs.user_cache_dir(APP)
    return Path(base) / "live"


def cache_folder() -> Path:
    """Folder for data that can be recreated: ``WORKBENCH_CACHE``, or the user's cache directory."""
    return Path(os.environ.get("WORKBENCH_CACHE") or platformdirs.user_cache_dir(APP))


def new_store() -> Path:
    """New path for recording one run; its name contains the PID of this process."""
    return live_folder() / f"{os.getpid()}-{uuid.uuid4().hex[:12]}.zarr"


def sweep_store() -> None:
    """Remove unsaved recordings that are older than a day and whose process has ended."""
    sweep_folders(live_folder(), "*-*.zarr")


def sweep_folders(place: Path, pattern: str) -> None:
    """Remove folders older than a day whose process has ended.

    pattern : of their names, in which the process's number is the first one between hyphens
    """
    import psutil

    for path in place.glob(pattern):
        pid = next((part for part in path.name.split("-") if part.isdecimal()), "")
        with contextlib.suppress(OSError):
            old = time.time() - path.stat().st_mtime > KEPT_S
            if pid and not psutil.pid_exists(int(pid)) and old:
                shutil.rmtree(path, ignore_errors=True)
