"""The Compare tab: two simulations of the model from one seed, differing in one parameter."""

from __future__ import annotations

import contextlib
import html
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import panel as pn
import panel_material_ui as pmui

from panels.access.visitor import in_words, visitor
from workbench.comparison.pair import Pair, PairStatus
from workbench.errors import WorkbenchError
from workbench.interventions import Intervention
from workbench.model.operation import Operation
from workbench.palette import population_colors
from workbench.plots.in_words import clock
from workbench.plots.live.link import SharedSelection

from ..access.turns import Turn
from ..parts.controls import from_operations
from ..parts.parameters import checked
from ..theme import css, in_a_row
from ..widgets.cards import Card, empty
from ..widgets.error_alert import ErrorAlert
from ..widgets.icons import icon
from ..widgets.named_select import named_select
from .compare_plots import OverlayView, RateDifferenceView, WeightDifferenceView
from .compare_text import (
    Chosen,
    ChosenIntervention,
    ChosenSide,
    color_key,
    label,
    other_value,
    progress,
    sentence,
    weights_sentence,
)

if TYPE_CHECKING:
    from panels.model_page import Explorer

BEGINNINGS = {
    "t = 0": "zero",
    "t = 0, with what was done live": "again",
    "now, where the live run is": "now",
}
DRAW_EVERY_S = 0.12
CARDS = {
    "overlay": ("Overlaid rasters", "The spikes of A and B appear here, on the same rows."),
    "rate-difference": ("Difference of rates", "Rate in B minus rate in A appears here."),
    "weight-difference": ("Difference of weights", "Weights that differ appear here."),
}
AWAITING = (
    "A has the values of the parameter column, B differs in one. Both run side by side from the "
    "same seed: what differs, differs for that one reason. To compare a run with and "
    "without something that was done to it, press its flag over the line of time. To try a change "
    'before you make it, pause the run and begin at "now".'
)
RATES_ONLY = (
    "<p>What is compared here are spikes, one by one. This model's units have rates and no spikes: "
    "Sweep measures it at several values of a parameter, side by side.</p>"
)
WIDEST = 4  # maximum time window in units of the model's; a wider raster would be too dense
PROJECTIONS = 12  # maximum number of projections compared; plastic ones first


class CompareTab:
    """Widgets and plots of the tab, and the `Pair` that feeds them; created on first display."""

    def __init__(self, explorer: Explorer):
        self.explorer = explorer
        self.model = explorer.model_class
        self.pair: Pair | None = None
        self.chosen: Chosen | None = None
        self.views: dict[str, Any] = {}
        self._made: tuple[Pair | None, str] | None = None  # arrives from a thread
        self._lock = threading.Lock()
        self._drawn_at = 0.0
        self._speed: float | None = None
        self._message = ""
        self.turn = Turn(whose=visitor().name)
        self._asked = 0  # number of comparisons begun or ended; only the latest is used

    # -- widgets -------------------------------------------------------------------------------

    def build(self) -> pn.Column:
        """Create the tab's content."""
        info = self.explorer.info
        if info is not None and not info.spiking:
            return pn.Column(pn.pane.HTML(RATES_ONLY, stylesheets=[css("text")], margin=(14, 14)))
        later = self.explorer.later
        parameters = self.model.parameters()
        self.parameter = pmui.Select(
            label="B differs in", size="small", width=200, margin=(4, 10, 4, 0),
            options={label(k, q): k for k, q in parameters.items()},
            value=next((k for k, q in parameters.items() if q.live), next(iter(parameters), None)),
            css_classes=["wb-compare-parameter"],
        )  # fmt: skip
        # A text field: a number field accepts no units and cannot show our error messages.
        self.value = pmui.TextInput(
            label="Its value in B", size="small", width=130, margin=(4, 10, 4, 0),
            css_classes=["wb-compare-value"],
        )  # fmt: skip
        self.begin = pmui.Select(
            label="Beginning at", options=BEGINNINGS, value="zero", size="small", width=210,
            margin=(4, 10, 4, 0), css_classes=["wb-compare-begin"],
        )  # fmt: skip
        self.parameter.param.watch(lambda _e: later(self._suggest), "value")
        self.buttons: dict[str, Any] = {
            "run": pmui.Button(
                label="Compare", icon=icon("run"), size="small", variant="contained",
                color="primary", css_classes=["wb-compare-run"], margin=(4, 4),
            ),
            **{
                name: pmui.IconButton(
                    icon=icon(name), size="small", description=message, color="default", margin=0,
                    css_classes=[f"wb-compare-{name}"], disabled=True,
                )
                for name, message in (("pause", "Pause both"), ("stop", "Stop both"))
            },
            "first": pmui.Button(
                label="Show the first difference", icon=icon("ask"), size="small", variant="text",
                color="primary", css_classes=["wb-compare-first"], margin=(4, 4), disabled=True,
            ),
        }  # fmt: skip
        for name, button in self.buttons.items():
            button.on_click(partial(self._pressed, name))
        self.error_banner = ErrorAlert(margin=(4, 0))
        self.text = pn.pane.HTML(
            "", stylesheets=[css("text"), css("compare")], sizing_mode="stretch_width",
            margin=(4, 0), css_classes=["wb-compare-said"],
        )  # fmt: skip
        self._panes = {
            k: pn.Column(empty(message), sizing_mode="stretch_both", margin=0)
            for k, (_t, message) in CARDS.items()
        }
        self.projection = named_select(
            "Projection", options=[], visible=False, margin=(0, 4), variant="standard",
            sizing_mode="stretch_width", css_classes=["wb-select-weight-difference"],
        )  # fmt: skip
        self.projection.param.watch(lambda e: later(lambda: self._select(e.new)), "value")
        self._cards = {
            k: Card(
                k, title, self._panes[k],
                tools=(self.projection,) if k == "weight-difference" else (),
            )
            for k, (title, _message) in CARDS.items()
        }  # fmt: skip
        for key, card in self._cards.items():
            card.offer_save(partial(self._save, card))
            card.offer_figure(partial(self._to_figure, card))
            card.heading.param.watch(partial(self._seen, key), "seen")
        self.explorer.on_dark(self._set_dark)
        self._suggest()
        self._report()
        controls = from_operations(self.model.operations, self.do, inline=True)
        both = [
            pn.pane.HTML(
                "<h2>Done to both at the same tick</h2>", stylesheets=[css("heading")],
                margin=(6, 0, 0, 0),
            ),
            pn.FlexBox(*controls, align_items="center", margin=0, sizing_mode="stretch_width"),
        ]  # fmt: skip
        return pn.Column(
            pn.Column(
                pn.FlexBox(
                    self.parameter, self.value, self.begin,
                    in_a_row(*self.buttons.values(), margin=0),
                    align_items="center", margin=0, sizing_mode="stretch_width",
                ),
                self.error_banner, self.text, *(both if controls else ()),
                sizing_mode="stretch_width", margin=(10, 14),
            ),
            pn.Column(
                *(c.view for c in self._cards.values()), stylesheets=[css("grid")], margin=0,
                sizing_mode="stretch_width",
            ),
            sizing_mode="stretch_width", margin=0,
        )  # fmt: skip

    def _pressed(self, name: str, _event: Any) -> None:
        self.explorer.later(lambda: self.on_button(name))

    def _save(self, card: Card) -> None:
        self.explorer.saving.card(card)

    def _to_figure(self, card: Card) -> None:
        """With what A and B are: the run of the page is neither."""
        about = "" if self.chosen is None else self.chosen.both()
        self.explorer.desk.card(card, about)

    def _seen(self, key: str, event: Any) -> None:
        def show() -> None:
            if key in self.views:
                self.views[key].show(event.new)

        self.explorer.later(show)

    def _suggest(self) -> None:
        """Suggest a value that differs from the current one."""
        name = self.parameter.value
        if name is not None:
            parameter = self.model.parameter(name)
            self.value.value = parameter.text(other_value(parameter, self.explorer.values[name]))

    # -- user actions ----------------------------------------------------------------------------

    def on_button(self, name: str) -> None:
        """Handle a click on one of the tab's buttons."""
        if name == "run":
            self.run()
        elif name == "first" and self.pair is not None and self.pair.first is not None:
            view, at = self.views["overlay"], self.pair.first.t_ms
            view.time.hold(max(0.0, at - view.window_ms / 4), at + view.window_ms * 3 / 4)
        elif self.pair is not None and name == "pause":
            if self.pair.status().state == "running":
                self.pair.pause()
            else:
                self.pair.resume()
        elif self.pair is not None and name == "stop":
            threading.Thread(target=_stop, args=(self.pair,), daemon=True).start()

    def do(self, operation: Operation) -> None:
        """Perform an operation in both; raises ParameterError if it is invalid."""
        if self.pair is None or self.pair.status().over:
            raise WorkbenchError("Nothing is being compared: press Compare first.")
        self.pair.do(operation)

    def run(self) -> None:
        """Start a comparison with the chosen values."""
        self.error_banner.say("")
        name = self.parameter.value
        if name is None:
            self._complain("This model has no parameter that could differ.")
            return
        parameter = self.model.parameter(name)
        try:
            value = checked(parameter, self.value.value)
        except WorkbenchError as error:
            self._complain(in_words(error))
            return
        values, begin = dict(self.explorer.values), self.begin.value
        session, speed = self._prepared()
        self._begin(
            ChosenSide(parameter, name, values[name], value),
            _maker(
                self.model, values, {name: value}, begin, session, speed,
                self.explorer.simulation.seed, self.explorer.simulation.engine,
            ),
        )  # fmt: skip

    def without(self, entries: Sequence[Intervention], summary: Intervention) -> None:
        """Show the tab, and compare the live run with the same one without these interventions.

        summary : what they are together, in words
        """
        explorer = self.explorer
        explorer.tabs.active = explorer.tab_names.index("Compare")
        if not hasattr(self, "buttons"):
            return  # of a model without spikes, which the tab says
        self.error_banner.say("")
        session, speed = self._prepared()

        def make() -> Pair:
            run = session.run_so_far()
            return Pair.without(run, self.model, entries, planned=session.plan.log, speed=speed)

        self._begin(ChosenIntervention(summary), make)

    def _prepared(self) -> tuple[Any, float | None]:
        """End what was compared before; the live session, which pauses, and the speed."""
        self.end()
        session = self.explorer.session
        if session is not None and session.status().state == "running":
            session.pause()  # running three simulations at once would slow down all of them
        self._speed = self.explorer.transport.chosen_speed
        return session, self._speed

    def _begin(self, chosen: Chosen, make: Callable[[], Pair]) -> None:
        """Make the pair in a thread: networks take a while, and the live session may too."""
        self.chosen = chosen
        self.buttons["run"].disabled = True
        asked = self._asked

        def work() -> None:
            try:
                pair, error_banner = make(), ""
            except Exception as error:  # any error must reach the page, which waits for a result
                pair, error_banner = None, in_words(error)
            with self._lock:
                if self._asked == asked:  # not ended or restarted meanwhile
                    self._made = (pair and pair.start(), error_banner)

        threading.Thread(target=work, daemon=True).start()

    def end(self) -> None:
        """End both simulations, because the page was closed or a new comparison starts."""
        self.turn.leave()
        with self._lock:
            self._asked += 1
            made, self._made = self._made, None
            pairs, self.pair = (self.pair, made[0] if made else None), None
        for pair in pairs:
            if pair is not None:
                threading.Thread(target=pair.close, daemon=True).start()

    def in_words(self) -> str:
        """What the comparison does, for the status strip; "" while there is none at work."""
        status = None if self.pair is None else self.pair.status()
        if status is None or status.state not in ("building", "compiling", "running", "paused"):
            return ""
        return f"Compare: two more simulations, {status.state}, t = {clock(status.t_ms)}"

    # -- the drawing clock -----------------------------------------------------------------------

    def poll(self) -> None:
        """Show new data; called at every tick of the page's drawing clock."""
        if self._made is not None:
            (pair, message), self._made = self._made, None
            self.buttons["run"].disabled = False
            if pair is None:
                self._complain(message)
            else:
                self.pair = pair
                self.views = {}
        pair, now = self.pair, time.monotonic()
        if (
            pair is None
            or now - self._drawn_at < DRAW_EVERY_S
            or not self.explorer.heartbeat.ready()
        ):
            return
        self._drawn_at = now
        status = pair.status()
        if status.state in ("running", "paused") or status.over:
            self.turn.keep(status.state == "running", pair.pause, pair.resume)
        if self._speed != self.explorer.transport.chosen_speed:
            self._speed = self.explorer.transport.chosen_speed
            pair.set_speed(self._speed)
        if pair.common is not None and not self.views:
            self._make_views(pair)
        if self.views:
            self._draw(pair, status)
        self._report(status)

    def _make_views(self, pair: Pair) -> None:
        common, a, b = pair.common, pair.a.info, pair.b.info
        assert common is not None and a is not None and b is not None  # both networks are built
        if self.chosen is not None:
            self.chosen = self.chosen.on_networks(pair.a.model.values())
        same = {p.name for p in b.projections if p in a.projections or _alike(p, a)}
        shown = [p for p in a.projections if p.weight is not None and p.name in same]
        shown = sorted(shown, key=lambda p: not p.plastic)[:PROJECTIONS]
        info = replace(
            a, dt_ms=common.dt_ms, populations=common.populations, projections=tuple(shown)
        )
        dark = self.explorer.plots.dark
        options: dict[str, Any] = {
            "colors": population_colors(info.populations, dark=dark),
            "dark": dark, "link": SharedSelection(), "window_ms": self.model.window_ms,
        }  # fmt: skip
        rates = RateDifferenceView(info, common, **options)
        rates.set_networks(a, b, pair.begin_ms)
        self.views = {"overlay": OverlayView(info, common, **options), "rate-difference": rates}
        if shown:
            self.views["weight-difference"] = WeightDifferenceView(info, **options)
            pair.show_weights([p.name for p in shown])
        for key, pane in self._panes.items():
            if key in self.views:
                self.views[key].show(self._cards[key].heading.seen)
                root = self.views[key].root
                pane[:] = [pn.pane.Bokeh(root, sizing_mode="stretch_both", margin=0)]
            else:
                pane[:] = [empty("No projection of this network carries weights.")]
        with pn.io.hold():
            self.projection.param.update(
                options={p.label: p.name for p in shown},
                value=shown[0].name if shown else None, visible=len(shown) > 1,
            )  # fmt: skip

    def _draw(self, pair: Pair, status: PairStatus) -> None:
        a, b = pair.frames()
        t_ms = status.t_ms
        overlay, rates = self.views["overlay"], self.views["rate-difference"]
        if a or b:
            wanted = overlay.window_ms
            while wanted < min(0.7 * status.speed, WIDEST * self.model.window_ms):
                wanted *= 2  # at high speed, widen the time window
            if wanted != overlay.window_ms:
                overlay.window_ms = wanted
                overlay.time.set_window(wanted)
            overlay.update_pair(a, b, t_ms)
            rates.update_pair(a, b, t_ms)
            self.explorer.heartbeat.sent(self.explorer.heartbeat.t_ms[0])
        weights = self.views.get("weight-difference")
        if weights is not None:
            before = set(weights.differ)
            weights.update_pair(pair.weights)
            if not before and weights.differ:  # select the projection that differs most
                self.projection.value = max(weights.differ, key=lambda n: weights.differ[n])

    def _select(self, name: str | None) -> None:
        view = self.views.get("weight-difference")
        if name and view is not None and view.selected != name:
            view.select(name)

    def _set_dark(self, dark: bool) -> None:
        for view in self.views.values():
            view.set_dark(dark)
        self._message = ""
        self._report(self.pair.status() if self.pair is not None else None)

    def _complain(self, text: str) -> None:
        self.error_banner.say(text)

    def _report(self, status: PairStatus | None = None) -> None:
        pair, chosen = self.pair, self.chosen
        if pair is None or chosen is None or status is None:
            text = f'<p class="faint">{AWAITING}</p>'
        else:
            weights = self.views.get("weight-difference")
            found = sentence(chosen, pair.counts, pair.first, status.t_ms)
            if weights is not None and weights.differ:
                found += " " + weights_sentence(weights)
            text = (
                f'<p class="said">{found}</p>{color_key(chosen, self.explorer.plots.dark)}'
                f'<p class="faint" data-state="{status.state}">{html.escape(progress(status))}</p>'
            )
            if status.state == "failed":
                self._complain(in_words(status.message))
            self._enable(status, pair.first is not None)
        if text != self._message:
            self._message = self.text.object = text

    def _enable(self, status: PairStatus, differs: bool) -> None:
        going = status.state in ("running", "paused", "ready")
        paused = status.state in ("paused", "ready")
        self.buttons["pause"].param.update(
            disabled=not going, description="Go on" if paused else "Pause both",
            icon=icon("run" if paused else "pause"),
        )  # fmt: skip
        self.buttons["stop"].disabled = not going
        self.buttons["first"].disabled = not differs or "overlay" not in self.views


def _alike(projection: Any, info: Any) -> bool:
    return any(
        (p.name, p.source, p.target, p.bins)
        == (projection.name, projection.source, projection.target, projection.bins)
        for p in info.projections
    )


def _maker(
    model: Any, values: dict[str, float], change: dict[str, float], begin: str, session: Any,
    speed: float | None, seed: int, engine: str,
) -> Callable[[], Pair]:  # fmt: skip
    """Return a function that creates the pair, for a thread: the live session may answer late."""

    def make() -> Pair:
        if begin == "zero":
            return Pair(model(**values), change, seed=seed, engine=engine, speed=speed)
        run = session.run_so_far()
        again = begin == "again"
        return Pair.from_run(
            run, model, change, at_ms=0.0 if again else None, again=again,
            planned=session.plan.log, speed=speed,
        )  # fmt: skip

    return make


def _stop(pair: Pair) -> None:
    with contextlib.suppress(WorkbenchError):  # the status reports the error
        pair.stop()
