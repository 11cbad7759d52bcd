"""The laws that every model keeps: ``workbench check MODEL`` and the contract tests hold them.

A law is a function of a model class that raises `LawBroken` with one sentence. A new model needs
no new law: whatever a law asks for is read from the model's own declaration. Laws that need a
network run in the calling process, for a few milliseconds of simulated time.
"""

from __future__ import annotations

from . import declaration as declared
from . import network as networks
from . import run as runs
from . import tables as described
from . import term as terms
from .check import LAWS, Law, LawBroken

__all__ = ["LAWS", "Law", "LawBroken", "declared", "described", "networks", "runs", "terms"]
