"""Adaptive reservoir: inhibition that adapts until every neuron has its target rate."""

from .model import AdaptiveReservoir
from .operations import Design

__all__ = ["AdaptiveReservoir", "Design"]
