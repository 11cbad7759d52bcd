"""V1 under a biased ensemble of orientations: a reconstruction of adaptation by gain alone."""

from .model import V1Adaptation
from .operations import ResetGains

__all__ = ["ResetGains", "V1Adaptation"]
