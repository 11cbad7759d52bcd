"""The drawing as SVG."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from html import escape
from typing import Any, Literal

from ..palette import population_colors
from . import text
from .fit import MM, fit
from .form import Circuit
from .notations import DEFAULT, drawer
from .scene import Group, Mark, Scene, Words, scene
from .shapes import Path

_SCREEN_FONT = f"'{text.FAMILY}', Verdana, sans-serif"


def to_svg(
    circuit: Circuit,
    width_mm: float | None = None,
    dark: bool = False,
    colors: Mapping[str, str] | None = None,
    *,
    notation: str = DEFAULT,
    live: bool = True,
    embed_font: bool = False,
    background: str | None = None,
    metadata: Mapping[str, str] | None = None,
    **options: Any,
) -> str:
    """The circuit as one SVG document; ``options`` are those of the notation.

    Each node is a ``<g id="node-NAME" class="node ..." data-name="NAME">``, each edge the same
    with ``edge-``. ``halo-NAME`` lies behind a node and ``flow-NAME`` along an edge, both unseen
    until their opacity is set; ``live=False`` leaves them out.
    """
    draw = drawer(notation)
    return write(
        draw(circuit, width_mm, dark, colors, **options),
        label=circuit.describe(),
        title=circuit.title,
        width_mm=width_mm,
        live=live,
        embed_font=embed_font,
        background=background,
        metadata=metadata,
    )


def drawing(
    circuit: Circuit,
    width_mm: float | None,
    dark: bool = False,
    colors: Mapping[str, str] | None = None,
    direction: Literal["auto", "right", "down"] = "auto",
    style: Literal["auto", "roomy", "compact", "tight"] = "auto",
    legend: bool = True,
    labels: bool | None = None,
) -> Scene:
    """The finished drawing, before it is written in any format."""
    chosen = population_colors([n.name for n in circuit.nodes], dark=dark)
    chosen |= {k: v for k, v in (colors or {}).items() if k in chosen}
    return scene(circuit, fit(circuit, width_mm, direction, labels, style), dark, chosen, legend)


def classic(
    circuit: Circuit,
    width_mm: float | None,
    dark: bool = False,
    colors: Mapping[str, str] | None = None,
    **options: Any,
) -> Scene:
    """The same with bar tips and pyramidal cells."""
    return drawing(circuit, width_mm, dark, colors, **options)


def write(
    drawn: Scene,
    *,
    label: str,
    title: str = "",
    width_mm: float | None = None,
    live: bool = True,
    embed_font: bool = False,
    background: str | None = None,
    metadata: Mapping[str, str] | None = None,
) -> str:
    """A drawing as an SVG document; ``label`` is its text alternative."""
    if width_mm is None:
        size = f'width="{drawn.width:.2f}pt" height="{drawn.height:.2f}pt"'
    else:
        size = f'width="{width_mm:g}mm" height="{drawn.height * drawn.scale / MM:.3f}mm"'
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} '
        f'viewBox="0 0 {drawn.width:.3f} {drawn.height:.3f}" class="circuit" '
        f'data-text="{drawn.text:g}" '
        f'role="img" aria-label="{escape(label)}" font-family="{escape(_SCREEN_FONT)}">'
    ]
    if title:
        out.append(f"<title>{escape(title)}</title>")
    if metadata:
        out.append(_metadata(title, metadata))
    if embed_font:
        out.append(f"<style>{text.embedded(drawn.characters)}</style>")
    if background:
        out.append(f'<rect width="100%" height="100%" fill="{background}"/>')
    out += [_group(g, live) for g in drawn.groups if live or not g.live]
    out.append("</svg>")
    return "\n".join(out)


def identifier(name: str) -> str:
    """A name as it can stand in an ``id``."""
    return re.sub(r"[^\w.-]", "_", name)


def _group(g: Group, live: bool) -> str:
    head = "<g"
    if g.id:
        head += f' id="{escape(identifier(g.id))}"'
    head += f' class="{escape(g.cls)}"'
    if g.name:
        head += f' data-name="{escape(g.name)}"'
    if g.ends:
        head += f' data-source="{escape(g.ends[0])}" data-target="{escape(g.ends[1])}"'
    if g.live:
        head += ' opacity="0"'
    parts = [head + ">"]
    if g.tip:
        parts.append(f"<title>{escape(g.tip)}</title>")
    for item in g.items:
        if isinstance(item, Words):
            parts.append(_words(item))
        elif live or item.cls != "hit":
            parts.append(_mark(item))
    return "".join(parts) + "</g>"


def _mark(m: Mark) -> str:
    if m.cls == "hit":  # as wide as a finger, to be pointed at
        return (
            f'<path class="hit" d="{_d(m.path)}" fill="none" stroke="#000" stroke-opacity="0" '
            f'stroke-width="{m.width:g}" pointer-events="stroke"/>'
        )
    paint = f'fill="{m.fill or "none"}" fill-rule="evenodd"' if m.fill else 'fill="none"'
    if m.fill and m.opacity < 1:
        paint += f' fill-opacity="{m.opacity:g}"'
    if m.stroke:
        paint += f' stroke="{m.stroke}" stroke-width="{m.width:g}" stroke-linejoin="round"'
        if not m.fill and m.opacity < 1:
            paint += f' stroke-opacity="{m.opacity:g}"'
        elif not m.fill:
            paint += ' stroke-linecap="round"'
    cls = f'class="{m.cls}" ' if m.cls else ""
    return f'<path {cls}d="{_d(m.path)}" {paint}/>'


def _words(w: Words) -> str:
    return (
        f'<text x="{w.x:.2f}" y="{w.y:.2f}" font-size="{w.size:g}" fill="{w.color}" '
        f'text-anchor="{w.anchor}">{escape(w.text)}</text>'
    )


def _d(path: Path) -> str:
    return "".join(s[0] + " ".join(f"{v:.2f}" for v in s[1:]) for s in path)


def _metadata(title: str, entries: Mapping[str, str]) -> str:
    said = escape(json.dumps(dict(entries), ensure_ascii=False))
    return (
        '<metadata><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><rdf:Description rdf:about="">'
        f"<dc:title>{escape(title)}</dc:title><dc:description>{said}</dc:description>"
        "</rdf:Description></rdf:RDF></metadata>"
    )
