"""How many pictures a second."""

from __future__ import annotations

import os

from ..errors import ParameterError

USUAL = "30"
ALLOWED = (5.0, 120.0)


def pictures_per_s() -> float:
    """``WORKBENCH_FPS``, or 30: at most so many frames are sent, and pictures drawn, in a second.

    raises : ParameterError when it is no number from 5 to 120
    """
    given = os.environ.get("WORKBENCH_FPS", USUAL)
    try:
        found = float(given)
        if not ALLOWED[0] <= found <= ALLOWED[1]:
            raise ValueError
    except ValueError:
        raise ParameterError(
            f"WORKBENCH_FPS = {given!r} is not allowed: it must be a number from {ALLOWED[0]:g} "
            f"to {ALLOWED[1]:g}."
        ) from None
    return found
