"""Spiking reservoir: integrate-and-fire neurons whose inhibition adapts to a target rate."""

from .model import SpikingReservoir

__all__ = ["SpikingReservoir"]
