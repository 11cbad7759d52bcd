"""Measures of spike times and counts, as pure functions for models, tests, sweeps and apps."""

from __future__ import annotations

from .avalanches import Avalanches, avalanches, power_law_exponent, power_law_likelihood_ratio
from .branching import Links, branching_factor, branching_of_counts
from .perturbation import growth_rate, hamming, spike_distance
from .separation import generalisation_rank, kernel_quality, rank

__all__ = [
    "Avalanches",
    "Links",
    "avalanches",
    "branching_factor",
    "branching_of_counts",
    "generalisation_rank",
    "growth_rate",
    "hamming",
    "kernel_quality",
    "power_law_exponent",
    "power_law_likelihood_ratio",
    "rank",
    "spike_distance",
]
