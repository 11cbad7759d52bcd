"""Stabilised supralinear network: a ring of V1 units that normalises by its own recurrence."""

from .model import SSN

__all__ = ["SSN"]
