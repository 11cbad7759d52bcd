"""Where the models and the apps are that come with the workbench.

In a clone they are the packages ``models`` and ``panels`` beside it. A wheel has them inside the
workbench (see ``hatch_build.py``), so that it takes no other name in a user's environment.
"""

from __future__ import annotations

import importlib.util

_IN_WHEEL = "workbench.bundled"


def bundled(name: str) -> str:
    """The name under which ``models`` or ``panels`` is imported here."""
    return f"{_IN_WHEEL}.{name}" if importlib.util.find_spec(_IN_WHEEL) else name
