"""Normalisation model of V1: each response is divided by what the population is driven with."""

from .model import Normalisation

__all__ = ["Normalisation"]
