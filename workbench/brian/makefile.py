"""What is known of the makefile that Brian2 writes for a standalone simulation."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from .patches import leave_out


@dataclass(frozen=True)
class Recipe:
    """What a makefile compiles, and how."""

    files: list[str]
    flags: list[str]
    link_flags: list[str]


def recipe(sources: Path) -> Recipe | None:
    """The recipe in the makefile of ``sources``, for who compiles its files in another way.

    returns : None where the makefile is other than it was: then it is to be used as it is
    """
    makefile = (sources / "makefile").read_text()
    words = []
    for name in ("SRCS", "OPTIMISATIONS", "LFLAGS"):
        found = re.search(rf"^{name} *=(.*)$", makefile, re.MULTILINE)
        if found is None:
            leave_out("few-units", f"its makefile has no {name}")
            return None
        words.append(shlex.split(found.group(1)))
    missing = next((f for f in words[0] if not (sources / f).exists()), None)
    if missing is not None:
        leave_out("few-units", f"there is no {missing}")
        return None
    return Recipe(*words)
