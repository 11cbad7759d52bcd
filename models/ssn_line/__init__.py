"""Supralinear network along a line of visual space: surround suppression."""

from .model import SSNLine

__all__ = ["SSNLine"]
