"""Where the models, the apps and the notebooks are that come with the workbench.

In a clone they are the top-level packages ``models`` and ``panels``. In a wheel they are inside the
package ``workbench`` (see ``hatch_build.py``), so that it installs no other top-level package.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

_IN_WHEEL = "workbench.bundled"


def bundled(name: str) -> str:
    """Return the import name of ``models`` or ``panels`` in this installation."""
    return f"{_IN_WHEEL}.{name}" if importlib.util.find_spec(_IN_WHEEL) else name


def stories() -> dict[str, Path]:
    """Stories about the models by name: files of text, with a cell after each ``# %%``."""
    package = Path(__file__).parent
    places = (package / "bundled" / "notebooks", package.parent / "notebooks")
    found = sorted(file for place in places for file in place.glob("*.py"))
    return {f.stem: f for f in found if f.read_text("utf-8").startswith("# ---\n# jupyter")}
