"""Drawing primitives: paths, text and formulas, for every notation and file format."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ...palette import EXCITATORY, INHIBITORY, on_page
from ..geometry.shapes import Path


@dataclass(frozen=True)
class Ink:
    """Colours other than those of populations."""

    text: str
    muted: str
    excitatory: str
    inhibitory: str
    modulatory: str
    other: str
    fill: float  # opacity of a node's fill
    ground: str  # usual background


LIGHT = Ink(
    "#24292F", "#5B6470", EXCITATORY, INHIBITORY, "#8A6D00", "#5B6470", 0.13, "#FFFFFF",
)  # fmt: skip
DARK = Ink(
    "#E3E7EB", "#A9B2BC", on_page(EXCITATORY, True), on_page(INHIBITORY, True), "#E0C060",
    "#A9B2BC", 0.22, "#1B1F24",
)  # fmt: skip


@dataclass(frozen=True)
class Mark:
    """Filled or stroked path; ``dash``: lengths of dashes and gaps."""

    path: Path
    fill: str | None = None
    stroke: str | None = None
    width: float = 0.0
    opacity: float = 1.0  # of the fill, or of the line without a fill
    cls: str = ""
    dash: tuple[float, ...] = ()


@dataclass(frozen=True)
class Words:
    """Line of text; ``y`` is its baseline."""

    x: float
    y: float
    text: str
    size: float
    color: str
    anchor: Literal["start", "middle", "end"] = "middle"


@dataclass(frozen=True)
class Formula:
    """Line of TeX, drawn as outlines; ``y`` is its baseline, ``message`` its text alternative."""

    x: float
    y: float
    tex: str
    size: float
    color: str
    anchor: Literal["start", "middle", "end"] = "middle"
    message: str = ""

    def left(self) -> float:
        """x of the left edge."""
        from ..text.math import width

        part = {"start": 0.0, "middle": 0.5, "end": 1.0}[self.anchor]
        return self.x - part * width(self.tex, self.size)


Item = Mark | Words | Formula


@dataclass(frozen=True)
class Group:
    """Group of marks. ``live`` groups are shown on screen only."""

    items: tuple[Item, ...]
    id: str = ""
    cls: str = ""
    name: str = ""
    tip: str = ""
    ends: tuple[str, str] | None = None  # of an edge
    live: bool = False
    at: tuple[float, float] | None = None  # centre of a node that can be dragged
    data: tuple[tuple[str, str], ...] = ()  # further ``data-`` attributes


@dataclass(frozen=True)
class Scene:
    """Finished drawing of ``width`` x ``height`` points, displayed at ``scale``."""

    groups: tuple[Group, ...]
    width: float
    height: float
    scale: float
    text: float  # font size of names
    characters: frozenset[str] = field(default=frozenset())
    style: str = ""  # CSS for the screen


def scene_of(
    groups: tuple[Group, ...], width: float, height: float, scale: float = 1.0, text: float = 8.0
) -> Scene:
    """Create a scene and collect the characters of its text."""
    characters = frozenset(
        c for g in groups for i in g.items if isinstance(i, Words) for c in i.text
    )
    return Scene(groups, width, height, scale, text, characters)
