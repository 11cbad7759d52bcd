"""Orientations in degrees, on a circle of 180."""

from __future__ import annotations

import numpy as np


def orientations(n: int) -> np.ndarray:
    """n orientations, -90 to below 90 degrees."""
    return 180.0 * np.arange(n) / n - 90.0


def on_circle(degrees: np.ndarray) -> np.ndarray:
    """Differences of orientations, -90 to below 90 degrees."""
    return (np.asarray(degrees) + 90.0) % 180.0 - 90.0


def von_mises(degrees: np.ndarray, kappa: float) -> np.ndarray:
    """exp(kappa (cos 2d - 1)): 1 at d = 0."""
    return np.exp(kappa * (np.cos(2 * np.deg2rad(degrees)) - 1))
