"""Colour-blind-safe colours of populations, the same on screen and in figures."""

from __future__ import annotations

from collections.abc import Sequence

# Paul Tol's "muted" set and Okabe & Ito's, interleaved so that neighbours differ in lightness too.
POPULATION = (
    "#332288",
    "#CC6677",
    "#117733",
    "#E69F00",
    "#56B4E9",
    "#AA4499",
    "#999933",
    "#0072B2",
    "#882255",
    "#44AA99",
    "#D55E00",
    "#7A7A7A",
)

# On a dark page the darkest colours are lightened to keep a contrast of 3:1.
_LIFTED = {"#332288": "#8F82E0", "#117733": "#3DAE63", "#882255": "#D05A92", "#0072B2": "#3C9BD6"}

# Diverging around zero (blue - white - red) and sequential, for weights.
DIVERGING = "RdBu_r"
SEQUENTIAL = "viridis"

# Colours of A, B and both in comparisons: Okabe & Ito's blue and vermilion, and grey; by dark mode.
COMPARED = {False: ("#0072B2", "#D55E00", "#9AA1A9"), True: ("#56B4E9", "#F0A04B", "#737C86")}

EXCITATORY = "#B2182B"
INHIBITORY = "#2166AC"


def population_colors(names: Sequence[str], dark: bool = False) -> dict[str, str]:
    """Colour of each population, by its position in the network."""
    colors = {n: POPULATION[k % len(POPULATION)] for k, n in enumerate(names)}
    return {n: _LIFTED.get(c, c) for n, c in colors.items()} if dark else colors
