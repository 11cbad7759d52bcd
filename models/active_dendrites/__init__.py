"""Active dendrites: segments that recognise sparse patterns by counting coincident synapses."""

from .model import ActiveDendrites
from .operations import ShowPattern

__all__ = ["ActiveDendrites", "ShowPattern"]
