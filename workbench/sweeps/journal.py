"""The folder of a sweep: what was asked for, and every run's result as soon as it is there.

sweep.json    the settings, written once
points.jsonl  one line a finished run, appended and synced: the truth
the rest      a Zarr v3 group, the Dataset, written from the lines whenever a sweep ends

Lines rather than writes into Zarr regions: a line is there completely or not at all, however the
process dies; nothing has to be known about the shape of the first result; points may fail and be
done again; and what is cut off is seen, where a half-written chunk reads as data.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import locket

from ..disk_errors import failing
from ..errors import StoreError
from ..provenance import collect
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
    """A sweep's folder, opened for writing; one process at a time.

    resume : go on with what is there; False refuses a folder that exists
    raises : StoreError when the folder cannot be used, or holds a sweep with other settings
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
            self._lock = locket.lock_file(str(path / LOCK), timeout=0)
            try:
                self._lock.acquire()
            except locket.LockError as error:
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
        """Keep one run's outcome; it is on the disk when this returns."""
        with failing(self.path):
            self._file.write(json.dumps(outcome) + "\n")
            self._file.flush()
            os.fsync(self._file.fileno())
        self.outcomes[int(outcome["k"])] = outcome

    def write_zarr(self, data: Any) -> None:
        """Put ``data`` in place as the folder's Zarr group; the journal stays."""
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
        """Let go of the folder."""
        self._file.close()
        self._lock.release()


def read(path: Path) -> tuple[dict[str, Any], Outcomes]:
    """Settings and outcomes of a sweep's folder; raises StoreError."""
    if not path.exists():
        raise StoreError(f"{path} does not exist.")
    try:
        settings = json.loads((path / SETTINGS).read_text(encoding="utf-8"))
        schema = int(settings["workbench_sweep"])
    except FileNotFoundError as error:
        raise StoreError(f"{path} is not a sweep: it has no {SETTINGS}.") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(
            f"{path} is not a sweep: its {SETTINGS} cannot be read ({error})."
        ) from error
    if schema > SCHEMA:
        raise StoreError(
            f"{path} was written by a newer workbench (schema {schema}, this one knows {SCHEMA}): "
            "update the workbench."
        )
    outcomes: Outcomes = {}
    lines = (path / POINTS).read_bytes().split(b"\n") if (path / POINTS).exists() else [b""]
    for number, line in enumerate(lines[:-1], 1):  # what follows the last line end is cut off
        try:
            outcome = json.loads(line)
            outcomes[int(outcome["k"])] = outcome
        except (ValueError, KeyError, TypeError) as error:
            raise StoreError(
                f"{path} is damaged: line {number} of {POINTS} is no result."
            ) from error
    return settings, outcomes


def check(path: Path, settings: dict[str, Any]) -> None:
    """Raise StoreError unless the folder holds a sweep with just these settings."""
    there, _ = read(path)
    wanted = json.loads(json.dumps(settings))
    for name, value in wanted.items():
        if there.get(name) != value:
            why = _WORDS.get(name) or f"{name} was {_short(there.get(name))}, now {_short(value)}"
            raise StoreError(
                f"{path} is a sweep with other settings ({why}): choose another place for this one."
            )


def _cut(points: Path) -> None:
    """Remove a last line that was cut off, so that the next one begins at its own start."""
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
