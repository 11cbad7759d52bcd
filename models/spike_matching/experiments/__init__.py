"""Experiments on spike matching."""

from .matching import MATCHING

EXPERIMENTS = (MATCHING,)
