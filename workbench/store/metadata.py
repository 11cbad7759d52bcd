"""``run.json``: metadata of a stored run, read without loading Zarr so that listing is fast."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

from ..errors import StoreError, in_brief

# 1: arrays in groups, without names and units, see `reader`; 2: each chunk of a recording is a file
SCHEMA = 3
MOST_BYTES = 2**28  # of a text in a run


def read_meta(path: Path) -> dict[str, Any]:
    """Read ``run.json`` of the run at ``path``; raises StoreError if it is not a run."""
    try:
        if not path.exists():
            raise StoreError(f"{path} does not exist.")
        meta = json.loads(read_text(path / "run.json"))
        schema = count(meta["workbench_run"])
    except FileNotFoundError as error:
        raise StoreError(f"{path} is not a run: it has no run.json.") from error
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise StoreError(
            f"{path} is not a run: its run.json cannot be read ({in_brief(error)})."
        ) from error
    if schema > SCHEMA:
        raise StoreError(
            f"{path} was written by a newer workbench (schema {schema}, this one knows {SCHEMA}): "
            "update the workbench."
        )
    return meta


def read_text(path: Path, most_bytes: int = MOST_BYTES) -> str:
    """A text of a run, which somebody else may have made.

    raises : OSError, also for what is no file: a pipe would be waited for, a device never ends;
             ValueError for one that is too long or no text
    """
    if path.exists() and not path.is_file():
        raise OSError(f"{path.name} is no file")
    if path.stat().st_size > most_bytes:
        raise ValueError(f"{path.name} has more than {most_bytes:,} bytes")
    return path.read_text(encoding="utf-8")


def outcome_of(meta: dict[str, Any]) -> str:
    """Outcome of a run; "interrupted" if the process that was writing it has ended."""
    import psutil

    if meta["outcome"] != "running":
        return str(meta["outcome"])
    with contextlib.suppress(psutil.Error):
        writer = psutil.Process(int(meta["pid"]))
        # PIDs are reused: the process with this one now may have started after the run.
        same = abs(writer.create_time() - float(number(meta["pid_since"]))) < 1
        if same and writer.status() != psutil.STATUS_ZOMBIE:
            return "running"
    return "interrupted"


def not_being_recorded(meta: dict[str, Any], path: Path) -> None:
    """Raise StoreError for a run that a process is still writing: it would be lost to both."""
    if outcome_of(meta) == "running":
        raise StoreError(
            f"{path} is being recorded: choose another place, or end that run before it is "
            "replaced."
        )


def text(value: Any) -> str:
    """Return a text from an untrusted file, without terminal control characters."""
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not a text")
    odd = "\N{REPLACEMENT CHARACTER}"
    return "".join(c if c.isprintable() or c == "\n" else odd for c in value)


def number(value: Any) -> float:
    """Return a number from an untrusted file; raises TypeError for anything else.

    JSON has whole numbers of any length; those that no float can hold are none here.
    """
    if not isinstance(value, int | float) or (isinstance(value, int) and abs(value) >= 2**1023):
        raise TypeError(f"{value!r} is not a number")
    return value


def count(value: Any) -> int:
    """Return a non-negative 64-bit integer from such a file; raises TypeError otherwise."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**63:
        raise TypeError(f"{value!r} is not a count")
    return value
