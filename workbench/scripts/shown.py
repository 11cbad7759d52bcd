"""What a script prints and draws while it runs, handed on to whoever watches it."""

from __future__ import annotations

import io
import logging
import os
import sys
import time
import weakref
from collections.abc import Callable
from typing import Any

Show = Callable[[str, Any], None]

BACKEND = "module://workbench.scripts.matplotlib_backend"
EVERY_S = 0.2  # between two messages with what was printed
DRAWN_EVERY_S = 0.5  # between two drawings of a figure that the script shows again and again

_watching: list[Shown] = []


class Shown(io.TextIOBase):
    """Takes the place of ``sys.stdout`` and ``sys.stderr``, and collects matplotlib's figures.

    show : called with "output" and a text, or "figure" and (number, PNG)
    """

    def __init__(self, show: Show):
        self.show = show
        self._text = ""
        self._sent_at = self._drawn_at = 0.0
        self._numbers: weakref.WeakKeyDictionary[Any, int] = weakref.WeakKeyDictionary()
        self._count = 0
        self._seen: dict[int, bytes] = {}

    def begin(self) -> None:
        """From now on, in this whole process, for good."""
        sys.stdout = sys.stderr = self
        # Brian2's own handler holds on to the stderr that there was before.
        for name in ("brian2", "py.warnings"):
            logging.getLogger(name).addHandler(_to(self))
        os.environ["MPLBACKEND"] = BACKEND
        if "matplotlib" in sys.modules:
            sys.modules["matplotlib"].use(BACKEND)
        _watching[:] = [self]

    def write(self, text: str) -> int:
        self._text += text
        if time.monotonic() - self._sent_at > EVERY_S:
            self.flush()
        return len(text)

    def writable(self) -> bool:
        return True

    def flush(self) -> None:
        text, self._text = self._text, ""
        if text:
            self._sent_at = time.monotonic()
            self.show("output", text)

    def figures(self, again: bool = True) -> None:
        """Send the open figures that are not as they were sent last.

        again : False leaves it out when it was done just before
        """
        pyplot = sys.modules.get("matplotlib.pyplot")
        if pyplot is None or not (again or time.monotonic() - self._drawn_at > DRAWN_EVERY_S):
            return
        for number in pyplot.get_fignums():
            figure = pyplot.figure(number).figure
            if not figure.axes:
                continue
            if figure not in self._numbers:
                self._count += 1
                self._numbers[figure] = self._count
            content, mine = io.BytesIO(), self._numbers[figure]
            figure.savefig(content, format="png", dpi=120)
            if self._seen.get(mine) != content.getvalue():
                self._seen[mine] = content.getvalue()
                self.show("figure", (mine, content.getvalue()))
        self._drawn_at = time.monotonic()


class _to(logging.StreamHandler):
    """Brian2's warnings, as its own handler prints them."""

    def __init__(self, shown: Shown):
        super().__init__(shown)
        self.setLevel(logging.WARNING)
        self.setFormatter(logging.Formatter("%(levelname)s %(message)s [%(name)s]"))


def drawn(again: bool) -> None:
    """Figures are shown, or shown again: called by the backend."""
    for shown in _watching:
        shown.figures(again)
