"""The figure of a page: the panels that were sent to it, and copies of the runs they are of.

A panel keeps its copy when the page begins another run. `panels/tabs/figure.py` shows it.
"""

from __future__ import annotations

import contextlib
import shutil
import threading
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from panels.access.visitor import in_words
from workbench.errors import ParameterError
from workbench.figures.journals import PLAIN
from workbench.figures.page import letter_of
from workbench.model.units import number_of
from workbench.paths import new_store
from workbench.plots.kind import T_MS
from workbench.plots.registry import plot_kind
from workbench.store.copying import copy_run

from ..widgets.cards import Card
from ..widgets.notices import notify
from .figure_drawing import FigureAsked, PanelAsked

if TYPE_CHECKING:
    from ..model_page import Explorer

MOST = 26  # panels: one a letter
NUMBERS = ("from_ms", "to_ms", "zero_ms", "bin_ms", "height_mm")  # fields that may be left empty
SENT_MS = 5000
UNMARKED, MARKED = "as recorded", "marked"  # spikes on traces


@dataclass(eq=False)
class Copy:
    """A copy of a run as it was at ``t_ms``, on disk as long as the page is open."""

    path: Path
    t_ms: float
    session: weakref.ref[Any]


@dataclass(frozen=True, eq=False)
class Sent:
    """A panel of the figure.

    title  : of the card;  about: what the caption says besides
    plot   : id of the kind, "" for what the card showed, ``seen``
    fields : "width", "axis", "spikes", and `NUMBERS`, None where the figure is to choose
    """

    title: str
    copy: Copy
    plot: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    seen: Any = None
    about: str = ""
    fields: dict[str, Any] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        """Whether a field makes sense for it."""
        if name == "bin_ms":
            return bool(self.plot) and plot_kind(self.plot).option("bin_ms") is not None
        if name in ("from_ms", "to_ms"):
            return bool(self.plot) and plot_kind(self.plot).option(T_MS.name) is not None
        if name == "spikes":
            return self.plot == "traces"
        if name in ("zero_ms", "axis"):
            return self.has("from_ms") or (
                self.seen is not None and self.seen.x_label.startswith("time (")
            )
        return True

    def asked(self) -> PanelAsked:
        """As `FigurePage` takes it."""
        f = self.fields
        options = dict(self.options)
        if self.has("from_ms"):
            end = self.copy.t_ms if f["to_ms"] is None else f["to_ms"]
            options[T_MS.name] = (f["from_ms"] or 0.0, end)
        if self.has("bin_ms") and f["bin_ms"] is not None:
            options["bin_ms"] = f["bin_ms"]
        layout = {"width": f["width"], "height_mm": f["height_mm"]}
        if self.has("axis"):
            layout |= {"axis": f["axis"], "zero_ms": f["zero_ms"] or 0.0}
        if self.has("spikes"):
            layout["spikes"] = f["spikes"] == MARKED
        if self.seen is not None:
            layout["name"] = f"{self.title}. {self.about}".rstrip(". ")
        return PanelAsked(str(self.copy.path), self.plot, options, self.seen, layout)


class FigureDesk:
    """Of one page of the app.

    paper   : fields of `FigurePage`
    panels  : what was sent to it
    changed : called when it has to be drawn anew
    """

    def __init__(self, page: Explorer):
        self._page = page
        self.changed: Callable[[], Any] = lambda: None
        self.paper: dict[str, Any] = {}
        self.panels: list[Sent] = []
        self.use_journal(PLAIN.name)
        self._coming = 0  # panels whose run is being copied
        self._closed = False
        self._copies: list[Copy] = []
        self._copying = threading.Lock()

    # -- what is sent ----------------------------------------------------------------------------

    def plot(self, view: str, title: str) -> None:
        """A kind of plot, as its card has it: what is chosen, and the time that it shows."""
        plots, session = self._page.plots, self._page.session
        options = plots.chosen(view)
        low, high = plots.shown_ms(session.status().t_ms)
        tick = self._page.model_class.tick_ms
        fields = {"from_ms": _whole(low, tick), "to_ms": _whole(high, tick)}
        self._send(title, [{"plot": view, "options": options, "fields": fields}])

    def card(self, card: Card, about: str = "") -> None:
        """A card that is no kind of plot, as it is seen: a panel for each of its figures.

        about : what its caption says besides the title
        """
        shown = card.shown()
        drawn = [] if isinstance(shown, str) else [seen for seen in shown if not seen.words]
        if not drawn:
            self._tell(f"{card.title} has no plot yet that could be a panel.", False)
            return
        parts = [{"seen": seen, "about": about, "fields": {}} for seen in drawn]
        self._send(card.title, parts)

    def _send(self, title: str, parts: list[dict[str, Any]]) -> None:
        session = self._page.session
        if len(self.panels) + self._coming + len(parts) > MOST:
            self._tell(f"A figure has at most {MOST} panels: remove one first.", False)
            return
        self._coming += len(parts)

        def arrive(then: Callable[[], Any]) -> None:
            self._coming -= len(parts)
            then()

        reading = self._page.readers.reading(session)

        def copy() -> None:
            try:
                with reading:
                    found = self._copy(session)
            except Exception as error:  # whatever it is, the page must say so
                words = in_words(error)
                self._page.place(lambda: arrive(lambda: self._tell(words, False)))
                return
            self._page.place(lambda: arrive(lambda: self._add(title, parts, found)))

        threading.Thread(target=copy, name="copied for a figure", daemon=True).start()

    def _copy(self, session: Any) -> Copy:
        """The run as it is now; a later copy of one run takes the place of an earlier one."""
        with self._copying:
            t_ms = session.status().t_ms
            before = next((c for c in self._copies if c.session() is session), None)
            if before is not None and before.t_ms >= t_ms:
                return before
            run, path = session.run_so_far(), new_store()
            both = self._page.beside.joined(run)
            message = f"Copied for a figure at {run.duration_ms:g} ms, while it was simulated."
            standing = run.path is not None and session.status().state != "running"
            if both is run and run.path is not None and standing:
                copy_run(run.path, path, message)
            else:
                if both.outcome == "running":
                    both.outcome, both.message = "stopped", message
                both.save(path)
            copy = Copy(path, run.duration_ms, weakref.ref(session))
            self._copies.append(copy)
            if self._closed:  # meanwhile
                self.close()
            return copy

    def _add(self, title: str, parts: list[dict[str, Any]], copy: Copy) -> None:
        empty = {
            "width": "whole", "axis": "axis", "spikes": UNMARKED, **dict.fromkeys(NUMBERS)
        }  # fmt: skip
        for part in parts:
            self.panels.append(Sent(title, copy, **{**part, "fields": {**empty, **part["fields"]}}))
        self._tidy(copy)
        self._forget_unused()
        first, last = (letter_of(len(self.panels) - n) for n in (len(parts), 1))
        which = f"panel {last}" if len(parts) == 1 else f"panels {first} to {last}"
        self._tell(f"{title} is {which} of the figure: see the tab Figure.", True)
        self.changed()

    def _tidy(self, latest: Copy) -> None:
        """Panels of one run share its latest copy, so that they share an axis of time too."""
        session = latest.session()
        old = [c for c in self._copies if c is not latest and c.session() is session is not None]
        self.panels = [replace(p, copy=latest) if p.copy in old else p for p in self.panels]
        for copy in old:
            self._copies.remove(copy)
            shutil.rmtree(copy.path, ignore_errors=True)

    def _forget_unused(self) -> None:
        """Remove copies that no panel is of; not while a panel comes, which may be of one."""
        used = [panel.copy for panel in self.panels]
        for copy in [] if self._coming else [c for c in self._copies if c not in used]:
            self._copies.remove(copy)
            shutil.rmtree(copy.path, ignore_errors=True)

    def _tell(self, message: str, done: bool) -> None:
        notify("success" if done else "warning", message, SENT_MS)

    # -- what is changed --------------------------------------------------------------------------

    def use_journal(self, name: str) -> None:
        """Width, font and sizes that a journal asks for."""
        from workbench.figures.composed import FigurePage

        page = FigurePage(journal=name)
        self.paper = {
            "journal": name, "width_mm": page.width_mm, "font": page.font,
            "label_pt": page.label_pt, "tick_pt": page.tick_pt, "letters": page.letters,
        }  # fmt: skip
        self.changed()

    def set_page(self, name: str, value: Any) -> None:
        """Another value of a field of the page; raises ParameterError for what is no number."""
        if name == "journal":
            self.use_journal(str(value))
            return
        if name not in self.paper:
            raise ParameterError(f"A figure has no field {name!r}.")
        text = name in ("font", "letters")
        self.paper = {**self.paper, name: str(value) if text else number_of(value, what=name)}
        self.changed()

    def set_panel(self, k: int, name: str, value: Any) -> None:
        """Another value of a field of panel ``k``; an empty number lets the figure choose."""
        sent = self.panels[k]
        if name not in sent.fields:
            raise ParameterError(f"A panel has no field {name!r}.")
        new: Any = value
        if name in NUMBERS:
            unit = "mm" if name.endswith("mm") else "ms"
            new = None if str(value).strip() == "" else number_of(value, unit, what=name)
        self.panels[k] = replace(sent, fields={**sent.fields, name: new})
        self.changed()

    def same_time(self, k: int) -> None:
        """All panels show the stretch of time that panel ``k`` shows."""
        chosen = {n: self.panels[k].fields[n] for n in ("from_ms", "to_ms", "zero_ms")}
        self.panels = [
            replace(p, fields={**p.fields, **chosen}) if p.has("from_ms") else p
            for p in self.panels
        ]
        self.changed()

    def move(self, k: int, by: int) -> None:
        """Move panel ``k`` up or down."""
        to = min(max(k + by, 0), len(self.panels) - 1)
        self.panels.insert(to, self.panels.pop(k))
        self.changed()

    def remove(self, k: int) -> None:
        """Take panel ``k`` out of the figure."""
        del self.panels[k]
        self._forget_unused()
        self.changed()

    def asked(self) -> FigureAsked:
        """The figure as plain data, as it is drawn elsewhere."""
        return FigureAsked(dict(self.paper), tuple(p.asked() for p in self.panels))

    def close(self) -> None:
        """The page is gone, and the copies with it."""
        self._closed = True
        copies, self._copies = self._copies, []
        for copy in copies:
            with contextlib.suppress(OSError):
                shutil.rmtree(copy.path)


def _whole(t_ms: float, tick_ms: float) -> float:
    """The nearest tick: a number that is easily read."""
    return round(round(t_ms / tick_ms) * tick_ms, 6)
