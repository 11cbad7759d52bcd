"""``run.json``: what a stored run says about itself. Read without Zarr: listing is quick."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

from ..errors import StoreError

SCHEMA = 2  # 1: arrays without names and units, in groups; see `store_reader`


def read_meta(path: Path) -> dict[str, Any]:
    """What ``run.json`` of the run at ``path`` says; raises StoreError when it is no run."""
    if not path.exists():
        raise StoreError(f"{path} does not exist.")
    try:
        meta = json.loads((path / "run.json").read_text(encoding="utf-8"))
        schema = int(meta["workbench_run"])
    except FileNotFoundError as error:
        raise StoreError(f"{path} is not a run: it has no run.json.") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(f"{path} is not a run: its run.json cannot be read ({error}).") from error
    if schema > SCHEMA:
        raise StoreError(
            f"{path} was written by a newer workbench (schema {schema}, this one knows {SCHEMA}): "
            "update the workbench."
        )
    return meta


def outcome_of(meta: dict[str, Any]) -> str:
    """ "interrupted" for a run that was being written by a process that is no more."""
    import psutil

    if meta["outcome"] != "running":
        return str(meta["outcome"])
    with contextlib.suppress(psutil.Error):
        writer = psutil.Process(int(meta["pid"]))
        # Process numbers are used again: the one that has it now may be younger than the run.
        same = abs(writer.create_time() - float(meta["pid_since"])) < 1
        if same and writer.status() != psutil.STATUS_ZOMBIE:
            return "running"
    return "interrupted"


def text(value: Any) -> str:
    """A text of a file that anybody may have written, without what steers a terminal."""
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not a text")
    odd = "\N{REPLACEMENT CHARACTER}"
    return "".join(c if c.isprintable() or c == "\n" else odd for c in value)


def number(value: Any) -> float:
    """A number of such a file; raises TypeError for anything else."""
    if not isinstance(value, int | float):
        raise TypeError(f"{value!r} is not a number")
    return value


def count(value: Any) -> int:
    """A whole number from 0 on that a database can hold; raises TypeError for anything else."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**63:
        raise TypeError(f"{value!r} is not a count")
    return value
