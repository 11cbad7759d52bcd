"""The Live tab: one card a plot, made when the network is known, fed by frames."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import panel as pn
import panel_material_ui as pmui

from workbench.engine.frames import Frame
from workbench.formats.spikes import LiveBeside, RecordedSpikes
from workbench.model.model import Model
from workbench.network import NetworkInfo
from workbench.palette import population_colors
from workbench.plots.circuit import KIND as CIRCUIT
from workbench.plots.kind import PlotKind
from workbench.plots.live.link import SharedSelection
from workbench.plots.registry import kinds, live_views

from ..theme import css
from ..widgets.cards import Card, empty, fill_rows
from ..widgets.named_select import named_select
from .circuit_card import CircuitCard

# What comes first on the page, unless the model's extension says so: the kinds that
# declare it, then OWN, the first of its own views. The others of its own follow, then the rest.
OWN = "own"
SHOWN_WALL_MS = 700.0  # at high speed the window grows to show at least so much wall time,
FOLLOWED = 40_000  # cells of weight matrices that are sent for the circuit alone
WIDEST = 4  # but not beyond so many times the model's own: single spikes must remain to be seen


class Plots:
    """The cards, and the views in them once the network is known.

    on_save : called with (view, title) when a card's ⤓ is pressed;  on_figure: the same when it
              is to be a panel of the figure
    later   : performs an action when the plots may be touched
    place   : performs one that adds something to the page; by default ``later``
    """

    def __init__(
        self,
        model: type[Model],
        on_save: Callable[[str, str], Any],
        later: Callable[[Callable[[], Any]], Any],
        place: Callable[[Callable[[], Any]], Any] | None = None,
        on_figure: Callable[[str, str], Any] | None = None,
    ):
        self.on_figure = on_figure
        self.place = later if place is None else place
        self.model = model
        self.on_save = on_save
        self.later = later
        self.views: dict[str, Any] = {}
        self.picked: dict[str, str] = {}  # what was chosen in the cards by hand
        self.link = SharedSelection()
        self.info: NetworkInfo | None = None
        self.window_ms = model.window_ms
        self.dark = False
        self.recording: RecordedSpikes | None = None  # shown beside from the next network on
        self._beside: LiveBeside | None = None
        self._held = False  # the way back from a zoom is offered
        self.on_select: Callable[[str, str], Any] = lambda _view, _name: None
        self._pane: dict[str, Any] = {}
        self.kinds = {k.id: k for k in kinds().values() if k.live is not None}
        self.selectors: dict[str, pmui.Select] = {
            key: named_select(
                kind.title, options=[], visible=False, margin=(0, 4),
                sizing_mode="stretch_width", css_classes=[f"wb-select-{key}"], variant="standard",
            )
            for key, kind in self.kinds.items()
            if kind.selects
        }  # fmt: skip
        for key, selector in self.selectors.items():
            selector.param.watch(
                lambda e, key=key: later(lambda: self._select(key, e.new)), "value"
            )
        self.hints: Mapping[str, str] = {}  # plot's id -> what to do where it has nothing to show
        self.ordered: list[Card] = []  # all cards of the page, as they stand
        self.arranged = False  # by the user, whose widths hold
        self.circuit = CircuitCard(later, self._on_node, self._act)
        self.cards = {kind.id: self._card(kind) for kind in self.kinds.values()}
        for key, card in self.cards.items():
            card.heading.param.watch(
                lambda e, key=key: later(lambda: self._show(key, e.new)), "seen"
            )
        self.view = pn.Column(
            stylesheets=[css("grid")],
            css_classes=["wb-grid"],
            sizing_mode="stretch_width",
            margin=0,
        )

    def arrange(
        self, own: list[Card], log: Card, leading: tuple[str, ...] = (), *more: Card
    ) -> None:
        """Put the cards in their order: ``leading``, the model's own, the others, more, the log."""
        cards = {**self.cards, **({OWN: own[0]} if own else {})}
        leading = leading or (*(k.id for k in self.kinds.values() if k.leads), OWN)
        first = [k for k in leading if k in cards]
        rest = [k for k in (OWN, *self.cards) if k in cards and k not in first]
        ordered = [
            *(cards[k] for k in first), *own[1:], *(cards[k] for k in rest), *more, log
        ]  # fmt: skip
        self.ordered = ordered
        for card in ordered:
            card.place_when_seen(self.place)
        self.view[:] = [card.view for card in ordered]

    def fill_rows(self) -> None:
        """Leave no hole beside the last card of a row, unless the user has arranged the cards."""
        if self.arranged:
            for card in self.ordered:
                card.span(())
        else:
            fill_rows(self.ordered)

    def _card(self, kind: PlotKind) -> Card:
        key, title = kind.id, kind.title
        self._pane[key] = pn.Column(sizing_mode="stretch_both", margin=0)
        tools: tuple[Any, ...] = (self.selectors[key],) if key in self.selectors else ()
        if key == CIRCUIT.id:
            tools = self.circuit.tools
        can_be_saved = kind.static is not None or kind.table is not None
        return Card(
            key,
            title,
            self._pane[key],
            tools=tools,
            on_save=(lambda: self.on_save(key, title)) if can_be_saved else None,
            on_figure=self._to_figure(kind),
        )

    def _to_figure(self, kind: PlotKind) -> Callable[[], Any] | None:
        send = self.on_figure
        if send is None or kind.static is None:
            return None
        return lambda: send(kind.id, kind.title)

    def chosen(self, key: str) -> dict[str, Any]:
        """What the figure must know to show the same as the card."""
        if key == CIRCUIT.id:
            return self.circuit.for_figure()
        selected = self.selected(key) if key in self.selectors else None
        found = {self.kinds[key].selects: selected} if selected else {}
        if key in self.views and hasattr(self.views[key], "for_figure"):
            found |= self.views[key].for_figure()
        return found

    def shown(self, key: str) -> list[Any]:
        """What the card draws, as it is seen; nothing where a figure is drawn anew from the run."""
        if self.kinds[key].redrawn or key not in self.views:
            return []
        found = self.cards[key].shown()
        return [] if isinstance(found, str) else found

    def shown_ms(self, t_ms: float) -> tuple[float, float]:
        """The stretch of time that the plots show at ``t_ms``, zoomed or not."""
        axis = next((v.time for v in self.views.values() if hasattr(v, "time")), None)
        start, end = (t_ms - self.window_ms, t_ms) if axis is None else axis.span
        start, end = max(0.0, start), min(end, t_ms)
        return (start, end) if end > start else (max(0.0, t_ms - self.window_ms), t_ms)

    # -- life of the network -----------------------------------------------------------------------

    def build(self, info: NetworkInfo) -> None:
        """Show a network: new views if it differs from the one shown, else only without data."""
        shown = None if self._beside is None else self._beside.recorded
        if self.info is not None and _same(self.info, info) and shown is self.recording:
            self.info = info
            self.reset()
            if self.circuit.plot is not None:  # the values can differ from those it was drawn with
                self.circuit.plot.show_values(info.circuit)
            return
        self.info = info
        self.link = SharedSelection()
        self._beside = None if self.recording is None else LiveBeside(info, self.recording)
        both = info if self._beside is None else self._beside.info
        colors = population_colors(both.populations, dark=self.dark)
        self.views = live_views(
            info, colors=colors, dark=self.dark, link=self.link, window_ms=self.window_ms,
            more={CIRCUIT.id: self.circuit.for_view()}, beside=both,
        )  # fmt: skip
        for key, hint in self.hints.items():
            view = self.views.get(key)
            if view is not None and hasattr(view, "advise"):
                view.advise(hint)
        self.circuit.plot = self.views.get(CIRCUIT.id)
        self.cards[CIRCUIT.id].stretch(self.circuit.is_tall())
        for key, pane in self._pane.items():
            view = self.views.get(key)
            self.cards[key].view.visible = view is not None and _has_place(view)
            if view is None:
                pane[:] = []
            elif isinstance(view.root, pn.viewable.Viewable):
                pane[:] = [view.root]
            else:
                drawn = getattr(view, "page", view.root)  # with what moves it, where there is some
                pane[:] = [pn.pane.Bokeh(drawn, sizing_mode="stretch_both", margin=0)]
        for key, selector in self.selectors.items():
            self._offer(selector, self.views.get(key))
        for key, card in self.cards.items():
            self._show(key, card.heading.seen)
        self.fill_rows()

    def _show(self, key: str, seen: bool) -> None:
        if key in self.views:
            self.views[key].show(seen)
        elif seen and self.info is None and not self._pane[key].objects:
            self._pane[key].append(empty(self.kinds[key].placeholder))

    def _offer(self, selector: pmui.Select, view: Any) -> None:
        names = list(view.names) if view is not None else []
        said = [self._label(n) for n in names]
        # The axis says the unit of a state; here it is left out, unless two would look the same.
        short = [s.partition(" (")[0] if "." in n else s for s, n in zip(said, names, strict=True)]
        labels = dict(zip(short if len(set(short)) == len(short) else said, names, strict=True))
        with pn.io.hold():
            selector.param.update(
                options=labels, value=view.selected if names else None, visible=len(names) > 1
            )

    def _label(self, name: str) -> str:
        assert self.info is not None
        for p in self.info.projections:
            if p.name == name:
                return p.label
        if name in self.info.labels:
            population = self.info.population_label(name.partition(".")[0])
            return f"{population}: {self.info.labels[name]}"
        return name.replace("_", " ").replace(".", ": ")

    def _select(self, key: str, name: str | None) -> None:
        if name and key in self.views and self.views[key].selected != name:
            self.views[key].select(name)
            self.picked[key] = name
            self.on_select(key, name)

    def selected(self, key: str) -> str | None:
        view = self.views.get(key)
        return view.selected if view is not None and view.selected else None

    def _on_node(self, name: str) -> None:
        """A population was clicked in the circuit: mark it everywhere and show its trace."""
        assert self.info is not None
        found = [p for p in self.info.populations if p.name == name]
        if not found:
            self.link.pick(None)
            return
        self.link.pick(name, 0, found[0].size - 1)
        traces = [n for n in self.info.traces if n.split(".")[0] == name]
        if traces and self.selected("traces") not in traces:
            self.selectors["traces"].value = traces[0]

    def _act(self, what: str, name: str) -> None:
        """A button of the circuit's details: show this population, trace or projection."""
        assert self.info is not None
        for card in self.cards.values():
            if card.full:
                card.expand(False)
        if what == "raster":
            size = next(p.size for p in self.info.populations if p.name == name)
            self.link.pick(name, 0, size - 1)
        elif what in self.selectors and what in self.views:
            self.selectors[what].value = name

    def learned(self) -> tuple[str, ...]:
        """Plastic projections whose weights are small enough to be followed all the time."""
        found, cells = [], 0
        for p in self.info.projections if self.info is not None else ():
            if p.plastic and p.weight is not None:
                cells += p.bins[0] * p.bins[1]
                if cells <= FOLLOWED:
                    found.append(p.name)
        return tuple(found)

    def mark(self, times_ms: Sequence[float]) -> None:
        """A line across every plot of time at each of these moments."""
        axis = next((v.time for v in self.views.values() if hasattr(v, "time")), None)
        if axis is not None:
            axis.marks.show(times_ms)

    def offer_way_back(self) -> None:
        """A button in the heading of every plot of time while they are zoomed, not following."""
        axis = next((v.time for v in self.views.values() if hasattr(v, "time")), None)
        held = axis is not None and not axis.following
        if held == self._held:
            return
        self._held = held
        for key, view in self.views.items():
            if hasattr(view, "time"):
                self.cards[key].offer_way_back(held, lambda: self.later(self._follow_again))

    def _follow_again(self) -> None:
        for view in self.views.values():
            if hasattr(view, "window"):
                view.window.user_reset()

    def rest(self) -> None:
        """Nothing arrived: let what glows fade."""
        if self.circuit.plot is not None:
            self.circuit.plot.rest()

    def reset(self) -> None:
        """A new run of the same network."""
        if self._beside is not None:
            self._beside.reset()
        for key, view in self.views.items():
            view.reset()
            self._follow(key, view)

    def update(self, frames: list[Frame], t_ms: float) -> None:
        both = frames if self._beside is None else self._beside.frames(frames)
        for key, view in self.views.items():
            view.update(both if self.kinds[key].recorded else frames, t_ms)
            self._follow(key, view)

    def _follow(self, key: str, view: Any) -> None:
        """Recordings come and go while the model runs: their names, and their cards."""
        card, selector = self.cards[key], self.selectors.get(key)
        if card.view.visible != _has_place(view):
            card.view.visible = _has_place(view)
            self.fill_rows()
        if selector is not None and list(dict(selector.options).values()) != list(view.names):
            self._offer(selector, view)

    def set_dark(self, dark: bool) -> None:
        self.dark = dark
        for view in self.views.values():
            view.set_dark(dark)

    def follow_speed(self, ms_per_s: float) -> None:
        """Widen the window at high speed, so that the raster stays readable; by powers of two."""
        wanted = self.model.window_ms
        while wanted < ms_per_s * SHOWN_WALL_MS / 1000 and wanted < WIDEST * self.model.window_ms:
            wanted *= 2
        # Going back needs a clear reason, or the window would flicker between two widths.
        if wanted > self.window_ms or wanted < self.window_ms / 2.5:
            self.window_ms = wanted
            for view in self.views.values():
                if hasattr(view, "set_window"):
                    view.set_window(wanted)


def _has_place(view: Any) -> bool:
    """False of a plot of recordings while there is none."""
    return not getattr(view, "waits", False) or view.has_data


def _same(a: NetworkInfo, b: NetworkInfo) -> bool:
    return (a.populations, a.projections, a.traces, a.dt_ms, a.tick_ms) == (
        b.populations, b.projections, b.traces, b.dt_ms, b.tick_ms
    )  # fmt: skip
