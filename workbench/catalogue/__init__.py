"""The catalogue of saved runs: a folder of runs, and an SQLite index of it.

All data are in the runs' own folders (``run.json``, ``label.json``), so the index may be deleted at
any time. Each query first compares the index with the folder, so runs that were copied there,
changed or removed by other means are noticed. Several processes may use the catalogue at once.
Neither listing nor opening a run executes code from it.
"""

from __future__ import annotations

import contextlib
import copy
import datetime
import itertools
import json
import re
import shutil
import threading
import time
import uuid
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..disk_errors import failing
from ..errors import ParameterError, PlaceTaken, StoreError, unknown
from ..paths import KEPT_S, runs_folder
from .entry import (
    RunEntry,
    checked_name,
    checked_notes,
    checked_tag,
    checked_tags,
    read_label,
    write_label,
)
from .index import Index

if TYPE_CHECKING:
    from ..run import Run

__all__ = ["Catalogue", "Entry", "runs"]

_keeping = threading.Lock()  # between choosing a free name and writing the run


def runs(model: str | None = None, tag: str | None = None) -> list[RunEntry]:
    """List the saved runs, newest first, optionally of one model or with one tag.

    An entry holds parameters, seed, versions and more; ``entry.open()`` returns the `Run`.
    """
    return Catalogue().entries(model, tag)


class Catalogue:
    """Saved runs in a folder: ``WORKBENCH_RUNS``, or below the user's data directory."""

    def __init__(self, folder: str | Path | None = None):
        self.folder = Path(folder) if folder is not None else runs_folder()
        self._index = Index(self.folder)

    # -- reading -------------------------------------------------------------------------------

    def entries(self, model: str | None = None, tag: str | None = None) -> list[RunEntry]:
        """List the runs, newest first, optionally of one model or with one tag."""
        return self._index.entries(model, tag)

    def entry(self, which: str) -> RunEntry:
        """Find a run by its name or by an unambiguous prefix of it.

        A name that ends in ``.zarr``, as its folder's does, is a whole one: where that run is gone,
        another whose name begins so is not meant.

        raises : UnknownName; ParameterError if the prefix is ambiguous
        """
        everything = {e.id: e for e in self.entries()}
        name = which.removesuffix(".zarr")
        for exactly in (name, which):
            if exactly in everything:
                return everything[exactly]
        begins = name if name == which else ""
        hits = [k for k in everything if begins and k.startswith(begins)]
        if len(hits) > 1:
            raise ParameterError(
                f"{which!r} is the beginning of {len(hits)} saved runs: {', '.join(hits[:6])}; "
                "give more of the name."
            )
        if not hits:
            raise unknown("saved run", which, everything)
        return everything[hits[0]]

    def find(self, which: str) -> Path:
        """Return the folder of a run, given its path or its name in the catalogue."""
        path = Path(which)
        if (path / "run.json").exists():
            return path
        if path.exists() or len(path.parts) > 1:
            reason = "is not a run" if path.exists() else "does not exist"
            raise StoreError(f"{which} {reason}: give a run's folder, or its name in `runs list`.")
        return self.entry(which).path

    def thumbnail(self, which: str) -> bytes:
        """Raster as a small PNG; empty if the run is damaged."""
        entry = self.entry(which)
        return self.thumbnails([entry])[entry.id]

    def thumbnails(self, entries: Sequence[RunEntry]) -> dict[str, bytes]:
        """Name -> `thumbnail`, of entries that were just listed."""
        return self._index.thumbnails(entries)

    def plots(self, which: str) -> dict[str, bytes]:
        """Title -> PNG as passed to `store_plots`; empty if the data have changed since."""
        stored = self._index.plots(self.entry(which))
        return {k: b64decode(v) for k, v in json.loads(stored).items()} if stored else {}

    def store_plots(self, which: str, found: Mapping[str, bytes]) -> None:
        """Cache large plots of a run in the index, so that they need not be drawn again."""
        text = json.dumps({k: b64encode(v).decode() for k, v in found.items()})
        self._index.store_plots(self.entry(which), text.encode())

    # -- changing ------------------------------------------------------------------------------

    def keep(
        self, run: Run, name: str | None = None, tags: Iterable[str] = (), notes: str = ""
    ) -> RunEntry:
        """Save a copy of ``run``; the copy of a run still being recorded ends at its current time.

        raises : ParameterError for an invalid name or tag; StoreError if a run of that name exists
                 or the folder cannot be written
        """
        found = checked_tags(tags)
        notes = checked_notes(notes)
        if run.outcome == "running":
            message = f"Kept at t = {run.duration_ms:g} ms, before it had ended."
            run = copy.copy(run)  # reads nothing
            run.outcome, run.message = "stopped", message
        with _keeping:
            path = self._save(run, name)
        if found or notes:
            write_label(path, found, notes)
        entry = self.entry(path.name)
        self._index.thumbnails([entry])
        return entry

    def place(self, model: str, name: str | None = None) -> Path:
        """Return an unused path for recording a run of ``model``; raises as `keep`."""
        with failing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            if name is not None:
                return self._free(name)
            return next(p for p in self._names(model) if not p.exists())

    def label(self, which: str, tags: Iterable[str], notes: str) -> RunEntry:
        """Replace the tags and notes of a run."""
        entry = self.entry(which)
        found = checked_tags(tags)
        write_label(entry.path, found, checked_notes(notes))
        return self.entry(entry.path.name)

    def tag(self, which: str, add: Iterable[str] = (), remove: Iterable[str] = ()) -> RunEntry:
        """Add tags to a run and remove others; raises UnknownName if it lacks one to remove."""
        entry = self.entry(which)
        tags, notes = read_label(entry.path)
        gone = [checked_tag(t) for t in remove]
        for tag in gone:
            if tag not in tags:
                raise unknown("tag", tag, tags, owner=entry.id)
        return self.label(entry.path.name, [t for t in (*tags, *add) if t not in gone], notes)

    def remove(self, which: str) -> None:
        """Delete a run permanently; raises StoreError while it is being recorded."""
        entry = self.entry(which)
        if entry.outcome == "running":
            raise StoreError(f"{entry.id} is being recorded: end the run before you delete it.")
        with failing(entry.path):
            if entry.path.is_symlink():
                entry.path.unlink()  # the target of the link is not ours to delete
            else:
                # Rename first, so that no other process ever finds a partly deleted run.
                trash = self.folder / f".{uuid.uuid4().hex}.trash"
                entry.path.replace(trash)
                shutil.rmtree(trash)

    def index(self, progress: Callable[[float], Any] | None = None) -> int:
        """Rebuild the index from the folder, including thumbnails; return the number of runs."""
        self._tidy()
        self._index.forget()
        entries = self.entries()
        for k, entry in enumerate(entries):
            if progress is not None:
                progress(k / len(entries))
            self._index.thumbnails([entry])
        return len(entries)

    # -- internals -----------------------------------------------------------------------------

    def _tidy(self) -> None:
        """Remove what a process has left that was killed while it kept or removed a run."""
        with contextlib.suppress(OSError):
            for left in (*self.folder.glob(".*.part"), *self.folder.glob(".*.trash")):
                if left.is_dir() and time.time() - left.stat().st_mtime > KEPT_S:
                    shutil.rmtree(left, ignore_errors=True)

    def _save(self, run: Run, name: str | None) -> Path:
        with failing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        self._tidy()
        if name is not None:
            return run.save(self._free(name))
        for path in self._names(run.model):
            if path.exists():
                continue
            try:
                return run.save(path)
            except PlaceTaken:
                continue  # another process was faster
        raise AssertionError("unreachable")

    def _free(self, name: str) -> Path:
        path = self.folder / f"{checked_name(name)}.zarr"
        if path.exists():
            raise StoreError(f"There is a saved run {path.stem!r} already: choose another name.")
        return path

    def _names(self, model: str) -> Iterable[Path]:
        stem = re.sub(r"[^A-Za-z0-9._-]+", "-", model).strip("-._")[:60] or "run"
        stem = f"{stem}-{datetime.datetime.now():%Y%m%d-%H%M%S}"
        for k in itertools.count(1):
            yield self.folder / f"{stem}{'' if k == 1 else f'-{k}'}.zarr"
