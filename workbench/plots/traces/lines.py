"""How many lines a plot of traces draws, on paper and on the screen."""

from __future__ import annotations

MOST_LINES = 64  # of one recording, unless it is asked for
