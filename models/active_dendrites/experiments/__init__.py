"""The experiments on active dendrites: the authors' table, noise, unions, the window in time."""

from __future__ import annotations

from .curves import NOISE, UNION, WINDOW
from .table import TABLE

EXPERIMENTS = (TABLE, NOISE, UNION, WINDOW)
