"""Sizes and settings with which all figures are drawn, in one thread at a time."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from threading import RLock
from typing import Any

from ..circuits.text.fonts import FAMILY

MM = 1 / 25.4
GRID = 6  # parts of a page's width, at whose borders panels begin and end
LABEL_PT, TICK_PT, LETTER_PT = 7, 6, 8


@dataclass(frozen=True)
class Lettering:
    """Font and sizes of a figure's text, in points.

    family    : one that is installed; by default that of Matplotlib, the same on every machine
    label_pt  : names of axes;  tick_pt: their numbers, and legends;  letter_pt: panel letters
    """

    family: str = FAMILY
    label_pt: float = LABEL_PT
    tick_pt: float = TICK_PT
    letter_pt: float = LETTER_PT

    def settings(self) -> dict[str, Any]:
        """As settings of Matplotlib."""
        return {
            # By name, not as "sans-serif": a figure that is shown later keeps its font.
            "font.family": [self.family, *([FAMILY] if self.family != FAMILY else [])],
            "font.size": self.label_pt,
            "axes.labelsize": self.label_pt,
            "axes.titlesize": self.label_pt,
            "xtick.labelsize": self.tick_pt,
            "ytick.labelsize": self.tick_pt,
            "legend.fontsize": self.tick_pt,
        }


LETTERING = Lettering()
STYLE = {
    "axes.linewidth": 0.6,
    "axes.unicode_minus": True,
    "axes.formatter.limits": (-4, 5),
    "axes.formatter.useoffset": False,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "legend.frameon": False,
    "pdf.fonttype": 42,  # TrueType, embedded: journals refuse Type 3
    "svg.fonttype": "none",  # keep text as text; its font is embedded afterwards
    "svg.hashsalt": "workbench",  # equal plots give identical files
}
# Matplotlib's settings and HoloViews' options are global; a server draws in several threads.
_lock = RLock()


@contextlib.contextmanager
def drawing(lettering: Lettering = LETTERING) -> Iterator[None]:
    """Apply the workbench's Matplotlib style in one thread at a time; restore the user's after."""
    import matplotlib as mpl

    from ..plots import load_backend

    # Keep backends and paths, which depend on the machine; reset all that would change the plot.
    keep = ("backend", "interactive", "toolbar", "webagg", "tk", "macosx", "savefig.directory")
    plain = {k: v for k, v in mpl.rcParamsDefault.items() if not k.startswith(keep)}
    with _lock, mpl.rc_context():
        load_backend()
        settings: Any = mpl.rcParams
        settings.update(plain | STYLE | lettering.settings())
        yield
