"""How large a file may be that a server makes for a page.

It goes to the browser through the page's own connection: the web process has it in memory several
times over, and draws no other page while it is packed.
"""

from __future__ import annotations

from typing import Any

from workbench.disk_errors import megabytes
from workbench.errors import WorkbenchError

MOST_MB = 100.0  # one of some 60 MB holds the other pages up for 0.5 s, one of 270 MB for 2.5 s


class Largest:
    """``mb``: what a file may have, 0 for no limit; `panels.serving` sets it."""

    mb = 0.0


def not_too_large(made: Any, most_mb: float) -> Any:
    """``made``, unless it is a file of more than so much; raises WorkbenchError then."""
    if most_mb and isinstance(made, bytes) and len(made) > most_mb * 1e6:
        raise WorkbenchError(
            f"The file has {megabytes(len(made))}, and this server hands over "
            f"{megabytes(round(most_mb * 1e6))} at most: simulate a shorter stretch, choose "
            "another kind of file, or keep the run and ask who looks after the server for it."
        )
    return made
