"""Checks that every model must pass, run by ``workbench check MODEL`` and the contract tests.

A check is a function of a model class that raises `CheckFailed` with one sentence. A new model
needs no new checks, because checks read all they need from the model's declaration. Checks that
need a network run in the calling process, for a few milliseconds of simulated time.
"""

from __future__ import annotations

from . import declaration as declared
from . import lesson as lessons
from . import network as networks
from . import run as runs
from . import tables as described
from . import term as terms
from .check import CHECKS, Check, CheckFailed

__all__ = [
    "CHECKS",
    "Check",
    "CheckFailed",
    "declared",
    "described",
    "lessons",
    "networks",
    "runs",
    "terms",
]
