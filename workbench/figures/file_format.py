"""Encode a drawn figure as the bytes of a file, including its provenance.

Vector formats contain text with embedded fonts, because journals require editable text and
readers may not have the font.
"""

from __future__ import annotations

import html
import io
import json
import re
from typing import Any

from ..circuits.text.fonts import FAMILY
from ..errors import unknown
from ..settings import PNG_DPI

VECTOR_OR_IMAGE = ("svg", "pdf", "png")
_TEXT = re.compile(r"<text([^>]*)>(.*?)</text>", re.DOTALL)
_FAMILY = re.compile(r"font-family: ?'?([^;,'\"]+)")
_BOLD = re.compile(r"\b(bold|[6-9]00)\b")
_HEIGHT = re.compile(r'(<svg[^>]*?) height="[^"]*"', re.DOTALL)
_WIDTH = re.compile(r'(<svg[^>]*?) width="[^"]*"', re.DOTALL)


def file_bytes(drawn: Any, fmt: str, title: str, about: dict[str, Any]) -> bytes:
    """Save at the exact size; ``about`` is written to the file's metadata as JSON.

    pdf : in Keywords;  svg : in <metadata>, Description;  png : in a text chunk, Description
    """
    if fmt not in VECTOR_OR_IMAGE:
        raise unknown("file format", fmt, VECTOR_OR_IMAGE)
    text = json.dumps(about)
    metadata = {
        "pdf": {
            "Title": title, "Subject": "Circuit workbench figure", "Keywords": text,
            "CreationDate": None,
        },
        "svg": {"Title": title, "Description": text, "Date": None},
        "png": {"Title": title, "Description": text},
    }[fmt]  # fmt: skip
    buffer = io.BytesIO()
    drawn.savefig(buffer, format=fmt, dpi=PNG_DPI, metadata=metadata)
    if fmt != "svg":
        return buffer.getvalue()
    width, height = (inches * 25.4 for inches in drawn.get_size_inches())
    return _svg(buffer.getvalue().decode("utf-8"), width, height).encode("utf-8")


def _svg(text: str, width_mm: float, height_mm: float) -> str:
    """Set the size in mm and embed the glyphs used."""
    from ..circuits.text.fonts import embedded
    from .typefaces import font_file

    text = _WIDTH.sub(rf'\g<1> width="{width_mm:.6g}mm"', text, count=1)
    text = _HEIGHT.sub(rf'\g<1> height="{height_mm:.6g}mm"', text, count=1)
    used: dict[tuple[str, bool], set[str]] = {}
    for look, words in _TEXT.findall(text):
        named = _FAMILY.search(look)
        family = named.group(1) if named else FAMILY
        used.setdefault((family, bool(_BOLD.search(look))), set()).update(html.unescape(words))
    faces = "".join(
        embedded(frozenset(characters), family, str(font_file(family, bold)), bold)
        for (family, bold), characters in sorted(used.items())
    )
    return text.replace("<defs>", f"<defs>\n  <style>{faces}</style>", 1) if faces else text
