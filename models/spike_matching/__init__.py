"""Spike matching: a network learns another one's spikes, and not its weights."""

from .model import SpikeMatching
from .operations import SetWeights

__all__ = ["SetWeights", "SpikeMatching"]
