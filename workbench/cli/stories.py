"""The stories about the models: where the text of each is kept."""

from __future__ import annotations

from pathlib import Path


def stories() -> dict[str, Path]:
    """Name -> file of text, with a cell after each ``# %%``; in a wheel, inside the package."""
    package = Path(__file__).parents[1]
    places = (package / "bundled" / "notebooks", package.parent / "notebooks")
    found = sorted(file for place in places for file in place.glob("*.py"))
    return {f.stem: f for f in found if f.read_text("utf-8").startswith("# ---\n# jupyter")}
