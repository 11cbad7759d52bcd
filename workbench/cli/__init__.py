"""The command line: ``workbench list | describe | run | sweep | train | figure ...``.

Commands find models in the registry; none depends on a particular model. An error prints one red
sentence on stderr and exits with code 2 (`app.EXIT_CODES` has all codes); ``--debug``, anywhere on
the line, adds the traceback.
"""

from __future__ import annotations

from .app import app, main

__all__ = ["app", "main"]
