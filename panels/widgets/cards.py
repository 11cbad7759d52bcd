"""Cards: a plot with a title, its own controls, and buttons to save (⤓) and enlarge (⛶)."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import panel as pn
import panel_material_ui as pmui

from ..theme import css
from .card_heading import CardHeading
from .icons import icon

COLUMNS = (2, 3)  # of the page's grid where it has more than one; `browser/grid.css` says when
HEIGHTS = ("low", "high")  # besides that of the page's grid; `browser/card.css` says how high


class Card:
    """A titled frame around one plot.

    key     : stable name; the card has the CSS class ``wb-card-<key>``
    body    : content, which fills the card
    tools   : widgets in the heading, such as a selector
    on_save : opens the save dialog; without it the card has no ⤓ button
    on_figure : sends it to the figure; without it the card has no such button
    wide    : the card spans the page and is as high as its content
    words   : returns what a card of fields says, as HTML, for its file

    ``fits_content`` is True of a card that is as high as its content, ``heading.seen`` while the
    card is on the screen.
    """

    def __init__(
        self,
        key: str,
        title: str,
        body: Any,
        *,
        tools: tuple[Any, ...] = (),
        on_save: Callable[[], Any] | None = None,
        on_figure: Callable[[], Any] | None = None,
        help: str = "",
        wide: bool = False,
        words: Callable[[], str] | None = None,
    ):
        self.key = key
        self.title = title
        self.full = False
        self.heading = CardHeading(title=title, help=help, tools=list(tools))
        if on_save is not None:
            self.offer_save(on_save)
        if on_figure is not None:
            self.offer_figure(on_figure)
        if not wide:
            self.heading.add_button(
                "full", "expand", "Full page", f"wb-full-{key}", lambda: self.expand(not self.full)
            )
        self._classes = ["wb-card", f"wb-card-{key}", *(["wb-wide"] if wide else [])]
        self.fits_content = wide
        self._tall = self._marked = self._hidden = self._broad = self._left_out = False
        self._height = ""
        self._spans: tuple[str, ...] = ()
        self._words = words
        self._body = pn.panel(body)
        self.view = pn.Column(
            self.heading, self._body, css_classes=self._classes, stylesheets=[css("card")],
            sizing_mode="stretch_width" if wide else "stretch_both", margin=0,
        )  # fmt: skip

    @property
    def is_words(self) -> bool:
        """Whether it has words and no plot, as far as can be told before it is drawn."""
        return self._words is not None

    @property
    def can_be_saved(self) -> bool:
        """Whether it has a ⤓ button."""
        return any(b["name"] == "save" for b in self.heading.buttons)

    def offer_figure(self, on_figure: Callable[[], Any]) -> None:
        """Add the button that makes it a panel of the page's figure, before the last one."""
        name = f"Send {self.title.lower()} to the figure"
        self.heading.add_button("figure", "figure", name, f"wb-to-figure-{self.key}", on_figure)
        last = [b for b in self.heading.buttons if b["name"] == "full"]
        self.heading.buttons = [b for b in self.heading.buttons if b not in last] + last

    def offer_save(self, on_save: Callable[[], Any]) -> None:
        """Add the ⤓ button, the first of them."""
        name = f"Save {self.title.lower()}"
        self.heading.add_button("save", "save", name, f"wb-save-{self.key}", on_save)
        others = [b for b in self.heading.buttons if b["name"] != "save"]
        mine = [b for b in self.heading.buttons if b["name"] == "save"]
        self.heading.buttons = [*mine, *others]

    def offer_way_back(self, held: bool, follow: Callable[[], Any]) -> None:
        """Show or remove the button that lets a zoomed plot follow the present again."""
        if held:
            self.heading.add_button(
                "follow", "undo", "Zoomed: follow the present again", f"wb-follow-{self.key}",
                follow,
            )  # fmt: skip
        else:
            self.heading.buttons = [b for b in self.heading.buttons if b["name"] != "follow"]

    def shown(self) -> list[Any] | str:
        """What the card shows: its figures as they are seen, or the HTML of one of words."""
        body = self._body
        if self._words is not None:
            return _document(css("text"), self._words())
        if hasattr(body, "seen_now"):
            return list(body.seen_now())
        panes = body.select(pn.pane.Bokeh)
        if panes:
            from workbench.plots.live.seen import figures_in, seen_of

            return [seen_of(fig) for pane in panes for fig in figures_in(pane.object)]
        texts = body.select(pn.pane.HTML)
        sheets = "".join(str(sheet) for pane in texts for sheet in pane.stylesheets)
        words = "".join(str(pane.object) for pane in texts)
        return _document(sheets, words)

    def place_when_seen(self, place: Callable[[Callable[[], Any]], Any]) -> None:
        """Leave the content out of the page until the card is on the screen for the first time.

        Most cards are below the edge of the window when a page opens, and each costs the browser
        and the server as much as one that is seen.

        place : performs an action that adds something to the page
        """
        tools, self.heading.tools = self.heading.tools, []
        self.view.remove(self._body)
        self.heading.seen = False

        def fill() -> None:
            self.heading.tools = tools
            self.view.append(self._body)

        def first_seen(_event: Any) -> None:
            self.heading.param.unwatch(watcher)
            place(fill)

        watcher = self.heading.param.watch(first_seen, "seen")

    def expand(self, full: bool) -> None:
        """Fill the window, or return to the grid."""
        self.full = full
        self._restyle()
        if full:
            self.heading.redraw_button("full", "shrink", "Back to the page")
        else:
            self.heading.redraw_button("full", "expand", "Full page")

    def mark(self, marked: bool) -> None:
        """Draw a frame around it, or none, and bring it into view: it is what is spoken of."""
        if marked != self._marked:
            self._marked = self.heading.marked = marked
            self._restyle()

    def stretch(self, tall: bool) -> None:
        """Take two rows of the grid, or one."""
        if tall != self._tall:
            self._tall = tall
            self._restyle()

    def leave_out(self, left_out: bool) -> None:
        """Show it, or do not, whatever its own layout says: a lesson has its cards."""
        if left_out != self._left_out:
            self._left_out = left_out
            self._restyle()

    def arrange(self, place: int, *, hidden: bool, broad: bool, height: str = "") -> None:
        """Stand at this place among the cards, with the whole width of the page, or not at all.

        place  : the cards of one number stand as they were added
        height : one of `HEIGHTS`, or "" for that of the page's grid
        """
        styles = {**self.view.styles, "order": str(place)}
        if styles != self.view.styles:
            self.view.styles = styles
        if (hidden, broad, height) != (self._hidden, self._broad, self._height):
            self._hidden, self._broad, self._height = hidden, broad, height
            self._restyle()

    @property
    def has_place(self) -> bool:
        """Whether it stands in the grid."""
        return bool(self.view.visible) and not (self._hidden or self._left_out)

    @property
    def rows(self) -> int:
        """How many rows of the grid it takes, as long as no other height is chosen."""
        return 2 if self._tall else 1

    def span(self, spans: Sequence[str]) -> None:
        """Take more of the grid than one place, as ``fill_rows`` says."""
        if tuple(spans) != self._spans:
            self._spans = tuple(spans)
            self._restyle()

    def _restyle(self) -> None:
        more = {"wb-tall": self._tall, "wb-full": self.full, "wb-marked": self._marked,
                "wb-hidden": self._hidden or self._left_out, "wb-broad": self._broad,
                **{f"wb-height-{name}": self._height == name for name in HEIGHTS},
                **{f"wb-{span}": True for span in self._spans}}  # fmt: skip
        self.view.css_classes = [*self._classes, *(name for name, on in more.items() if on)]


def fill_rows(cards: Sequence[Card]) -> None:
    """Leave no holes in the rows of the grid, whether it has two columns or three.

    The last card of a row takes the width that is left: it has the span "of-3-take-2" where it
    takes two of three columns. Where a card of two rows is the last one of its lower row, the card
    beside it takes two rows as well: "of-3-high".
    """
    shown = [card for card in cards if card.has_place]
    spans: list[list[str]] = [[] for _ in shown]
    for columns in COLUMNS:
        for k, (width, higher) in enumerate(_sizes(shown, columns)):
            spans[k] += [f"of-{columns}-take-{width}"] if width > 1 else []
            spans[k] += [f"of-{columns}-high"] if higher else []
    for card, found in zip(shown, spans, strict=True):
        card.span(found)


def _sizes(cards: Sequence[Card], columns: int) -> list[tuple[int, bool]]:
    """How many columns each card takes, and whether it takes a second row that it had not."""
    taken: set[tuple[int, int]] = set()
    places: list[tuple[int, int]] = []

    def cells(row: int, column: int, height: int, width: int = 1) -> set[tuple[int, int]]:
        return set(itertools.product(range(row, row + height), range(column, column + width)))

    for card in cards:  # as ``grid-auto-flow: dense`` does
        width = columns if card.fits_content else 1
        row, column = next(
            (row, column) for row in itertools.count() for column in range(columns - width + 1)
            if not cells(row, column, card.rows, width) & taken
        )  # fmt: skip
        taken |= cells(row, column, card.rows, width)
        places.append((row, column))
    end = max((row for row, _ in taken), default=0)
    widths, higher = [], []
    for card, (row, column) in zip(cards, places, strict=True):
        width = columns if card.fits_content else 1
        while (
            column + width < columns and not (more := cells(row, column + width, card.rows)) & taken
        ):
            taken |= more
            width += 1
        widths.append(1 if card.fits_content else width)
    for card, (row, column), width in zip(cards, places, widths, strict=True):
        below = cells(row + 1, column, 1, width)
        fits = card.rows == 1 and not card.fits_content and row < end and not below & taken
        taken |= below if fits else set()
        higher.append(fits)
    return list(zip(widths, higher, strict=True))


def _document(style: str, body: str) -> str:
    return f'<!doctype html><meta charset="utf-8"><style>{style}</style>{body}'


def button(drawn: str, message: str, css: str) -> pmui.IconButton:
    """Create a small button of a card's heading; ``message`` is its tooltip."""
    return pmui.IconButton(
        icon=icon(drawn), size="small", icon_size="1.15em", description=message, css_classes=[css],
        margin=0, color="default",
    )  # fmt: skip


def empty(text: str) -> pn.viewable.Viewable:
    """Placeholder for a plot without data, with a text about what will appear."""
    return pn.pane.HTML(
        f'<div class="empty">{text}</div>', sizing_mode="stretch_both", stylesheets=[css("empty")]
    )
