"""Orthogonal projection by lateral circuits: learning new tasks without losing the old ones."""

from .model import OrthogonalProjection
from .operations import StartTask

__all__ = ["OrthogonalProjection", "StartTask"]
