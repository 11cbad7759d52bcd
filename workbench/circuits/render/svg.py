"""Write drawings as SVG."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from html import escape
from typing import Any, Literal

from ...palette import population_colors
from ..elements import Circuit
from ..geometry.shapes import Path
from ..layout.fit_width import MM, Labels, fit
from ..text import fonts as text
from ..text import math as formula
from .notations import DEFAULT, drawer
from .primitives import Formula, Group, Item, Mark, Scene, Words
from .scene import scene


def to_svg(
    circuit: Circuit,
    width_mm: float | None = None,
    dark: bool = False,
    colors: Mapping[str, str] | None = None,
    *,
    notation: str = DEFAULT,
    live: bool = True,
    background: str | None = None,
    metadata: Mapping[str, str] | None = None,
    **options: Any,
) -> str:
    """Return the circuit as one SVG document; ``options`` are those of the notation.

    Each node is a ``<g id="node-NAME" class="node ..." data-name="NAME">``, each edge the same with
    ``edge-``. ``halo-NAME`` is behind a node and ``flow-NAME`` along an edge, both with opacity 0
    for animation; ``live=False`` omits them.
    """
    draw = drawer(notation)
    return write(
        draw(circuit, width_mm, dark, colors, **options),
        label=circuit.describe(),
        title=circuit.title,
        width_mm=width_mm,
        live=live,
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
    legend: bool | Literal["beside"] = True,
    labels: Labels = "auto",
    recorders: bool = False,
    classic: bool = False,
) -> Scene:
    """Return the drawing in the notation of Senk et al. (2022)."""
    chosen = population_colors(circuit.nodes, dark=dark)
    chosen |= {k: v for k, v in (colors or {}).items() if k in chosen}
    if not recorders:
        circuit = circuit.without("recorder")
    fitted = fit(circuit, width_mm, direction, labels, style, classic)
    return scene(circuit, fitted, dark, chosen, legend, classic)


def classic(
    circuit: Circuit,
    width_mm: float | None,
    dark: bool = False,
    colors: Mapping[str, str] | None = None,
    **options: Any,
) -> Scene:
    """Return the drawing with pyramidal cells, and bars for inhibition."""
    return drawing(circuit, width_mm, dark, colors, classic=True, **options)


def write(
    drawn: Scene,
    *,
    label: str,
    title: str = "",
    width_mm: float | None = None,
    live: bool = True,
    background: str | None = None,
    metadata: Mapping[str, str] | None = None,
) -> str:
    """Return a drawing as an SVG document; ``label`` is its text alternative."""
    if width_mm is None:
        size = f'width="{drawn.width:.2f}pt" height="{drawn.height:.2f}pt"'
    else:
        size = f'width="{width_mm:g}mm" height="{drawn.height * drawn.scale / MM:.3f}mm"'
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} '
        f'viewBox="0 0 {drawn.width:.3f} {drawn.height:.3f}" class="circuit" '
        f'data-text="{drawn.text:g}" '
        f'role="img" aria-label="{escape(label)}">'
    ]
    if title:
        out.append(f"<title>{escape(title)}</title>")
    if metadata:
        out.append(_metadata(title, metadata))
    if drawn.style and live:
        out.append(f"<style>{drawn.style}</style>")
    if background:
        out.append(f'<rect width="100%" height="100%" fill="{background}"/>')
    out += [_group(g, live) for g in drawn.groups if live or not g.live]
    out.append("</svg>")
    return "\n".join(out)


def identifier(name: str) -> str:
    """Make a name valid for use in an ``id``."""
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
    if g.at:
        head += f' data-x="{g.at[0]:.2f}" data-y="{g.at[1]:.2f}"'
    for key, value in g.data:
        head += f' data-{key}="{escape(value)}"'
    if g.live:
        head += ' opacity="0"'
    parts = [head + ">"]
    if g.tip:
        parts.append(f"<title>{escape(g.tip)}</title>")
    for item in g.items:
        if live or not isinstance(item, Mark) or item.cls != "hit":
            parts.append(_item(item))
    return "".join(parts) + "</g>"


def _item(item: Item) -> str:
    if isinstance(item, Mark):
        return _mark(item)
    return _words(item) if isinstance(item, Words) else _formula(item)


def _mark(m: Mark) -> str:
    if m.cls == "hit":  # wide invisible line for the pointer
        return (
            f'<path class="hit" d="{_d(m.path)}" fill="none" stroke="#000" stroke-opacity="0" '
            f'stroke-width="{m.width:g}" pointer-events="stroke"/>'
        )
    paint = f'fill="{m.fill or "none"}" fill-rule="evenodd"' if m.fill else 'fill="none"'
    if m.fill and m.opacity < 1:
        paint += f' fill-opacity="{m.opacity:g}"'
    if m.dash:
        paint += f' stroke-dasharray="{" ".join(f"{d:g}" for d in m.dash)}"'
    if m.stroke:
        paint += f' stroke="{m.stroke}" stroke-width="{m.width:g}" stroke-linejoin="round"'
        if not m.fill and m.opacity < 1:
            paint += f' stroke-opacity="{m.opacity:g}"'
        elif not m.fill:
            paint += ' stroke-linecap="butt"' if m.dash else ' stroke-linecap="round"'
    cls = f'class="{m.cls}" ' if m.cls else ""
    return f'<path {cls}d="{_d(m.path)}" {paint}/>'


def _words(w: Words) -> str:
    """Text as outlines: fonts differ between machines, and few programs read embedded fonts."""
    part = {"start": 0.0, "middle": 0.5, "end": 1.0}[w.anchor]
    x = w.x - part * text.width(w.text, w.size)
    scale = w.size / text.em()
    return (
        f'<path class="words" role="img" aria-label="{escape(w.text)}" fill="{w.color}" '
        f'transform="translate({x:.2f} {w.y:.2f}) scale({scale:.6f} {-scale:.6f})" '
        f'd="{text.glyphs(w.text)}"/>'
    )


def _formula(f: Formula) -> str:
    """Formula as outlines."""
    found, scale = formula.outlined(f.tex), f.size / formula.EM
    label = f' role="img" aria-label="{escape(f.message)}"' if f.message else ""
    parts = [
        f'<g class="formula"{label} '
        f'transform="translate({f.left():.2f} {f.y:.2f}) scale({scale:.6f})">'
        f'<path fill="{f.color}" d="{whole_path_data(found.path)}"/>'
    ]
    parts += [
        f'<path fill="none" stroke="{f.color}" stroke-width="{width:g}" '
        f'd="{whole_path_data(path)}"/>'
        for path, width in found.strokes
    ]
    return "".join(parts) + "</g>"


@lru_cache(maxsize=2048)
def whole_path_data(path: Path) -> str:
    """Path data for the attribute ``d``, rounded to integers as formulas are."""
    return "".join(s[0] + " ".join(f"{v:.0f}" for v in s[1:]) for s in path)


def _d(path: Path) -> str:
    return "".join(s[0] + " ".join(f"{v:.2f}" for v in s[1:]) for s in path)


def _metadata(title: str, entries: Mapping[str, str]) -> str:
    message = escape(json.dumps(dict(entries), ensure_ascii=False))
    return (
        '<metadata><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><rdf:Description rdf:about="">'
        f"<dc:title>{escape(title)}</dc:title><dc:description>{message}</dc:description>"
        "</rdf:Description></rdf:RDF></metadata>"
    )
