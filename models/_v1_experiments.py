"""The experiments on the spiking ring. None has a published oracle: what is compared is signs."""

from models._v1_gain import ADAPTATION, BACKGROUND
from models._v1_stabilised import STABILISED
from models._v1_suppression import SUPPRESSION

EXPERIMENTS = (STABILISED, SUPPRESSION, BACKGROUND, ADAPTATION)
