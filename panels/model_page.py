"""The explorer: any model of the registry, live. Made from the model's declaration alone.

A model adds what is special to it in ``panels/<its_name>.py``, found by name; `panels/extension.py`
says what it may add, and what of the explorer it may touch.

One drawing clock a page drains the session's frames and feeds the plots; nothing is simulated
in this process, and no callback waits for the simulation.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import math
import threading
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

import panel as pn

from panels.access.turns import Turn
from panels.access.visitor import visitor
from panels.bokeh_internals.clock import Clock
from panels.bokeh_internals.heartbeat import Heartbeat
from panels.extension import Added, Extend, Extension
from panels.model_access import ModelAccess
from panels.page import addresses, lay_out
from panels.parts.address import Address, Asked, asked
from panels.parts.controls import from_operations
from panels.parts.error_banner import ErrorBanner
from panels.parts.export_dialog import ExportDialog
from panels.parts.intervention_log import InterventionLog
from panels.parts.keep_run import Keeping
from panels.parts.moments import Moments
from panels.parts.parameters import Parameters
from panels.parts.plots import Plots
from panels.parts.record import RecordCard
from panels.parts.recording_card import RecordingCard
from panels.parts.resting import Resting
from panels.parts.save_dialog import CARD, LAYOUT, SaveDialog
from panels.parts.seed_and_engine import SeedAndEngine
from panels.parts.shortcuts import KeyList
from panels.parts.status import Strip
from panels.parts.transport import Transport
from panels.parts.undo import Change, Undo
from panels.parts.watchdog import Watchdog
from panels.tabs.compare import CompareTab
from panels.tabs.experiments import Experiments
from panels.tabs.script_shown import ScriptShown, to_the_end
from panels.tabs.sweep import Sweep
from panels.theme import setup
from panels.widgets.cards import Card
from workbench.engine.frames import Frame, Status, state_is_live
from workbench.errors import WorkbenchError, unknown
from workbench.links import Link, link_of_session
from workbench.model import registry
from workbench.model.model import Model
from workbench.network import NetworkInfo

REST_AFTER_S = 0.2  # a slow simulation has nothing new at every drawing; that is no rest


class Explorer(ModelAccess):
    """The app of one model, for one browser session.

    model    : what to simulate; its values are the starting values of the sliders
    notebook : shown in a notebook cell rather than as a page of its own
    pick     : offer the other models
    begun    : what the address of the page asks for, besides the values of ``model``
    """

    def __init__(
        self,
        model: Model,
        *,
        notebook: bool = False,
        pick: bool = False,
        begun: Asked | None = None,
    ):
        super().__init__(model)
        self.begun = begun or Asked()
        self.notebook = notebook
        self.pick = pick
        self.doing = ""  # why the network is being built, while it is
        self._pending: dict[str, float] = {}
        self._todo: deque[Callable[[], Any]] = deque()
        self.drawn = 0  # how often something of the simulation was drawn
        self._drawn_at = 0.0
        self._state = ""
        self._closed = False
        self._catching_up = False  # a run is repeated, up to where it stood
        self._make_parts()
        self.page, self.tabs, self.tab_names = lay_out(self)
        self._begin_as_asked()
        self.page.param.watch(lambda e: self.later(lambda: self._on_dark(e.new)), "dark_theme")
        if self.page.dark_theme:  # from the beginning, as with ?theme=dark
            self.later(lambda: self._on_dark(True))
        self.clock = Clock(
            self.tick,
            lambda: self.heartbeat.heard,
            self.watchdog.failed,
            self.page if notebook else None,
        )

    # -- parts ---------------------------------------------------------------------------------

    def _make_parts(self) -> None:
        cls, link = self.model_class, self.begun.link or Link(self.model_class, self.values)
        self.address = Address(
            self.begun, self.link_now, lambda query: self.heartbeat.param.update(query=query),
            lambda link: self.later(lambda: self._replay(link)),
        )  # fmt: skip
        self.transport = Transport(
            cls.pace, lambda name: self.later(lambda: self.on_button(name)), self._on_speed,
            link.speed,
        )  # fmt: skip
        self.simulation = SeedAndEngine(
            lambda what: self.later(lambda: self.restart(self._running, what)),
            link.seed, link.engine,
        )  # fmt: skip
        self.parameters = Parameters(
            cls, self.values, self._on_set, self._on_defaults,
            sizing_mode="stretch_width", margin=(8, 12), css_classes=["wb-parameters"],
        )  # fmt: skip
        self.strip = Strip(self.slug)
        self.error_banner = ErrorBanner(lambda: self.later(lambda: self.restart(False)))
        self.saving = SaveDialog(self.slug, lambda: self.beside.joined(self.session.run_so_far()))
        self.keeping = Keeping(lambda: self.session.run_so_far(), visitor().own, self.later)
        self.taking = ExportDialog(
            self.slug, lambda: self.session.run_so_far(), lambda: self.model, self.place,
            self.address.texts,
        )  # fmt: skip
        self.plots = Plots(cls, self.save, self.later, self.place)
        self.plots.on_select = self._on_select
        self.undo = Undo()
        self.own: list[Card] = []
        self.moments = Moments(self)
        self.watchdog = Watchdog(self)
        self.turn = Turn()
        self.resting = Resting(lambda: self.session, self._go_on)
        self.log = InterventionLog(lambda key: self.later(lambda: self._on_key(key)))
        self.recording = RecordCard(lambda options: self.session.record(options), self.later)
        self.beside = RecordingCard(self._on_recording, self.later)
        self.keys = KeyList()
        self.heartbeat = Heartbeat(
            lambda key: self.later(lambda: self._on_key(key)), self._on_theme,
            wide=not self.notebook,
        )  # fmt: skip
        self.experiments = Experiments(cls, lambda: dict(self.values))
        self.comparing = CompareTab(self)
        self.sweep = Sweep(
            cls, lambda: dict(self.values), lambda: self.simulation.engine, self.later, self.open_at
        )
        self.script = ScriptShown(cls, lambda: self.later(self._play_script))
        self.extension = self._extension()
        self.own = [
            view if isinstance(view, Card) else Card(f"own-{k}", title, view)
            for k, (title, view) in enumerate(self.extension.cards.items())
        ]
        for card in self.own:
            if not card.can_be_saved:
                card.offer_save(partial(self.save_card, card))
        controls = self.extension.controls
        self.controls = from_operations(cls.operations, self.do) if controls is None else [controls]
        self.controls = [*self.script.controls, *self.controls]
        record = Card("record", "Record", self.recording.view, wide=True)
        beside = Card("beside", "Bring in a recording", self.beside.view, wide=True)
        self.plots.arrange(self.own, self._log_card(), self.extension.leading, record, beside)

    def _log_card(self) -> Card:
        card = Card("log", "Interventions", self.log.view, tools=self.log.tools, wide=True)
        card.offer_save(lambda: self.save_card(card))
        return card

    def _extension(self) -> Extension:
        """What ``panels/<model>.py`` adds, if there is one."""
        name = f"{__package__}.{self.slug.replace('-', '_')}"
        if importlib.util.find_spec(name) is None:
            return Added()
        extend: Extend | None = getattr(importlib.import_module(name), "extend", None)
        return Added() if extend is None else extend(self)

    def go_to(self, slug: str) -> None:
        """Load another model's page in this window."""
        here = pn.state.rel_path or "."
        self.heartbeat.go = f"{here}{addresses[slug]}" if slug in addresses else f"?model={slug}"

    # -- what waits for the next drawing ---------------------------------------------------------

    def later(self, action: Callable[[], Any]) -> None:
        """Do this at the next drawing, when the plots may be touched.

        What a widget calls may run while the document is locked by somebody else; then Bokeh
        refuses changes of its models.
        """
        self.resting.touch()
        # A slider that was moved before a button was pressed acts before it.
        if self._pending:
            self._todo.append(partial(self._flush, self._taken()))
        self._todo.append(action)

    def place(self, action: Callable[[], Any]) -> None:
        """Do this at the next drawing; it adds something to the page."""
        self.later(action)
        self.later(self.claim)

    def claim(self) -> None:
        """Send something after what was added to the page.

        Until the browser has spoken again, it takes what it was sent for its own, and would
        describe it all with the first click: Bokeh warns of a "reference already known".
        """
        self.heartbeat.sent(self.heartbeat.t_ms[0])

    def _taken(self) -> dict[str, float]:
        pending, self._pending = self._pending, {}
        return pending

    # -- life ------------------------------------------------------------------------------------

    def start(self) -> Explorer:
        """Start the first session, paused at t = 0, and the drawing clock."""
        self._begin(paused=True)
        # What changes before the page is there reaches the browser late, out of order or never.
        pn.state.onload(self.clock.start)
        self.watchdog.start()
        return self

    def restart(self, running: bool, why: str = "") -> None:
        """A new run from t = 0 with the present values; ``why`` is shown while it is built."""
        self._end_run(why)
        self._begin(paused=not running)

    def _end_run(self, why: str) -> None:
        self._end_session()
        self.doing = why
        for hook in self.hooks["reset"]:
            hook()
        self.plots.reset()

    def _begin(self, paused: bool) -> None:
        self.info = None
        self._pending.clear()
        self.moments.begin()
        model = self.model_class(**self.values)
        self.session = model.start(
            paused=paused, speed=self.transport.chosen_speed, seed=self.simulation.seed,
            engine=self.simulation.engine, hand_over=True,
            **self.beside.options(self.model_class),
        )  # fmt: skip
        self._ask_weights()

    def awake(self, action: Callable[[], Any]) -> None:
        """Do this when the session has its worker, which a page that rests gave back."""
        self.resting.wake(action)

    def _go_on(self, session: Any) -> None:
        """Take the place of a session that had given its worker back."""
        self._end_session()
        self.session = session
        view = self.plots.views.get("traces")
        if view is not None and self.info is not None:
            rest = {n: w for n, w in self.info.watched.items() if n in self.info.maps}
            session.watch({**view.watched, **rest})
        self._ask_weights()

    def link_now(self) -> Link:
        """The page as it is now, and its run until now."""
        speed = self.transport.chosen_speed
        return link_of_session(
            self.session, values=dict(self.values), seed=self.simulation.seed,
            engine=self.simulation.engine, speed=math.inf if speed is None else speed,
            tab=self.tab_names[self.tabs.active] if self.tabs.active else "",
            notation=self.plots.circuit.chosen.notation, theme="dark" if self.dark else "",
            shown=dict(self.plots.picked),
        )  # fmt: skip

    def _replay(self, link: Link) -> None:
        """Repeat the run of a link, as fast as possible, and stand where it stood."""
        self._end_run("the run of the address, repeated")
        self.info = None
        self._pending.clear()
        self.session = link.start(paused=True, hand_over=True)
        self.session.step(max(1, round(link.t_ms / self.model_class.tick_ms)))
        self._catching_up = True
        self._ask_weights()

    def _begin_as_asked(self) -> None:
        """What the address says of the page itself."""
        link = self.begun.link
        if link is None:
            return
        if link.notation:
            self.plots.circuit.begin_with(link.notation)

    def _show_as_asked(self) -> None:
        """What the address says of tab and cards, once there are plots.

        Not before: a tab may load packages in a thread that plots load too.
        """
        link, self.begun = self.begun.link, Asked()
        if link is None:
            return
        if link.tab in self.tab_names:
            self.tabs.active = self.tab_names.index(link.tab)
        elif link.tab:
            self.address.say(str(unknown("tab", link.tab, self.tab_names, owner=self.slug)))
        for plot, name in link.shown.items():
            names = list(getattr(self.plots.views.get(plot), "names", []))
            if name in names:
                self.plots.selectors[plot].value = name
            else:
                self.address.say(str(unknown(f"name of {plot}", name, names, owner=self.slug)))

    def _ask_weights(self) -> None:
        chosen = self.plots.selected("weights")
        own = self.extension.weights
        wanted = () if chosen is None else (chosen, *own, *self.plots.learned())
        if wanted:
            self.session.show_weights(tuple(dict.fromkeys(wanted)))

    def _end_session(self) -> None:
        session, self.session = self.session, None
        if session is not None:
            # Ending a worker may take a second; the page must not wait for it.
            threading.Thread(target=session.close, daemon=True).start()

    def close(self) -> None:
        """End the worker; the page is gone."""
        self._closed = True
        self._end_session()
        self.turn.leave()
        self.clock.stop()
        self.watchdog.stop()
        self.experiments.end()
        self.comparing.end()
        self.sweep.end()

    # -- what the user does ------------------------------------------------------------------------

    def on_button(self, name: str) -> None:
        """One of the header's buttons, or its key."""
        if name in ("run", "step") and self.session.parked:
            self.awake(lambda: self.on_button(name))
            return
        over = self.session.status().over
        if self.turn.waiting and name != "run":
            self.turn.leave()
        if name == "run":
            if over:
                self.restart(True)
            else:
                self.session.resume()
        elif name == "pause":
            self.session.pause()
        elif name == "step" and not over:
            self.session.step()
        elif name == "reset":
            self.restart(False)
        elif name == "stop" and not over:
            threading.Thread(target=_stop, args=(self.session,), daemon=True).start()

    def _on_key(self, key: str) -> None:
        if key == "run":
            self.on_button("pause" if self._running else "run")
        elif key in ("step", "reset"):
            self.on_button(key)
        elif key in ("undo", "redo"):
            self._give(getattr(self.undo, key)() or {}, f"{key} of a change")
        elif key == "keys":
            self.place(self.keys.toggle)
        elif key == "narrow":
            self.page.sidebar_open = False
        elif key == "escape":
            for card in (*self.plots.cards.values(), *self.own):
                if card.full:
                    card.expand(False)

    @property
    def _running(self) -> bool:
        """Whether it runs, or will as soon as it is its turn."""
        if self.session is None:
            return False
        return self.turn.waiting or self.session.status().state == "running"

    def _on_speed(self, speed: float | None) -> None:
        self.session.set_speed(speed)

    def _on_set(self, name: str, value: float, final: bool) -> None:
        self.resting.touch()
        before, self.values[name] = self.values[name], value
        self.undo.note(name, before, value, final)
        if self.model_class.parameter(name).live:
            if value != before:  # letting a slider go changes nothing
                self._pending[name] = value  # the latest wins; sent with the next drawing
        elif final:
            parameter = self.model_class.parameter(name)
            symbol = parameter.symbol or name
            why = f"new network: {symbol} = {parameter.text(value)}"
            self.later(lambda: self.restart(self._running, why))

    def _on_defaults(self) -> None:
        defaults = self.model_class().values()
        self.undo.note_all(self.values, defaults)
        self._give(defaults, "all parameters put back")

    def _give(self, values: dict[str, float], why: str) -> None:
        """Give several parameters new values at once; they are logged like any other change."""
        changed = {k: v for k, v in values.items() if v != self.values[k]}
        self.values |= changed
        self.parameters.display(self.values)
        if any(not self.model_class.parameter(k).live for k in changed):
            self.later(lambda: self.restart(self._running, f"new network: {why}"))
        else:
            self._pending |= changed

    def _in_words(self, change: Change | None) -> dict[str, str] | None:
        """A change as the undo and redo buttons say it, by parameter."""
        if change is None:
            return None
        known = self.model_class.parameters()
        return {
            k: f"{q.symbol or k} {q.text(change.before[k])} → {q.text(change.after[k])}"
            for k, q in known.items()
            if k in change.after
        }

    def _play_script(self) -> None:
        self.values |= to_the_end()
        self.parameters.display(self.values)
        self.restart(True, "the script from its beginning to its end")

    def open_at(self, values: dict[str, float]) -> None:
        """Run live with these values, and the others as they are."""
        self.undo.note_all(self.values, {**self.values, **values})
        self.values |= values
        self.parameters.display(self.values)
        self.tabs.active = 0
        parameters = self.model_class.parameters()
        message = [
            f"{parameters[k].symbol or k} = {parameters[k].text(v)}" for k, v in values.items()
        ]
        self.restart(True, f"new network: {', '.join(message)}")

    def _on_recording(self, why: str) -> None:
        """A recording came or went: a new run, so that both begin at t = 0."""
        self.plots.recording = self.beside.recording
        self.restart(self._running, f"new run: {why}")

    def _on_select(self, view: str, _name: str) -> None:
        if view == "weights" and self.session is not None:
            self._ask_weights()

    def _on_theme(self, dark: bool) -> None:
        """The visitor's theme, but where the address names one."""
        if not self._theme_in_address:
            # A change that comes before the page is there would not reach it.
            self.later(lambda: self.page.param.update(dark_theme=dark))

    @property
    def _theme_in_address(self) -> bool:
        return "theme" in (pn.state.session_args or {})

    def _on_dark(self, dark: bool) -> None:
        if not self._theme_in_address:
            self.heartbeat.dark = dark  # which remembers it
        self.plots.set_dark(dark)
        for hook in self.hooks["dark"]:
            hook(dark)
        self.sweep.set_dark(dark)
        self.parameters.css_classes = ["wb-parameters", *(["dark"] if dark else [])]
        for pane in (self.strip.view, self.error_banner.text):
            pane.css_classes = ["dark"] if dark else []

    def save(self, view: str, title: str) -> None:
        if view == LAYOUT:
            chosen = {key: self.plots.chosen(key) for key in self.plots.cards}
            own = {card.title: card.shown() for card in self.own}
            seen = {name: parts for name, parts in own.items() if not isinstance(parts, str)}
        else:
            chosen, seen = self.plots.chosen(view), {title: self.plots.shown(view)}
        seen = {name: parts for name, parts in seen.items() if parts}
        shown_ms = self.plots.shown_ms(self.session.status().t_ms)
        self.place(lambda: self.saving.open(view, title, chosen, shown_ms, seen))

    def save_card(self, card: Card) -> None:
        """Open the save dialog for a card as it is seen."""
        seen = {card.title: card.shown()}
        self.place(lambda: self.saving.open(CARD, card.title, {}, (0.0, 0.0), seen))

    # -- the drawing clock -----------------------------------------------------------------------

    def tick(self) -> None:
        """Send what changed, draw what arrived. Called some 30 times a second."""
        if self._closed or self.session is None:
            return
        for _ in range(len(self._todo)):  # what they ask for is for the next time
            self._todo.popleft()()
        session = self.session
        if self.info is None and session.info is not None:
            self._on_network(session.info)
        self.resting.poll()
        if self.session is not session:
            return
        self._flush(self._taken())
        status = session.status()
        if state_is_live(status.state) or status.over:
            self.turn.keep(status.state == "running", session.pause, session.resume)
        self.heartbeat.tell_ready()
        # While the browser is busy drawing, the frames wait in the session.
        if self.info is not None and self.heartbeat.ready():
            self._draw(session.frames(), status)
            self.moments.look(status)
        self._show(status)
        if self._catching_up and (status.state == "paused" or status.over):
            self._catching_up = False
            session.set_speed(self.transport.chosen_speed)
        self.address.follow(status.state == "running", status.t_ms)
        self.experiments.poll()
        self.comparing.poll()
        self.sweep.poll()
        self.script.poll(session)

    def _flush(self, pending: dict[str, float]) -> None:
        if self.session.parked:
            self._pending = pending | self._pending
            return
        for name, value in pending.items():
            try:
                self.session.set(name, value)
            except WorkbenchError as error:
                self.parameters.display(self.values, {name: str(error)})

    def _on_network(self, info: NetworkInfo) -> None:
        self.info = info
        self.doing = ""
        # Bokeh looks through all models of a page whenever one is added; here once for all of them.
        document = pn.state.curdoc
        with document.models.freeze() if document is not None else contextlib.nullcontext():
            self.plots.build(info)
            self.plots.link.on_pick(lambda marks: self.later(lambda: self._on_pick(marks)))
            for hook in self.hooks["info"]:
                hook(info)
            self.recording.show_network(info)
            self.beside.show_network(info)
        self._ask_weights()
        self._show_as_asked()

    def _draw(self, frames: list[Frame], status: Status) -> None:
        now = time.monotonic()
        if not frames:
            if now - self._drawn_at > REST_AFTER_S:
                self.plots.rest()
            return
        self._drawn_at = now
        self.drawn += 1
        t_ms = frames[-1].t_ms
        if status.state == "running":
            self.plots.follow_speed(1000 * status.real_time_factor)
        self.plots.update(frames, t_ms)
        for hook in self.hooks["frames"]:
            hook(frames, t_ms)
        self.moments.drawn(t_ms)
        self.heartbeat.sent(t_ms)

    def _show(self, status: Status) -> None:
        state = "running" if self.turn.waiting else status.state  # it can be paused
        if self._state != state:
            self._state = state
            self.transport.show(state)
            self.error_banner.show(status)
        self.strip.show(
            status, self.heartbeat.per_second(), self.doing,
            waits=self.turn.waits or self.resting.said, also=self.comparing.in_words(),
        )  # fmt: skip
        self.plots.offer_way_back()
        self.recording.show(self.session.recording)
        self.log.show(self.session.interventions)
        self.log.offer(self._in_words(self.undo.next_undo), self._in_words(self.undo.next_redo))

    def _on_pick(self, marks: list[tuple[str, int, int]]) -> None:
        """A clicked neuron is watched: its states join the traces."""
        if not marks or self.session is None or self.info is None:
            return
        population, neuron, _last = marks[0]
        view = self.plots.views.get("traces")
        names = [n for n in self.info.traces if n.split(".")[0] == population]
        if view is None or not names:
            return
        watched = dict(view.watched)
        for name in names:
            if neuron not in watched[name]:
                watched[name] = tuple(sorted((neuron, *watched[name][1:])))
        # What is sampled of every neuron, for a map, stays so.
        rest = {n: w for n, w in self.info.watched.items() if n in self.info.maps}
        self.session.watch({**watched, **rest})
        view.watch(watched)
        if view.selected not in names:
            self.plots.selectors["traces"].value = names[0]


def _stop(session: Any) -> None:
    with contextlib.suppress(WorkbenchError):
        session.stop()


def app(slug: str | None = None) -> Any:
    """The page of one model, with a session of its own that ends with the browser's.

    slug : registry name; None takes ``?model=`` of the address, or the first model
    """
    setup()
    known = registry.models()
    pick = slug is None or slug in addresses
    by_name = slug is None
    if slug is None:
        wanted = pn.state.session_args.get("model", [b""])[0].decode() if pn.state.curdoc else ""
        slug = wanted or next(iter(known))
    begun = asked(registry.model_class(slug), names_model=by_name)
    model = registry.load(slug) if begun.link is None else begun.link.model_now()
    explorer = Explorer(model, pick=pick, begun=begun).start()
    pn.state.on_session_destroyed(lambda _context: explorer.close())
    return explorer.page
