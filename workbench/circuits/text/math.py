"""Typeset mathematical labels as outlines, independent of installed fonts.

A label is typeset once, which takes milliseconds, and then only translated.
"""

from __future__ import annotations

import re
import threading
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from functools import lru_cache

from ..geometry.shapes import Path

EM = 1000.0  # font size of outlines, with integer coordinates

_lock = threading.Lock()  # ziamath and ziafont have global settings
_STEP = re.compile(r"([MLQCZ])([^MLQCZ]*)")


@dataclass(frozen=True)
class Outlined:
    """A label at font size `EM`, with its baseline at y = 0, starting at x = 0.

    path    : filled outlines;  strokes: (path, width) of lines such as that of a crossed-out letter
    width, above, below : its extent; ``below`` is positive below the baseline
    """

    path: Path
    strokes: tuple[tuple[Path, float], ...]
    width: float
    above: float
    below: float


@lru_cache(maxsize=2048)
def outlined(tex: str, display: bool = False) -> Outlined:
    r"""Convert a TeX formula such as ``r"\bar{w}, K_\mathrm{in} = 10"`` to outlines.

    display : set fractions and sums in display style
    """
    import ziafont
    import ziamath

    with _lock:
        before = ziafont.config.svg2, ziafont.config.precision
        # Inline glyphs instead of references, which some programs do not support.
        ziafont.config.svg2, ziafont.config.precision = False, 1
        try:
            formula = ziamath.Latex(tex, size=EM, inline=not display)
            svg = ET.Element("svg")
            formula.node.draw(0, 0, svg)
            box = formula.node.bbox
        finally:
            ziafont.config.svg2, ziafont.config.precision = before
    filled: list[tuple] = []
    strokes = []
    for element in svg.iter():
        if element.tag == "path":
            path = _parsed(element.get("d", ""), -box.xmin)
            if element.get("stroke") and element.get("stroke-width"):
                strokes.append((path, float(element.get("stroke-width", "40"))))
            else:
                filled += path
        elif element.tag == "rect":
            x, y, w, h = (float(element.get(k, "0")) for k in ("x", "y", "width", "height"))
            x -= box.xmin
            filled += [("M", x, y), ("L", x + w, y), ("L", x + w, y + h), ("L", x, y + h), ("Z",)]
    return Outlined(tuple(filled), tuple(strokes), box.xmax - box.xmin, box.ymax, -box.ymin)


def width(tex: str, size: float) -> float:
    """Width of a formula at font size ``size``, in the unit of ``size``."""
    return outlined(tex).width * size / EM


def symbol(name: str) -> str:
    r"""Convert a model's symbol to TeX: ``τ_m`` to ``τ_{m}``, ``w_max`` to ``w_\mathrm{max}``."""
    base, _, index = name.partition("_")
    base = re.sub(r"[{}\\$%#&^~]", "", base)
    index = re.sub(r"[{}\\$%#&^~]", "", index).replace("_", ",")
    head = base if len(base) == 1 else rf"\mathrm {{{base}}}"
    if not index:
        return head
    return f"{head}_{{{index}}}" if len(index) == 1 else rf"{head}_{{\mathrm {{{index}}}}}"


def _parsed(d: str, dx: float) -> Path:
    steps: list[tuple] = []
    for letter, numbers in _STEP.findall(d):
        values = [float(v) for v in numbers.replace(",", " ").split()]
        for k in range(0, len(values), 2):
            values[k] += dx
        steps.append((letter, *values))
    if steps and steps[-1][0] != "Z":
        steps.append(("Z",))
    return tuple(steps)
