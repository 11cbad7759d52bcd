"""Lines, curves and small shapes of a diagram, as marks."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...geometry.shapes import Path
from ...render.primitives import Formula, Group, Ink, Item, Mark, Words

THIN = 0.6  # strokes: above half a point, what journals ask for
THICK = 1.15  # datatype wires and separators
DASH = (2.2, 1.8)
BROKEN = (4.5, 3.0)  # of a bracket that goes on elsewhere
DOT = 1.45
_ARC = 0.5523


@dataclass
class Pen:
    """Collects marks in the groups they belong to, shifted down by ``dy``.

    wires : axis uid -> marks of its wires, so that they can be lit together
    """

    ink: Ink
    dy: float = 0.0
    wires: dict[str, list[Item]] = field(default_factory=dict)
    behind: list[Item] = field(default_factory=list)
    over: list[Group] = field(default_factory=list)
    now: list[Item] = field(default_factory=list)

    def wire(self, uid: str, path: Path, width: float = THIN) -> None:
        mark = Mark(self._moved(path), stroke=self.ink.text, width=width)
        self.wires.setdefault(uid, []).append(mark)

    def on_wire(self, uid: str, item: Item) -> None:
        self.wires.setdefault(uid, []).append(item)

    def dot(self, uid: str, x: float, y: float) -> None:
        self.on_wire(uid, Mark(disc(x, y + self.dy, DOT), fill=self.ink.text))

    def line(self, path: Path, width: float = THIN, dash: tuple[float, ...] = (),
             color: str = "") -> None:  # fmt: skip
        self.now.append(
            Mark(self._moved(path), stroke=color or self.ink.text, width=width, dash=dash)
        )

    def fill(self, path: Path, color: str = "", opacity: float = 1.0) -> None:
        self.now.append(Mark(self._moved(path), fill=color or self.ink.text, opacity=opacity))

    def paper(self, path: Path, color: str) -> None:
        """Hide what lies behind a glyph."""
        self.now.append(Mark(self._moved(path), fill=color))

    def panel(self, path: Path, color: str, opacity: float) -> None:
        self.behind.append(Mark(self._moved(path), fill=color, opacity=opacity))

    def tex(self, x: float, y: float, tex: str, size: float, message: str = "",
            anchor: str = "middle", color: str = "") -> None:  # fmt: skip
        if tex:
            color = color or self.ink.text
            self.now.append(Formula(x, y + self.dy, tex, size, color, anchor, message))  # type: ignore[arg-type]

    def words(self, x: float, y: float, text: str, size: float, anchor: str = "middle",
              color: str = "") -> None:  # fmt: skip
        color = color or self.ink.text
        self.now.append(Words(x, y + self.dy, text, size, color, anchor))  # type: ignore[arg-type]

    def close(self, cls: str, name: str = "", tip: str = "") -> None:
        """End the group that the last marks belong to."""
        if self.now:
            self.over.append(Group(tuple(self.now), cls=cls, name=name, tip=tip))
            self.now = []

    def _moved(self, path: Path) -> Path:
        return tuple(
            (s[0], *(v + self.dy if k % 2 else v for k, v in enumerate(s[1:]))) for s in path
        )


def straight(x0: float, y0: float, x1: float, y1: float) -> Path:
    return (("M", x0, y0), ("L", x1, y1))


def curve(x0: float, y0: float, x1: float, y1: float) -> Path:
    """From left to right with level ends."""
    if abs(y0 - y1) < 0.01:
        return straight(x0, y0, x1, y1)
    h = 0.45 * (x1 - x0)
    return (("M", x0, y0), ("C", x0 + h, y0, x1 - h, y1, x1, y1))


def polygon(*points: tuple[float, float]) -> Path:
    return (("M", *points[0]), *(("L", *p) for p in points[1:]), ("Z",))


def rectangle(x0: float, y0: float, x1: float, y1: float) -> Path:
    return polygon((x0, y0), (x1, y0), (x1, y1), (x0, y1))


def plate(x0: float, y0: float, x1: float, y1: float) -> Path:
    """A rectangle whose bottom left corner is cut."""
    bite = min(3.2, (y1 - y0) / 3)
    return polygon((x0, y0), (x1, y0), (x1, y1), (x0 + bite, y1), (x0, y1 - bite))


def hexagon(x0: float, y: float, x1: float, half: float) -> Path:
    a = half * 0.75
    return polygon(
        (x0, y), (x0 + a, y - half), (x1 - a, y - half), (x1, y), (x1 - a, y + half),
        (x0 + a, y + half),
    )  # fmt: skip


def pentagon(x0: float, y: float, x1: float, half: float) -> Path:
    """A tag that points to the right."""
    a = half * 0.9
    return polygon((x0, y - half), (x1 - a, y - half), (x1, y), (x1 - a, y + half), (x0, y + half))


def disc(x: float, y: float, r: float) -> Path:
    k = _ARC * r
    return (
        ("M", x + r, y), ("C", x + r, y + k, x + k, y + r, x, y + r),
        ("C", x - k, y + r, x - r, y + k, x - r, y), ("C", x - r, y - k, x - k, y - r, x, y - r),
        ("C", x + k, y - r, x + r, y - k, x + r, y), ("Z",),
    )  # fmt: skip


def arrow(x: float, y: float, size: float = 3.0) -> Path:
    """A filled head that points to the right, its tip at (x, y)."""
    return polygon((x, y), (x - size, y - size * 0.55), (x - size, y + size * 0.55))


def parenthesis(x: float, y0: float, y1: float, bulge: float) -> Path:
    """A tall bracket from top to bottom; it bends to the left where ``bulge`` is above 0."""
    r = min(9.0, (y1 - y0) / 2)
    return (
        ("M", x + bulge, y0), ("C", x + bulge * 0.2, y0 + r * 0.3, x, y0 + r * 0.6, x, y0 + r),
        ("L", x, y1 - r), ("C", x, y1 - r * 0.6, x + bulge * 0.2, y1 - r * 0.3, x + bulge, y1),
    )  # fmt: skip


def cap(x: float, y0: float, y1: float) -> Path:
    """A half circle that closes two wires on the right."""
    r = (y1 - y0) / 2
    k = _ARC * r
    w = min(r, 7.0)
    return (
        ("M", x, y0), ("C", x + w * _ARC, y0, x + w, y0 + r - k, x + w, y0 + r),
        ("C", x + w, y0 + r + k, x + w * _ARC, y1, x, y1),
    )  # fmt: skip
