"""The Legendre delay line: a ring of spiking ensembles that remembers the last second."""

from .model import LMUDelay
from .operations import Silence

__all__ = ["LMUDelay", "Silence"]
