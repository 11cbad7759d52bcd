"""Sizes and settings with which all figures are drawn, in one thread at a time."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from threading import RLock
from typing import Any

MM = 1 / 25.4
LABEL_PT, TICK_PT, LETTER_PT = 7, 6, 8
STYLE = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],  # included in Matplotlib: the same on every machine
    "font.size": LABEL_PT,
    "axes.labelsize": LABEL_PT,
    "axes.titlesize": LABEL_PT,
    "axes.linewidth": 0.6,
    "axes.unicode_minus": True,
    "axes.formatter.limits": (-4, 5),
    "axes.formatter.useoffset": False,
    "xtick.labelsize": TICK_PT,
    "ytick.labelsize": TICK_PT,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "legend.fontsize": TICK_PT,
    "legend.frameon": False,
    "pdf.fonttype": 42,  # TrueType, embedded: journals refuse Type 3
    "svg.fonttype": "none",  # keep text as text; its font is embedded afterwards
    "svg.hashsalt": "workbench",  # equal plots give identical files
}
# Matplotlib's settings and HoloViews' options are global; a server draws in several threads.
_lock = RLock()


@contextlib.contextmanager
def drawing() -> Iterator[None]:
    """Apply the workbench's Matplotlib style in one thread at a time; restore the user's after."""
    import matplotlib as mpl

    from ..plots import load_backend

    # Keep backends and paths, which depend on the machine; reset all that would change the plot.
    keep = ("backend", "interactive", "toolbar", "webagg", "tk", "macosx", "savefig.directory")
    plain = {k: v for k, v in mpl.rcParamsDefault.items() if not k.startswith(keep)}
    with _lock, mpl.rc_context():
        load_backend()
        settings: Any = mpl.rcParams
        settings.update(plain | STYLE)
        yield
