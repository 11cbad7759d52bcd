"""The folder of a sweep: its settings, and the result of each run as soon as it is available.

sweep.json    settings, written once
points.jsonl  one line per finished run, appended and synced; the authoritative record
other files   a Zarr v3 group holding the Dataset, written from the lines when a sweep ends

Results are appended as lines instead of written into Zarr regions for four reasons. A line is
written completely or not at all, however the process dies. The shape of the results need not be
known in advance. Failed points can be repeated. A truncated line is detected, whereas a
half-written chunk would be read as data.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from ..disk_errors import failing
from ..errors import StoreError, in_brief
from ..provenance import collect
from ..store.metadata import count
from ..store.zarr_headers import consolidating
from .design import SCHEMA

SETTINGS, POINTS, LOCK = "sweep.json", "points.jsonl", ".lock"
_WORDS = {
    "model_code": "the model's code has changed",
    "measure_code": "the measure's code has changed",
    "axes": "the model's parameters have changed",
}
Outcomes = dict[int, dict[str, Any]]


class Journal:
    """A sweep's folder, opened for writing by one process at a time.

    resume : continue an existing sweep; False raises an error if the folder exists
    raises : StoreError if the folder cannot be used, or holds a sweep with other settings
    """

    def __init__(self, path: Path, settings: dict[str, Any], resume: bool = True):
        self.path = path
        self.outcomes: Outcomes = {}
        if path.exists() and not resume:
            raise StoreError(f"{path} exists already: choose another place, or resume the sweep.")
        new = not path.exists() or (path.is_dir() and not any(path.iterdir()))
        with failing(path):
            if not new:
                check(path, settings)
            path.mkdir(parents=True, exist_ok=True)
            # Of the folder's user, not of a thread: it may be closed by another one.
            self._lock = FileLock(path / LOCK, timeout=0, thread_local=False)
            try:
                self._lock.acquire()
            except Timeout as error:
                raise StoreError(
                    f"{path} is being written by another sweep: wait for it."
                ) from error
            try:
                if new:
                    message = {**settings, "provenance": collect()}
                    draft = path / f"{SETTINGS}.part"
                    draft.write_text(json.dumps(message, indent=1), encoding="utf-8")
                    draft.replace(path / SETTINGS)
                else:
                    _cut(path / POINTS)
                    self.outcomes = read(path)[1]
                self._file = (path / POINTS).open("a", encoding="utf-8")
            except BaseException:
                self._lock.release()
                raise

    def add(self, outcome: dict[str, Any]) -> None:
        """Append the outcome of one run; it is on disk when this returns."""
        with failing(self.path):
            self._file.write(json.dumps(outcome) + "\n")
            self._file.flush()
            os.fsync(self._file.fileno())
        self.outcomes[int(outcome["k"])] = outcome

    def write_zarr(self, data: Any) -> None:
        """Write ``data`` as the folder's Zarr group; settings and lines are kept."""
        draft = self.path / ".draft"
        with failing(self.path, data.nbytes):
            shutil.rmtree(draft, ignore_errors=True)
            with consolidating():
                data.to_zarr(draft, zarr_format=3, consolidated=True)
            for old in self.path.iterdir():
                if old.name in (SETTINGS, POINTS, LOCK, ".draft"):
                    continue
                shutil.rmtree(old) if old.is_dir() else old.unlink()
            for part in draft.iterdir():
                part.replace(self.path / part.name)
            draft.rmdir()

    def close(self) -> None:
        """Close the file and release the lock."""
        self._file.close()
        self._lock.release()


def read(path: Path) -> tuple[dict[str, Any], Outcomes]:
    """Read the settings and outcomes of a sweep's folder; raises StoreError."""
    if not path.exists():
        raise StoreError(f"{path} does not exist.")
    try:
        settings = json.loads((path / SETTINGS).read_text(encoding="utf-8"))
        schema = count(settings["workbench_sweep"])
    except FileNotFoundError as error:
        raise StoreError(f"{path} is not a sweep: it has no {SETTINGS}.") from error
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise StoreError(
            f"{path} is not a sweep: its {SETTINGS} cannot be read ({in_brief(error)})."
        ) from error
    if schema > SCHEMA:
        raise StoreError(
            f"{path} was written by a newer workbench (schema {schema}, this one knows {SCHEMA}): "
            "update the workbench."
        )
    outcomes: Outcomes = {}
    lines = (path / POINTS).read_bytes().split(b"\n") if (path / POINTS).exists() else [b""]
    for number, line in enumerate(lines[:-1], 1):  # text after the last newline is truncated
        try:
            outcome = json.loads(line)
            outcomes[int(outcome["k"])] = outcome
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise StoreError(
                f"{path} is damaged: line {number} of {POINTS} is no result."
            ) from error
    return settings, outcomes


def check(path: Path, settings: dict[str, Any]) -> None:
    """Raise StoreError unless the folder holds a sweep with exactly these settings."""
    there, _ = read(path)
    wanted = json.loads(json.dumps(settings))
    for name, value in wanted.items():
        if there.get(name) != value:
            why = _WORDS.get(name) or f"{name} was {_short(there.get(name))}, now {_short(value)}"
            raise StoreError(
                f"{path} is a sweep with other settings ({why}): choose another place for this one."
            )


def _cut(points: Path) -> None:
    """Remove a truncated last line, so that the next line is appended after a newline."""
    if not points.exists():
        return
    data = points.read_bytes()
    whole = data.rfind(b"\n") + 1
    if whole < len(data):
        with points.open("r+b") as file:
            file.truncate(whole)


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 50 else f"{text[:47]}..."
