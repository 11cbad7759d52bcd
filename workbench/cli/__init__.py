"""The command line: ``workbench list | describe | run | sweep | train | figure ...``.

Commands find models in the registry; none depends on a particular model. An error prints one red
sentence on stderr and exits with code 2; ``--debug``, anywhere on the line, adds the traceback.
"""

from __future__ import annotations

from .app import app

__all__ = ["app", "main"]


def main() -> None:
    """Entry point of the ``workbench`` command."""
    app(prog_name="workbench")
