"""Gain of a spiking neuron set by balanced background: three families of f-I curves, live."""

from .model import BackgroundGain

__all__ = ["BackgroundGain"]
