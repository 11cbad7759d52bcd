"""The list of saved runs: thumbnails and facts, one row a run."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent

from workbench.catalogue import RunEntry
from workbench.plots.in_words import clock

from ..theme import css


class RunList(JSComponent):
    """``chosen`` holds the names of the chosen runs, at most two, in the order of choosing.

    rows : dicts of texts, see `row_of`; the browser shows them as texts, never as markup
    """

    rows = param.List(default=[], item_type=dict)
    chosen = param.List(default=[], item_type=str)

    _esm = Path(__file__).with_name("list.js")
    _stylesheets = [css("runs")]


def row_of(entry: RunEntry, thumbnail: bytes) -> dict[str, Any]:
    """One row of the list."""
    return {
        "id": entry.id,
        "model": entry.model,
        "started": entry.started[:16].replace("T", " "),
        "length": clock(entry.duration_ms),
        "spikes": f"{entry.spikes:,} spikes",
        "outcome": entry.outcome,
        "bad": entry.outcome in ("failed", "damaged"),
        "tags": list(entry.tags),
        "plot": f"data:image/png;base64,{b64encode(thumbnail).decode()}" if thumbnail else "",
    }
