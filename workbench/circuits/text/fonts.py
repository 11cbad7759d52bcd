"""Text widths, and the subset of a font to embed in a drawing.

The same font is used on screen, on paper and for measuring, so that a drawing looks the same
everywhere: DejaVu Sans, distributed with Matplotlib.
"""

from __future__ import annotations

import base64
import io
from functools import lru_cache
from pathlib import Path
from typing import Any

FAMILY = "DejaVu Sans"
LINE = 1.18  # line height / font size
ASCENT = 0.73  # height of capitals / font size, for vertical centring


@lru_cache(maxsize=1)
def font_path() -> Path:
    """Path of the font file."""
    from importlib.util import find_spec

    # Found without importing Matplotlib, which takes half a second.
    found = find_spec("matplotlib")
    folders = found.submodule_search_locations if found else None
    if not folders:
        raise ModuleNotFoundError("The font of the drawings comes with Matplotlib: install it.")
    return Path(folders[0]) / "mpl-data" / "fonts" / "ttf" / "DejaVuSans.ttf"


@lru_cache(maxsize=1)
def _metrics() -> tuple[dict[int, str], Any, int]:
    from fontTools.ttLib import TTFont

    font = TTFont(io.BytesIO(font_path().read_bytes()), lazy=True)
    return font.getBestCmap(), font["hmtx"], font["head"].unitsPerEm


@lru_cache(maxsize=4096)
def width(text: str, size: float) -> float:
    """Width of a line of text at font size ``size``, in the unit of ``size``."""
    names, advance, em = _metrics()
    missing = names[ord("n")]
    return sum(advance[names.get(ord(c), missing)][0] for c in text) * size / em


def em() -> int:
    """Font units per em."""
    return _metrics()[2]


@lru_cache(maxsize=2048)
def glyphs(text: str) -> str:
    """Outlines of a line of text as path data, in font units, y upwards."""
    from fontTools.pens.svgPathPen import SVGPathPen
    from fontTools.pens.transformPen import TransformPen

    names, advance, _ = _metrics()
    shapes = _glyph_set()
    pen = SVGPathPen(shapes)
    x = 0
    for c in text:
        name = names.get(ord(c), ".notdef")
        shapes[name].draw(TransformPen(pen, (1, 0, 0, 1, x, 0)))
        x += advance[name][0]
    return pen.getCommands()


@lru_cache(maxsize=1)
def _glyph_set() -> Any:
    from fontTools.ttLib import TTFont

    return TTFont(io.BytesIO(font_path().read_bytes()), lazy=True).getGlyphSet()


def wrap(text: str, size: float, limit: float) -> tuple[str, ...]:
    """Break text into the fewest lines of at most ``limit`` if possible, filled evenly."""
    words = text.split() or [""]
    best: tuple[float, float, tuple[str, ...]] | None = None
    for cuts in range(1 << min(len(words) - 1, 10)):
        lines, line = [], words[0]
        for k, word in enumerate(words[1:]):
            if cuts >> k & 1:
                lines.append(line)
                line = word
            else:
                line += " " + word
        lines.append(line)
        widest = max(width(part, size) for part in lines)
        score = (max(0.0, widest - limit) * 1e3 + len(lines), widest, tuple(lines))
        best = min(best, score) if best else score
    assert best is not None
    return best[2]


@lru_cache(maxsize=32)
def embedded(
    characters: frozenset[str], family: str = FAMILY, file: str = "", bold: bool = False
) -> str:
    """CSS ``@font-face`` rule with the glyphs of these characters.

    file : of the font; by default that of the drawings
    """
    from fontTools import subset

    options = subset.Options()
    options.flavor = "woff"
    options.desubroutinize = True
    options.layout_features = []
    options.notdef_outline = True
    options.drop_tables += ["FFTM"]
    with subset.load_font(file or str(font_path()), options) as font:
        cutter = subset.Subsetter(options)
        cutter.populate(text="".join(sorted(characters)))
        cutter.subset(font)
        buffer = io.BytesIO()
        font.flavor = "woff"
        font.save(buffer)
    data = base64.b64encode(buffer.getvalue()).decode()
    weight = "font-weight:bold;" if bold else ""
    return (
        f"@font-face{{font-family:'{family}';{weight}"
        f"src:url(data:font/woff;base64,{data}) format('woff');}}"
    )
