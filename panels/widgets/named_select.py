"""A select without a visible label."""

from __future__ import annotations

from typing import Any

import panel_material_ui as pmui

from ..theme import css


def named_select(name: str, **options: Any) -> pmui.Select:
    """A small `Select` whose place says what it is; ``name`` is for who does not see that."""
    return pmui.Select(label=name, size="small", stylesheets=[css("named")], **options)
