"""Colours and what they mean, the same on screen and in figures.

Warm colours are excitatory and cool ones inhibitory, whether a population, a projection, a weight
or a conductance is drawn; what is neither, or both, is green, violet, olive or grey. Colours are
told apart by the colour-blind by lightness, and no plot relies on them alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

EXCITATORY = "#B2182B"
INHIBITORY = "#2166AC"

# Colours of populations, by the effect of their projections; neighbours differ in lightness.
BY_SIGN: dict[str, tuple[str, ...]] = {
    "excitatory": (
        EXCITATORY, "#E69F00", "#CC6677", "#7F3B08", "#D55E00", "#882255", "#DDAA77", "#E0529C",
    ),
    "inhibitory": (INHIBITORY, "#56B4E9", "#332288", "#0B7A8A", "#8FA8DC"),
    "none": ("#117733", "#8A63B5", "#999933", "#7A7A7A", "#44AA99", "#4D4D4D"),
}  # fmt: skip

# Colours of what is no population: Paul Tol's "muted" set and Okabe & Ito's, interleaved.
DISTINCT = (
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
_LIFTED = {
    EXCITATORY: "#F2887C",
    INHIBITORY: "#74B3EE",
    "#332288": "#8F82E0",
    "#117733": "#3DAE63",
    "#882255": "#D05A92",
    "#0072B2": "#3C9BD6",
    "#7F3B08": "#C4803F",
    "#0B7A8A": "#2FA7B8",
    "#8A63B5": "#AB8BD0",
    "#4D4D4D": "#B5B5B5",
}
_LOWERED = {night: day for day, night in _LIFTED.items()}

# Diverging around zero (blue - white - red) and sequential, for weights.
DIVERGING = "RdBu_r"
SEQUENTIAL = "viridis"

# Colours of A, B and both in comparisons: Okabe & Ito's blue and vermilion, and grey; by dark mode.
COMPARED = {False: ("#0072B2", "#D55E00", "#9AA1A9"), True: ("#56B4E9", "#F0A04B", "#737C86")}


class Signed(Protocol):
    """A population, or a node of a circuit."""

    @property
    def name(self) -> str: ...
    @property
    def sign(self) -> str: ...


@dataclass(frozen=True)
class Unsigned:
    """A population without an output."""

    name: str
    sign: str = "none"


def population_colors(populations: Iterable[Signed], dark: bool = False) -> dict[str, str]:
    """Colour of each population, by its sign and its position among those of that sign."""
    taken = dict.fromkeys(BY_SIGN, 0)
    found = {}
    for p in populations:
        sign = p.sign if p.sign in BY_SIGN else "none"
        family = BY_SIGN[sign]
        found[p.name] = on_page(family[taken[sign] % len(family)], dark)
        taken[sign] += 1
    return found


def colors_on_pages(populations: Sequence[Signed]) -> dict[str, dict[bool, str]]:
    """Colour of each population on a light page (False) and on a dark one (True)."""
    light, dark = (population_colors(populations, dark=d) for d in (False, True))
    return {name: {False: light[name], True: dark[name]} for name in light}


def effect_color(sign: str, otherwise: str, dark: bool = False) -> str:
    """Colour of what excites or inhibits, such as weights; ``otherwise`` of what does neither."""
    ink = {"excitatory": EXCITATORY, "inhibitory": INHIBITORY}.get(sign, otherwise)
    return on_page(ink, dark)


def distinct_colors(names: Sequence[str], dark: bool = False) -> dict[str, str]:
    """Colour of each of several things that are no populations, by position."""
    return {n: on_page(DISTINCT[k % len(DISTINCT)], dark) for k, n in enumerate(names)}


def on_page(color: str, dark: bool) -> str:
    """The same colour on a dark or a light page; one that is not of this module stays as it is."""
    return _LIFTED.get(color, color) if dark else _LOWERED.get(color, color)
