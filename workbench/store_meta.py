"""``run.json``: what a stored run says about itself. Read without Zarr: listing is quick."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

from .errors import StoreError

SCHEMA = 1


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
