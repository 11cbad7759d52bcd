"""Adaptive whitening: interneurons that change only their gains decorrelate a population."""

from .frames import optimal_gains
from .model import AdaptiveWhitening
from .operations import CycleContexts, SetGains, SwitchContext

__all__ = ["AdaptiveWhitening", "CycleContexts", "SetGains", "SwitchContext", "optimal_gains"]
