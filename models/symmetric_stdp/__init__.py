"""Symmetric STDP: receptive fields of digits, and class units that read them, by one rule."""

from .model import SymmetricSTDP
from .operations import ForgetReadout, Show

__all__ = ["ForgetReadout", "Show", "SymmetricSTDP"]
