"""SQLite index of the catalogue: one row per run, updated before every query."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from ..disk_errors import sentence
from ..errors import StoreError
from .entry import LABEL, RunEntry, read_entry

FILE = "catalogue.sqlite"
SCHEMA = 2  # a table with another schema is rebuilt
PATIENCE_S = 10.0  # timeout for another process that is writing
ATTEMPTS = 3  # where it is damaged: others may find so too, and each takes away what one has made
_COLUMNS = (
    "id", "data_stamp", "label_stamp", "model", "parameters", "seed", "engine", "versions",
    "commit_id", "dirty", "started", "duration_ms", "outcome", "message", "tags", "notes",
    "spikes", "interventions", "size",
)  # fmt: skip
_TABLE = f"CREATE TABLE runs ({', '.join(_COLUMNS)}, thumbnail, PRIMARY KEY (id))"
_PLOTS = "CREATE TABLE pictures (id PRIMARY KEY, data_stamp, drawn)"
_STALE = (
    "DELETE FROM pictures WHERE NOT EXISTS (SELECT 1 FROM runs WHERE runs.id = pictures.id "
    "AND runs.data_stamp = pictures.data_stamp)"
)
_UPSERT = (
    f"INSERT INTO runs ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))}) "
    "ON CONFLICT (id) DO UPDATE SET "
    + ", ".join(f"{c} = excluded.{c}" for c in _COLUMNS[1:])
    + ", thumbnail = CASE WHEN data_stamp = excluded.data_stamp THEN thumbnail END"
)
T = TypeVar("T")


class Index:
    """Index of the runs in a folder; kept in memory if the folder is not writable."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._file = folder / FILE

    def entries(self, model: str | None = None, tag: str | None = None) -> list[RunEntry]:
        """List the runs, newest first, optionally of one model or with one tag."""
        wanted, values = ["1"], []
        if model is not None:
            wanted.append("model = ?")
            values.append(model)
        if tag is not None:
            wanted.append("EXISTS (SELECT 1 FROM json_each(tags) WHERE json_each.value = ?)")
            values.append(tag)
        if not all(value.isprintable() for value in values):
            return []  # nothing is called so, and SQLite does not take every text
        query = f"SELECT {', '.join(_COLUMNS)} FROM runs WHERE {' AND '.join(wanted)}"
        query += " ORDER BY started DESC, id DESC"
        rows = self._using(lambda db: db.execute(query, values).fetchall())
        return [self._entry(dict(zip(_COLUMNS, row, strict=True))) for row in rows or []]

    def thumbnails(self, entries: Sequence[RunEntry]) -> dict[str, bytes]:
        """Name -> raster as a PNG, drawn on first use; empty if it cannot be drawn.

        All at once: for each question the index is compared with the folder.
        """
        if not entries:
            return {}
        marks = ", ".join("?" * len(entries))
        query = f"SELECT id, data_stamp, thumbnail FROM runs WHERE id IN ({marks})"
        rows = self._using(lambda db: db.execute(query, [e.id for e in entries]).fetchall())
        known = {name: (stamp, drawn) for name, stamp, drawn in rows or []}
        return {e.id: self._thumbnail(e, *known.get(e.id, ("", b""))) for e in entries}

    def _thumbnail(self, entry: RunEntry, stamp: str, known: bytes | None) -> bytes:
        if known is not None:
            return bytes(known)
        from .thumbnail import thumbnail

        try:
            drawn = thumbnail(entry.path)
        except StoreError:
            drawn = b""
        update = "UPDATE runs SET thumbnail = ? WHERE id = ? AND data_stamp = ?"
        # If it cannot be written, it is drawn again the next time.
        with contextlib.suppress(sqlite3.Error), contextlib.closing(self._connect()) as db:
            db.execute(update, (drawn, entry.id, stamp))
        return drawn

    def plots(self, entry: RunEntry) -> bytes:
        """Bytes stored by `store_plots` for the current data, or empty."""
        query = "SELECT drawn FROM pictures JOIN runs USING (id, data_stamp) WHERE pictures.id = ?"
        row = self._using(lambda db: db.execute(query, (entry.id,)).fetchone())
        return bytes(row[0]) if row else b""

    def store_plots(self, entry: RunEntry, drawn: bytes) -> None:
        """Cache the large plots of a run until its data change."""
        insert = "INSERT OR REPLACE INTO pictures SELECT id, data_stamp, ? FROM runs WHERE id = ?"
        # If it cannot be written, they are drawn again the next time.
        with contextlib.suppress(sqlite3.Error), contextlib.closing(self._connect()) as db:
            db.execute(insert, (drawn, entry.id))

    def forget(self) -> None:
        """Delete all rows; the next query reads the folder again."""
        if self.folder.is_dir():
            with contextlib.suppress(sqlite3.Error), contextlib.closing(self._connect()) as db:
                db.execute("DELETE FROM runs")

    # -- internals -----------------------------------------------------------------------------

    def _using(self, work: Callable[[sqlite3.Connection], T]) -> T | None:
        """Call ``work`` on an up-to-date index; None if the folder does not exist."""
        if not self.folder.is_dir():
            return None
        for _attempt in range(ATTEMPTS):
            try:
                return self._work(str(self._file), work)
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_ERROR:
                    break  # not writable, or permanently locked
            except sqlite3.DatabaseError:
                pass
            # Damaged, or its tables are gone: rebuild it from the folder.
            for ending in ("", "-wal", "-shm"):
                with contextlib.suppress(OSError):
                    self._file.with_name(FILE + ending).unlink()
        return self._work(":memory:", work)

    def _work(self, file: str, work: Callable[[sqlite3.Connection], T]) -> T:
        with contextlib.closing(self._connect(file)) as db:
            # One transaction: the query sees the state that was just compared with the folder,
            # whatever other processes write meanwhile.
            db.execute("BEGIN")
            new, gone = self._changes(db)
            if new or gone:
                db.execute("ROLLBACK")
                db.execute("BEGIN IMMEDIATE")
                db.executemany(_UPSERT, new)
                db.executemany("DELETE FROM runs WHERE id = ?", gone)
                db.execute(_STALE)
            found = work(db)
            db.execute("COMMIT")
            return found

    def _connect(self, file: str | None = None) -> sqlite3.Connection:
        # Autocommit: transactions are begun explicitly.
        db = sqlite3.connect(file or self._file, timeout=PATIENCE_S, isolation_level=None)
        try:
            db.execute(f"PRAGMA busy_timeout = {round(1000 * PATIENCE_S)}")
            if db.execute("PRAGMA user_version").fetchone()[0] != SCHEMA:
                db.execute("PRAGMA journal_mode = WAL")  # persistent in the file
                db.execute("BEGIN IMMEDIATE")
                if db.execute("PRAGMA user_version").fetchone()[0] != SCHEMA:
                    for table, columns in (("runs", _TABLE), ("pictures", _PLOTS)):
                        db.execute(f"DROP TABLE IF EXISTS {table}")
                        db.execute(columns)
                    db.execute(f"PRAGMA user_version = {SCHEMA}")
                db.execute("COMMIT")
            db.execute("PRAGMA synchronous = NORMAL")
        except BaseException:
            db.close()
            raise
        return db

    def _changes(self, db: sqlite3.Connection) -> tuple[list[tuple[Any, ...]], list[tuple[str]]]:
        """Compare with the folder; return new or changed rows, and names of removed runs."""
        query = "SELECT id, data_stamp, label_stamp, outcome FROM runs"
        known = {row[0]: row[1:] for row in db.execute(query)}
        there = {p.name.removesuffix(".zarr"): p for p in self._runs()}
        new = []
        for name, path in list(there.items()):
            stamps = _stamp(path / "run.json"), _stamp(path / LABEL)
            # If the process of a running one has died, its files have not changed.
            if known.get(name, ("", "", ""))[:2] != stamps or known[name][2] == "running":
                found = read_entry(path)
                if _is_run(path):
                    new.append(_row(found, stamps))
                else:  # removed while it was being read
                    del there[name]
        return new, [(name,) for name in known if name not in there]

    def _runs(self) -> list[Path]:
        try:
            with os.scandir(self.folder) as items:
                names = [i.name for i in items if _names_run(i.name)]
        except OSError as error:
            why = sentence(error, self.folder)
            raise StoreError(f"{self.folder} cannot be read: {why}") from error
        return [self.folder / n for n in names if _is_run(self.folder / n)]

    def _entry(self, row: dict[str, Any]) -> RunEntry:
        row = {k: v for k, v in row.items() if not k.endswith("_stamp")}
        row["commit"] = row.pop("commit_id")
        row["dirty"] = bool(row["dirty"])
        row["tags"] = tuple(json.loads(row["tags"]))
        for name in ("parameters", "versions"):
            row[name] = json.loads(row[name])
        return RunEntry(path=self.folder / f"{row['id']}.zarr", **row)


def _row(entry: RunEntry, stamps: tuple[str, str]) -> tuple[Any, ...]:
    return (
        entry.id, *stamps, entry.model, json.dumps(entry.parameters), entry.seed, entry.engine,
        json.dumps(entry.versions), entry.commit, entry.dirty, entry.started, entry.duration_ms,
        entry.outcome, entry.message, json.dumps(entry.tags, ensure_ascii=False), entry.notes,
        entry.spikes, entry.interventions, entry.size,
    )  # fmt: skip


def _names_run(name: str) -> bool:
    """Whether a folder of this name is listed.

    One that is no text, as of another system, could neither be shown nor stored in the index.
    """
    is_text = not any("\ud800" <= c <= "\udfff" for c in name)
    return is_text and name.endswith(".zarr") and not name.startswith(".")


def _is_run(path: Path) -> bool:
    try:
        return (path / "run.json").is_file()
    except PermissionError:  # somebody else's; that it cannot be read is what is said of it
        return True


def _stamp(file: Path) -> str:
    """Stamp that changes with the file's content; a replaced file has another inode."""
    try:
        s = file.stat()
    except OSError:
        return ""
    return f"{s.st_mtime_ns}.{s.st_size}.{s.st_ino}"
