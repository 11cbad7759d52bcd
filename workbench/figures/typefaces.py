"""Fonts that journals ask for, and which of them, or of their like, are installed here."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from ..circuits.text.fonts import FAMILY
from ..errors import unknown

# A font, and those that stand in for it: first of the same widths of letters, then of its shapes.
FONTS: dict[str, tuple[str, ...]] = {
    "Arial": ("Arial", "Liberation Sans", "Arimo", "Helvetica", "Nimbus Sans", "TeX Gyre Heros"),
    "Helvetica": ("Helvetica", "Nimbus Sans", "TeX Gyre Heros", "Arial", "Liberation Sans"),
    FAMILY: (FAMILY,),
}


def check_font(font: str) -> None:
    """Raise UnknownName for a font that is not among `FONTS`."""
    if not (isinstance(font, str) and font in FONTS):
        raise unknown("font", font, FONTS)


@lru_cache(maxsize=16)
def family_for(font: str) -> str:
    """The family that is drawn for a font: itself, one of its like, or what Matplotlib brings.

    raises : UnknownName for a font that is not among `FONTS`
    """
    check_font(font)
    from matplotlib import font_manager

    here = {entry.name for entry in font_manager.fontManager.ttflist}
    return next((family for family in FONTS[font] if family in here), FAMILY)


def font_file(family: str, bold: bool = False) -> Path:
    """File of an installed family."""
    from matplotlib import font_manager

    wanted = font_manager.FontProperties(family=[family], weight="bold" if bold else "normal")
    return Path(font_manager.findfont(wanted))


def instead(font: str) -> str:
    """What is drawn where a font is not installed, as a sentence; "" where it is."""
    family = family_for(font)
    return "" if family == font else f"{font} is not installed here: {family} is drawn instead."
