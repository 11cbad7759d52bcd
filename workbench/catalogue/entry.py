"""`RunEntry`: metadata of one stored run, read from its folder without loading its data."""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import re
import stat
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..disk_errors import failing, megabytes
from ..errors import ParameterError, StoreError, in_brief, shortened
from ..model.misread import quoted
from ..numerals import numeral
from ..store.metadata import count, number, outcome_of, read_meta, read_text, text

if TYPE_CHECKING:
    from ..run import Run

LABEL = "label.json"  # tags and notes; stored with the run, not in the index
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
TAG = re.compile(r"[^\s,][^,\n]{0,39}")
MOST_NOTES = 10_000
MOST_TAGS = 50  # each is offered to whoever looks through the runs, also through shared ones
MOST_LABEL_BYTES = 2**20


@dataclass(frozen=True)
class RunEntry:
    """One run of the catalogue.

    id          : name in the catalogue: that of its folder, without ``.zarr``
    path        : the folder
    parameters  : parameter -> value at t = 0
    versions    : versions of the software that computed it, and the platform
    commit      : commit of the repository with the model's file, else of the workbench's; "" if
                  unknown
    dirty       : that repository had uncommitted changes;  started : ISO date and time, UTC
    duration_ms : simulated time reached;  outcome : as in `Run`, or "damaged"
    message     : why it ended, or what is damaged
    spikes      : number of spikes;  size : bytes on disk
    """

    id: str
    path: Path
    model: str = ""
    parameters: dict[str, float] = field(default_factory=dict)
    seed: int = 0
    engine: str = ""
    versions: dict[str, str] = field(default_factory=dict)
    commit: str = ""
    dirty: bool = False
    started: str = ""
    duration_ms: float = 0.0
    outcome: str = ""
    message: str = ""
    tags: tuple[str, ...] = ()
    notes: str = ""
    spikes: int = 0
    interventions: int = 0
    size: int = 0

    def open(self) -> Run:
        """Open the run; raises StoreError if it is damaged or missing."""
        from ..store import open_run

        return open_run(self.path)

    def facts(self) -> list[tuple[str, str]]:
        """Metadata other than the parameters, as (name, text) pairs."""
        return [
            ("model", self.model),
            ("started", self.started.replace("T", " ").replace("+00:00", " UTC")),
            ("simulated", f"{numeral(self.duration_ms)} ms"),
            ("outcome", self.outcome),
            ("spikes", f"{self.spikes:,}"),
            ("interventions", f"{self.interventions:,}"),
            ("seed", str(self.seed)),
            ("engine", self.engine),
            ("versions", ", ".join(f"{k} {v}" for k, v in self.versions.items())),
            ("git commit", self.commit + (" with changes" if self.dirty else "")),
            ("tags", ", ".join(self.tags)),
            ("size", megabytes(self.size)),
            ("folder", str(self.path)),
        ]

    def to_json(self) -> dict[str, Any]:
        """Return plain values, for ``--json``."""
        return {**vars(self), "path": str(self.path), "tags": list(self.tags)}


def read_entry(path: Path) -> RunEntry:
    """Read the metadata of a run; for a damaged run, return an entry with the reason."""
    name = path.name.removesuffix(".zarr")
    size = _size(path)
    tags, notes = read_label(path)
    try:
        meta = read_meta(path)
        origin = {text(k): text(v) for k, v in meta["provenance"].items()}
        commit = origin.pop("model_commit", "") or origin.get("git_commit", "")
        started = origin.pop("date", "") or _last_change(path)
        origin.pop("git_commit", None)
        origin.pop("engine", None)
        return RunEntry(
            id=name,
            path=path,
            model=shortened(text(meta["model"])),  # no model has a longer name
            parameters={text(k): number(v) for k, v in meta["parameters"].items()},
            seed=count(meta["seed"]),
            engine=text(meta["engine"]),
            versions=origin,
            commit=commit.rstrip("+"),
            dirty=commit.endswith("+"),
            started=started,
            duration_ms=float(number(meta["duration_ms"])),
            outcome=text(outcome_of(meta)),
            message=text(meta["message"]),
            tags=tags,
            notes=notes,
            spikes=count(meta["n_spikes"]),
            interventions=len(meta["interventions"]),
            size=size,
        )
    except StoreError as error:
        message = str(error)
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError, OSError) as error:
        message = f"{path} is damaged: {in_brief(error)}."
    return RunEntry(
        id=name, path=path, outcome="damaged", message=message, tags=tags, notes=notes, size=size
    )


def read_label(path: Path) -> tuple[tuple[str, ...], str]:
    """Read the tags and notes of a run; empty if there are none or they cannot be read."""
    try:
        message = json.loads(read_text(path / LABEL, MOST_LABEL_BYTES))
        tags = tuple(t for t in message["tags"] if _is_tag(t))
        return tags[:MOST_TAGS], text(message["notes"])[:MOST_NOTES]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return (), ""


def write_label(path: Path, tags: tuple[str, ...], notes: str) -> None:
    """Write tags and notes to the run's folder, atomically; raises StoreError."""
    # Of this call alone: two servers, or two pages, may write the label of one run at once.
    draft = path / f"{LABEL}.{uuid.uuid4().hex[:12]}.part"
    with failing(path):
        message = json.dumps({"tags": list(tags), "notes": notes}, ensure_ascii=False, indent=1)
        draft.write_text(message, encoding="utf-8")
        draft.replace(path / LABEL)


def checked_name(name: str) -> str:
    """Return ``name`` without ``.zarr``; raises ParameterError if it cannot name a run."""
    name = name.removesuffix(".zarr")
    if not NAME.fullmatch(name):
        raise ParameterError(
            f"{quoted(name)} cannot name a run: use letters, digits, dots, hyphens and "
            "underscores, a letter or digit first, at most 100 of them."
        )
    return name


def checked_tag(tag: str) -> str:
    """Return ``tag`` without surrounding spaces; raises ParameterError if it is invalid."""
    tag = tag.strip()
    if not _is_tag(tag):
        raise ParameterError(f"{quoted(tag)} cannot be a tag: 1 to 40 characters without a comma.")
    return tag


def checked_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Return each tag once; raises ParameterError if one is invalid, or there are too many."""
    found = tuple(dict.fromkeys(checked_tag(t) for t in tags))
    if len(found) > MOST_TAGS:
        raise ParameterError(f"{len(found):,} tags are too many: a run has at most {MOST_TAGS}.")
    return found


def checked_notes(notes: str) -> str:
    """Return ``notes`` without surrounding spaces; raises ParameterError if they cannot be kept."""
    notes = notes.strip()
    try:
        notes.encode()
    except UnicodeEncodeError as error:
        raise ParameterError(
            f"The notes hold {error.object[error.start]!r}, half a character: leave it out."
        ) from error
    if len(notes) > MOST_NOTES:
        raise ParameterError(
            f"The notes have {len(notes):,} characters; at most {MOST_NOTES:,} are kept."
        )
    return notes


def _size(path: Path) -> int:
    """Size of a folder in bytes, tolerating that another process writes or removes files."""
    total = 0
    for folder, _, names in os.walk(path):  # ignores folders removed meanwhile
        for name in names:
            with contextlib.suppress(OSError):
                reported = Path(folder, name).lstat()
                total += reported.st_size if stat.S_ISREG(reported.st_mode) else 0
    return total


def _last_change(path: Path) -> str:
    changed = datetime.datetime.fromtimestamp((path / "run.json").stat().st_mtime, datetime.UTC)
    return changed.isoformat(timespec="seconds")


def _is_tag(tag: object) -> bool:
    return isinstance(tag, str) and bool(TAG.fullmatch(tag)) and tag.isprintable()
