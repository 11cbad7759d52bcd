"""Import names of the models and apps included in the workbench.

In a clone they are the top-level packages ``models`` and ``panels``. In a wheel they are inside the
package ``workbench`` (see ``hatch_build.py``), so that it installs no other top-level package.
"""

from __future__ import annotations

import importlib.util

_IN_WHEEL = "workbench.bundled"


def bundled(name: str) -> str:
    """Return the import name of ``models`` or ``panels`` in this installation."""
    return f"{_IN_WHEEL}.{name}" if importlib.util.find_spec(_IN_WHEEL) else name
