"""Two-population supralinear circuit: one excitatory and one inhibitory unit, and noise."""

from .model import SSNPair

__all__ = ["SSNPair"]
