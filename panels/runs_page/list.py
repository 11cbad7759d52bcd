"""List of saved runs: thumbnails and metadata, one row per run."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent

from workbench.catalogue import RunEntry
from workbench.model import registry
from workbench.plots.in_words import clock, counted

from ..theme import css


class RunList(JSComponent):
    """List widget; ``chosen`` holds the names of at most two runs, in the order of choosing.

    rows : dicts of texts, see `row_of`; the browser shows them as plain text, never as markup
    """

    rows = param.List(default=[], item_type=dict)
    chosen = param.List(default=[], item_type=str)
    done = param.Integer(default=0, doc="How often one run, or a second one beside it, was chosen.")

    _esm = Path(__file__).with_name("list.js")
    _stylesheets = [css("runs")]


def row_of(entry: RunEntry, thumbnail: bytes) -> dict[str, Any]:
    """Convert an entry to a row of the list."""
    cls = registry.models().get(entry.model)
    return {
        "id": entry.id,
        "model": cls.title if cls is not None else entry.model,
        "started": f"{entry.started[:16].replace('T', ' ')} UTC",
        "length": clock(entry.duration_ms),
        "spikes": counted(entry.spikes, "spike") if entry.spikes else "no spikes",
        "outcome": entry.outcome,
        "bad": entry.outcome in ("failed", "damaged"),
        "tags": list(entry.tags),
        "plot": f"data:image/png;base64,{b64encode(thumbnail).decode()}" if thumbnail else "",
    }
