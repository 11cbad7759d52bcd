"""What is known of the makefile that Brian2 writes for a standalone simulation."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from .patches import leave_out

HEADER = "objects.h"  # what every one of its files includes first
DEPENDENCIES = "make.deps"


def optimisations(sources: Path) -> list[str] | None:
    """The compiler's flags, for who compiles `HEADER` first and leaves `DEPENDENCIES` empty.

    returns : None where the makefile, or what it compiles, is other than it was: then Brian2's
              makefile is to be used as it is
    """
    makefile = (sources / "makefile").read_text()
    found = re.search(r"^OPTIMISATIONS *=(.*)$", makefile, re.MULTILINE)
    if found is None:
        leave_out("precompiled-header", "its makefile has no OPTIMISATIONS")
    elif DEPENDENCIES not in makefile:
        leave_out("precompiled-header", f"its makefile makes no {DEPENDENCIES}")
    elif not (sources / HEADER).exists():
        leave_out("precompiled-header", f"there is no {HEADER}")
    else:
        return shlex.split(found.group(1))
    return None
