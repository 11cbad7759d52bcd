"""The experiments on the spiking ring. None has a published oracle: what is compared is signs."""

from .gain import ADAPTATION, BACKGROUND
from .stabilised import STABILISED
from .suppression import SUPPRESSION

EXPERIMENTS = (STABILISED, SUPPRESSION, BACKGROUND, ADAPTATION)
