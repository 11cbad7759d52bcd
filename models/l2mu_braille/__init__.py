"""L2MU: a spiking network with Legendre memory, reading Braille letters by touch."""

from .model import L2MUBraille
from .operations import Numb, Show

__all__ = ["L2MUBraille", "Numb", "Show"]
