"""Hippocampal content-addressable memory: a spiking model of CA3, recalling both ways."""

from .model import HippocampalCAM
from .operations import Freeze, Learn, RecallByContent, RecallByCue

__all__ = ["Freeze", "HippocampalCAM", "Learn", "RecallByContent", "RecallByCue"]
