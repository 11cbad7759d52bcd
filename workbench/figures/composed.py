"""A figure of several panels for a paper: what is in it. `draw` and `place` put it on paper.

Panels stand in rows on a grid of sixths of the width. Axes that begin or end at the same line of
the grid are aligned, and so are the axes of a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import ParameterError, listed, unknown
from ..model.misread import quoted
from ..plots.kind import LARGEST, T_MS
from ..plots.registry import plot_kind
from .drawing import GRID, Lettering
from .journals import Journal, journal_named
from .typefaces import check_font, family_for

if TYPE_CHECKING:
    from ..plots.live.seen import Seen
    from ..run import Run

SHARES = {"whole": 6, "two thirds": 4, "half": 3, "third": 2}  # of the width, in sixths

AXES = ("axis", "scale bar")
HEIGHTS_MM = (10.0, 220.0)  # of a panel
WIDTHS_MM = (40.0, 400.0)
LETTERS = ("a", "A", "")
SMALLEST_PT, LARGEST_PT = 5.0, 14.0


@dataclass(frozen=True, eq=False)
class Panel:
    """One panel.

    run, plot : what is drawn, or ``seen``: what a card showed
    options   : of the plot, such as ``t_ms=(500, 1000)`` and ``bin_ms=5``
    width     : share of the page: "whole", "two thirds", "half", "third"
    height_mm : with its letter and the names of its axes; None for one that suits
    zero_ms   : moment of the run that the axis of time calls 0
    axis      : "axis", or "scale bar" in place of the axes of time and of traces
    spikes    : mark the spikes of the neurons whose traces are drawn
    name      : in the caption, where it is no plot of a run
    """

    run: Run | None
    plot: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    seen: Seen | None = None
    width: str = "whole"
    height_mm: float | None = None
    zero_ms: float = 0.0
    axis: str = "axis"
    name: str = ""
    spikes: bool = False

    def __post_init__(self) -> None:
        _one_of("width", self.width, SHARES)
        _one_of("axis", self.axis, AXES)
        if self.height_mm is not None:
            _between("height_mm", self.height_mm, HEIGHTS_MM, "or None for one that suits")
        if not (isinstance(self.zero_ms, int | float) and abs(self.zero_ms) <= LARGEST):
            raise ParameterError(
                f"zero_ms = {quoted(self.zero_ms)} is not allowed: give a moment of the run in ms."
            )
        if self.spikes and self.plot != "traces":
            raise ParameterError(f"Spikes are marked on traces, not on the plot {self.plot!r}.")
        if self.seen is None:
            kind = plot_kind(self.plot)
            for name, value in self.options.items():
                option = kind.option(name)
                if option is None:
                    raise unknown(
                        "option", name, [o.name for o in kind.options], owner=f"the plot {kind.id}"
                    )
                option.check(value)

    @property
    def columns(self) -> int:
        """Sixths of the width."""
        return SHARES[self.width]

    @property
    def has_time(self) -> bool:
        """Whether its horizontal axis is the time of the run."""
        if self.seen is not None:
            return self.seen.x_label.startswith("time (")
        return plot_kind(self.plot).option(T_MS.name) is not None

    @property
    def span_ms(self) -> tuple[float, float] | None:
        """The stretch of time that is shown; None where it has no time."""
        if not self.has_time:
            return None
        if self.seen is not None:
            return self.seen.x
        chosen = self.options.get(T_MS.name)
        if chosen is None:
            assert self.run is not None
            return 0.0, self.run.duration_ms
        low, high = chosen
        return float(low), float(high)


class FigurePage:
    """A figure of several panels, for a journal or of any size.

    width_mm : by default one column of the journal
    journal  : name of one of `workbench.figures.journals.JOURNALS`, which sets what is not given
    font     : "Arial", "Helvetica" or "DejaVu Sans"; what stands in for it where it is missing,
               `workbench.figures.typefaces` says
    label_pt, tick_pt : names of axes; their numbers and legends
    letters  : "a", "A", or "" for none
    raises   : UnknownName, ParameterError
    """

    def __init__(
        self,
        width_mm: float | None = None,
        *,
        journal: str = "any",
        font: str | None = None,
        label_pt: float | None = None,
        tick_pt: float | None = None,
        letters: str | None = None,
    ):
        self.journal: Journal = journal_named(journal)
        self.width_mm = self.journal.widths_mm[0] if width_mm is None else width_mm
        self.font = self.journal.font if font is None else font
        self.label_pt = self.journal.label_pt if label_pt is None else label_pt
        self.tick_pt = self.journal.tick_pt if tick_pt is None else tick_pt
        self.letters = self.journal.letters if letters is None else letters
        self.panels: list[Panel] = []
        _between("width_mm", self.width_mm, WIDTHS_MM)
        for name in ("label_pt", "tick_pt"):
            _between(name, getattr(self, name), (SMALLEST_PT, LARGEST_PT), unit="points")
        _one_of("letters", self.letters, LETTERS)
        check_font(self.font)

    def add(
        self,
        run: Run,
        plot: str = "raster",
        *,
        width: str = "whole",
        height_mm: float | None = None,
        zero_ms: float = 0.0,
        axis: str = "axis",
        spikes: bool = False,
        **options: Any,
    ) -> Panel:
        """Add a plot of a run; the arguments are those of `Panel`. Returns the panel."""
        panel = Panel(run, plot, options, None, width, height_mm, zero_ms, axis, spikes=spikes)
        return self.append(panel)

    def add_seen(self, seen: Seen | str | Path, name: str = "", **layout: Any) -> Panel:
        """Add what a card of the app showed: read from a file that the app saved, or as it is."""
        if isinstance(seen, str | Path):
            from .seen_file import read_seen

            seen = read_seen(seen)
        run = layout.pop("run", None)
        return self.append(Panel(run, "", {}, seen, name=name or seen.title, **layout))

    def append(self, panel: Panel) -> Panel:
        """Add a panel; returns it."""
        self.panels.append(panel)
        return panel

    def change(self, k: int, **changes: Any) -> Panel:
        """Give panel ``k`` other values: fields of `Panel`, or options of its plot."""
        panel = self.panels[k]
        own = {n: v for n, v in changes.items() if n in Panel.__dataclass_fields__}
        more = {n: v for n, v in changes.items() if n not in own}
        if more:
            kept = {**panel.options, **more}
            own["options"] = {n: v for n, v in kept.items() if v is not None}
        self.panels[k] = replace(panel, **own)
        return self.panels[k]

    def move(self, k: int, by: int) -> None:
        """Move panel ``k`` so many places towards the end."""
        to = min(max(k + by, 0), len(self.panels) - 1)
        self.panels.insert(to, self.panels.pop(k))

    def rows(self) -> list[list[Panel]]:
        """The panels in rows, each as full as they fit."""
        found: list[list[Panel]] = []
        room = 0
        for panel in self.panels:
            if panel.columns > room:
                found.append([])
                room = GRID
            found[-1].append(panel)
            room -= panel.columns
        return found

    def letter(self, k: int) -> str:
        """Letter of panel ``k``; "" where there is none, as of a panel that is alone."""
        from .page import letter_of

        if not self.letters or len(self.panels) < 2:
            return ""
        return letter_of(k).upper() if self.letters == "A" else letter_of(k)

    @property
    def lettering(self) -> Lettering:
        """Font and sizes, with what is installed."""
        return Lettering(family_for(self.font), self.label_pt, self.tick_pt, self.journal.letter_pt)

    def draw(self) -> Any:
        """The Matplotlib figure; raises ParameterError without panels or for what has no data."""
        from .on_paper import draw

        return draw(self)

    def encode(self, fmt: str = "pdf") -> bytes:
        """The figure as the bytes of a file: svg, pdf or png."""
        from .on_paper import encode

        return encode(self, fmt)

    def save(self, path: str | Path) -> Path:
        """Write the figure; the ending of ``path`` says in which format: svg, pdf or png."""
        from . import ending, write
        from .file_format import VECTOR_OR_IMAGE

        path = Path(path)
        return write(path, self.encode(ending(path, VECTOR_OR_IMAGE)))

    def caption(self) -> str:
        """What a caption has to say: panels, model, sizes, seed, engine and what was changed."""
        from .captions import caption

        return caption(self)

    def warnings(self, height_mm: float | None = None) -> list[str]:
        """What is not as the journal asks, as sentences.

        height_mm : of the figure, if it is known: finding it takes as long as drawing
        """
        from .on_paper import height_of
        from .typefaces import instead

        found = [instead(self.font)] if instead(self.font) else []
        widths = self.journal.widths_mm
        if self.journal.name != "any" and self.width_mm not in widths:
            asked = listed([f"{w:g}" for w in widths])
            found.append(
                f"{self.journal.name} asks for widths of {asked} mm, not {self.width_mm:g}."
            )
        high = height_mm if height_mm is not None else height_of(self)
        if high > self.journal.most_mm:
            whose = "a page" if self.journal.name == "any" else self.journal.name
            found.append(
                f"The figure is {high:.0f} mm high; {whose} has room for {self.journal.most_mm:g}."
            )
        return found


def _between(
    name: str, value: Any, limits: tuple[float, float], more: str = "", unit: str = "mm"
) -> None:
    low, high = limits
    if not (isinstance(value, int | float) and low <= value <= high):
        raise ParameterError(
            f"{name} = {quoted(value)} is not allowed: between {low:g} and {high:g} {unit}"
            f"{', ' + more if more else ''}."
        )


def _one_of(name: str, value: Any, allowed: Sequence[str] | dict[str, Any]) -> None:
    if not (isinstance(value, str) and value in allowed):
        shown = listed([repr(a) for a in allowed])
        raise ParameterError(f"{name} = {quoted(value)} is not allowed: it is one of {shown}.")
