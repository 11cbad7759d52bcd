"""Astrocyte-modulated liquid state machine (NALSM): a liquid that tunes itself to criticality."""

from .model import AstrocyteLSM
from .operations import Show

__all__ = ["AstrocyteLSM", "Show"]
