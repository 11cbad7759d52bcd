"""Spiking ring of V1: orientation tuning, inhibition-stabilised, its gain set by background."""

from .model import V1Spiking
from .operations import ResetGains, Show

__all__ = ["ResetGains", "Show", "V1Spiking"]
