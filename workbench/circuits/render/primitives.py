"""What a drawing is made of: paths, words and formulas, the same for every notation and format."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ..geometry.shapes import Path


@dataclass(frozen=True)
class Ink:
    """Colours that do not belong to a population."""

    text: str
    muted: str
    excitatory: str
    inhibitory: str
    modulatory: str
    other: str
    fill: float  # opacity of a node's fill
    ground: str  # what a drawing usually stands on


LIGHT = Ink("#24292F", "#5B6470", "#B2182B", "#2166AC", "#8A6D00", "#5B6470", 0.13, "#FFFFFF")
DARK = Ink("#E3E7EB", "#A9B2BC", "#F2887C", "#74B3EE", "#E0C060", "#A9B2BC", 0.22, "#1B1F24")


@dataclass(frozen=True)
class Mark:
    """A path, filled or stroked; ``dash`` are the lengths of strokes and gaps."""

    path: Path
    fill: str | None = None
    stroke: str | None = None
    width: float = 0.0
    opacity: float = 1.0  # of the fill, or of the line where nothing is filled
    cls: str = ""
    dash: tuple[float, ...] = ()


@dataclass(frozen=True)
class Words:
    """A line of text; ``y`` is its baseline."""

    x: float
    y: float
    text: str
    size: float
    color: str
    anchor: Literal["start", "middle", "end"] = "middle"


@dataclass(frozen=True)
class Formula:
    """A line of TeX, drawn as outlines; ``y`` is its baseline, ``said`` what is read aloud."""

    x: float
    y: float
    tex: str
    size: float
    color: str
    anchor: Literal["start", "middle", "end"] = "middle"
    message: str = ""

    def left(self) -> float:
        """Where it starts."""
        from ..text.math import width

        part = {"start": 0.0, "middle": 0.5, "end": 1.0}[self.anchor]
        return self.x - part * width(self.tex, self.size)


Item = Mark | Words | Formula


@dataclass(frozen=True)
class Group:
    """Marks that belong together. ``live`` ones are for the screen and left out on paper."""

    items: tuple[Item, ...]
    id: str = ""
    cls: str = ""
    name: str = ""
    tip: str = ""
    ends: tuple[str, str] | None = None  # of an edge
    live: bool = False
    at: tuple[float, float] | None = None  # centre of a node, where it can be dragged from
    data: tuple[tuple[str, str], ...] = ()  # more ``data-`` attributes


@dataclass(frozen=True)
class Scene:
    """A finished drawing of ``width`` x ``height`` points, to be shown at ``scale``."""

    groups: tuple[Group, ...]
    width: float
    height: float
    scale: float
    text: float  # size of its names
    characters: frozenset[str] = field(default=frozenset())
    style: str = ""  # CSS for the screen


def scene_of(
    groups: tuple[Group, ...], width: float, height: float, scale: float = 1.0, text: float = 8.0
) -> Scene:
    """A scene with the characters that its words need."""
    characters = frozenset(
        c for g in groups for i in g.items if isinstance(i, Words) for c in i.text
    )
    return Scene(groups, width, height, scale, text, characters)
