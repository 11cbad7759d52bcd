"""The explorer: any model of the registry, live. Made from the model's declaration alone.

A model adds what is special to it in ``panels/<its_name>.py``, found by name; `panels/extension.py`
says what it may add, and what of the explorer it may touch.

One drawing clock a page drains the session's frames and feeds the plots; nothing is simulated
in this process, and no callback waits for the simulation.
"""

from __future__ import annotations

import contextlib
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from urllib.parse import urlencode

import panel as pn

from panels.access.turns import Turn
from panels.access.visitor import visitor
from panels.bokeh_internals.clock import Clock
from panels.bokeh_internals.heartbeat import Heartbeat
from panels.extension import extension_of
from panels.model_access import ModelAccess
from panels.page import addresses, lay_out
from panels.parts.address import Address, Asked, asked
from panels.parts.changes import Changes
from panels.parts.commands import Commands
from panels.parts.controls import from_operations
from panels.parts.dark import DarkOrLight
from panels.parts.error_banner import ErrorBanner
from panels.parts.export_dialog import ExportDialog
from panels.parts.figure_desk import FigureDesk
from panels.parts.ghosts import Ghosts
from panels.parts.intervention_log import InterventionLog
from panels.parts.keep_run import Keeping
from panels.parts.lesson import Taught
from panels.parts.moments import Moments
from panels.parts.own_layout import OwnLayout
from panels.parts.page_cards import last_cards, own_cards
from panels.parts.page_link import PageLink
from panels.parts.parameters import Parameters
from panels.parts.plots import Plots
from panels.parts.readers import Readers
from panels.parts.record import RecordCard
from panels.parts.recording_card import RecordingCard
from panels.parts.resting import Resting, deferred
from panels.parts.sampled import Sampled
from panels.parts.saving import Saving
from panels.parts.seed_and_engine import SeedAndEngine
from panels.parts.shortcuts import KeyList
from panels.parts.status import Strip
from panels.parts.timeline import Timeline
from panels.parts.tour import Shown
from panels.parts.transport import Transport
from panels.parts.visit_runs import VisitRuns
from panels.parts.watchdog import Watchdog
from panels.tabs.compare import CompareTab
from panels.tabs.experiments import Experiments
from panels.tabs.figure import FigureTab
from panels.tabs.script_shown import ScriptShown, to_the_end
from panels.tabs.sweep import Sweep
from panels.theme import setup
from panels.widgets.budget import Budget
from panels.widgets.cards import Card
from workbench.engine.frames import Frame, Status, state_is_live
from workbench.links import Link
from workbench.model import registry
from workbench.model.model import Model
from workbench.network import NetworkInfo
from workbench.palette import population_colors

SHARE, BURST_S = 0.5, 5.0  # of the server's time, for drawing what one page shows
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
        self.notebook = notebook
        self.pick = pick
        self.doing = ""  # why the network is being built, while it is
        self._renewed_for = ""  # why a new run begins at the next drawing
        self._todo: deque[Callable[[], Any]] = deque()
        self._budget = Budget(SHARE, BURST_S)
        self.drawn = 0  # how often something of the simulation was drawn
        self._drawn_at, self._state, self._closed = 0.0, "", False
        self._make_parts(begun or Asked())
        self.page, self.tabs, self.tab_names = lay_out(self)
        self.link.begin()
        self.dark_or_light = DarkOrLight(self)
        self.clock = Clock(
            self.tick,
            lambda: self.heartbeat.heard,
            self.watchdog.failed,
            self.page if notebook else None,
        )

    # -- parts ---------------------------------------------------------------------------------

    def _make_parts(self, begun: Asked) -> None:
        cls, link = self.model_class, begun.link or Link(self.model_class, self.values)
        self.changes, self.commands = Changes(self), Commands(self)
        self.link, self.sampled = PageLink(self, begun), Sampled(self)
        self.visit_runs, self.shown = VisitRuns(self), Shown(self)
        self.timeline = Timeline(self)
        self.address = Address(
            begun, self.link_now, lambda query: self.heartbeat.param.update(query=query),
            lambda link: self.later(lambda: self.link.repeat(link)),
        )  # fmt: skip
        self.transport = Transport(
            cls.pace, lambda name: self.later(lambda: self.on_button(name)),
            lambda speed: self.session.set_speed(speed), link.speed,
        )  # fmt: skip
        self.simulation = SeedAndEngine(
            lambda what: self.later(lambda: self.restart(self.running, what)),
            link.seed, link.engine,
        )  # fmt: skip
        self.parameters = Parameters(
            cls, self.values, self.changes.move, self.changes.put_back,
            sizing_mode="stretch_width", margin=(8, 12), css_classes=["wb-parameters"],
        )  # fmt: skip
        self.strip = Strip(self.slug)
        self.error_banner = ErrorBanner(lambda: self.later(lambda: self.restart(False)))
        self.saving, self.desk = Saving(self), FigureDesk(self)
        self.figure = FigureTab(self)
        self.readers = Readers()
        self.keeping = Keeping(
            lambda: self.readers.reading(self.session), visitor().own, self.later
        )
        self.taking = ExportDialog(
            self.slug, lambda: self.session.run_so_far(), lambda: self.model, self.place,
            self.address.texts, lambda: self.readers.reading(self.session, for_page=True),
        )  # fmt: skip
        self.plots = Plots(cls, self.saving.plot, self.later, self.place, self.desk.plot)
        self.plots.on_select = self.sampled.on_select
        self.own: list[Card] = []
        self.moments, self.ghosts = Moments(self), Ghosts(self)
        self.watchdog = Watchdog(self)
        self.turn = Turn(whose=visitor().name)
        self.resting = Resting(lambda: self.session, self._go_on)
        self.log = InterventionLog(lambda key: self.later(lambda: self.commands.key(key)))
        self.recording = RecordCard(lambda options: self.session.record(options), self.later)
        self.beside = RecordingCard(self._on_recording, self.later)
        self.keys, self.own_layout = KeyList(), OwnLayout(self)
        self.heartbeat = Heartbeat(
            lambda key: self.later(lambda: self.commands.key(key)),
            lambda dark: self.dark_or_light.visitor_has(dark), wide=not self.notebook,
        )  # fmt: skip
        self.experiments = Experiments(cls, lambda: dict(self.values))
        self.comparing = CompareTab(self)
        self.sweep = Sweep(
            cls,
            lambda: dict(self.values),
            lambda: self.simulation.engine,
            self.later,
            self.open_at,
            self.saving.drawn,
            self._colors,
        )
        self.script = ScriptShown(cls, lambda: self.later(self._play_script))
        self.extension = extension_of(self)
        self.plots.hints = self.extension.hints
        self.own = own_cards(self)
        controls = self.extension.controls
        self.controls = from_operations(cls.operations, self.do) if controls is None else [controls]
        self.controls = [*self.script.controls, *self.controls]
        *others, log = last_cards(self)
        self.plots.arrange(self.own, log, self.extension.leading, *others)
        self.lesson = Taught(self, begun)

    def go_to(self, slug: str) -> None:
        """Load another model's page in this window."""
        here = pn.state.rel_path or "."
        self.heartbeat.go = f"{here}{addresses[slug]}" if slug in addresses else f"?model={slug}"

    def go_to_lesson(self, name: str) -> None:
        """Load this page anew with a lesson of its model; "" leaves the one that it has."""
        asked = {"model": self.slug} if self.address.names_model else {}
        asked |= {"lesson": name} if name else {}
        self.heartbeat.go = f"?{urlencode(asked)}"

    # -- what waits for the next drawing ---------------------------------------------------------

    def later(self, action: Callable[[], Any]) -> None:
        """Do this at the next drawing, when the plots may be touched.

        What a widget calls may run while the document is locked by somebody else; then Bokeh
        refuses changes of its models.
        """
        self.resting.touch()
        # A slider that was moved before a button was pressed acts before it.
        if self.changes.waiting:
            self._todo.append(partial(self.changes.send, self.changes.taken()))
        self._todo.append(action)

    @property
    def waits(self) -> bool:
        """Whether something is to be done at the next drawing."""
        return bool(self._todo)

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
        self.end_run(why)
        self._begin(paused=not running)

    def restart_later(self, why: str) -> None:
        """At the next drawing, one new run, however often asked; it runs if the present one does.

        A key that is held moves a slider 30 times a second, and each network has a process.
        """
        if not self._renewed_for:
            self.later(self._renew)
        self._renewed_for = why

    def _renew(self) -> None:
        why, self._renewed_for = self._renewed_for, ""
        self.restart(self.running, why)

    def end_run(self, why: str) -> None:
        """Nothing is simulated, and nothing shown; a new run is to begin."""
        self.visit_runs.put_aside(self.session)
        self.shown.end()
        self.link.end()
        self._end_session()
        self.doing = why
        for hook in self.hooks["reset"]:
            hook()
        self.plots.reset()

    def _colors(self, dark: bool) -> dict[str, str]:
        """Colours of the populations; none before there is a network."""
        return population_colors(self.info.populations, dark=dark) if self.info else {}

    def _begin(self, paused: bool) -> None:
        model = self.model_class(**self.values)
        self.begin_with(model.start(
            kind=deferred, paused=paused or not self.turn.ask(),
            speed=self.transport.chosen_speed, seed=self.simulation.seed,
            engine=self.simulation.engine, hand_over=True,
            **self.beside.options(self.model_class),
        ))  # fmt: skip
        self.resting.begin()

    def begin_with(self, session: Any) -> None:
        """Show this session, from its beginning."""
        self.session, self.info = session, None
        self._listen()
        self.visit_runs.begin()
        self.changes.begin()
        self.timeline.begin()
        self.moments.begin()
        self.sampled.ask_weights()

    def go(self) -> None:
        """Let the simulation go on, now or when it is its turn."""
        if self.turn.ask():
            self._go_now()

    def _its_turn(self) -> None:
        """Go on after others; the wait may have been longer than a page runs untouched."""
        self.resting.touch()
        self._go_now()

    def _go_now(self) -> None:
        if not self.link.go():
            self.awake(lambda: self.session.resume())

    def awake(self, action: Callable[[], Any]) -> None:
        """Do this when the session has its worker, which a page that rests gave back."""
        self.resting.wake(action)

    def _go_on(self, session: Any) -> None:
        """Take the place of a session that had given its worker back."""
        self._end_session()
        self.session = session
        self._listen()
        self.sampled.go_on()

    def _listen(self) -> None:
        def arrived() -> None:
            if self.changes.awaited:
                self.clock.soon()

        self.session.listeners = (*self.session.listeners, arrived)

    def _end_session(self) -> None:
        session, self.session = self.session, None
        if session is not None:
            # Ending a worker may take a second; the page must not wait for it.
            threading.Thread(target=self.readers.close, args=(session,), daemon=True).start()

    def close(self) -> None:
        """End the worker; the page is gone."""
        self._closed = True
        self.readers.leave()
        self._end_session()
        self.turn.leave()
        self.clock.stop()
        self.watchdog.stop()
        self.experiments.end()
        self.comparing.end()
        self.sweep.end()
        self.figure.end()

    # -- what the user does ------------------------------------------------------------------------

    def on_button(self, name: str) -> None:
        """One of the header's buttons, or its key."""
        self.commands.press(name)

    def open_at(self, values: dict[str, float]) -> None:
        """Run live with these values, and the others as they are."""
        self.changes.open_at(values)

    def link_now(self) -> Link:
        """The page as it is now, and its run until now."""
        return self.link.now()

    @property
    def running(self) -> bool:
        """Whether it runs, or will as soon as it is its turn."""
        if self.session is None:
            return False
        return self.turn.waiting or self.session.status().state == "running"

    def _play_script(self) -> None:
        self.changes.show(to_the_end())
        self.restart(True, "the script from its beginning to its end")

    def _on_recording(self, why: str) -> None:
        """A recording came or went: a new run, so that both begin at t = 0."""
        self.plots.recording = self.beside.recording
        self.restart(self.running, f"new run: {why}")

    # -- the drawing clock -----------------------------------------------------------------------

    def tick(self) -> None:
        """Send what changed, draw what arrived. Called some 30 times a second."""
        if self._closed or self.session is None:
            return
        if self._todo:
            with one_look():
                for _ in range(len(self._todo)):  # what they ask for is for the next time
                    self._todo.popleft()()
        session = self.session
        if self.info is None and session.info is not None:
            self._on_network(session.info)
        self.resting.poll()
        if self.session is not session:
            return
        self.changes.send(self.changes.taken())
        status = session.status()
        if state_is_live(status.state) or status.over:
            going = status.state == "running" or self.resting.waking
            self.turn.keep(going, session.pause, self._its_turn)
        self.heartbeat.tell_ready()
        # While the browser is busy drawing, the frames wait in the session.
        # So do they while this page has had its share of the server, which others wait for.
        if self.info is not None and self.heartbeat.ready() and self._budget.is_left:
            with self._budget.spent():
                self._draw(session.frames(), status)
            self.timeline.poll(status)
            self.moments.look(status)
            self.ghosts.look()
        self._show(status)
        self.link.follow(status)
        self.shown.follow(status)
        self.lesson.follow(status)
        self.experiments.poll()
        self.comparing.poll()
        self.sweep.poll()
        self.figure.poll()
        self.script.poll(session)

    def _on_network(self, info: NetworkInfo) -> None:
        self.info = info
        self.doing = ""
        self.timeline.built(info)
        with one_look():
            self.plots.build(info)
            self.plots.link.on_pick(lambda marks: self.later(lambda: self.sampled.on_pick(marks)))
            for hook in self.hooks["info"]:
                hook(info)
            self.recording.show_network(info)
            self.beside.show_network(info)
        self.sampled.ask_weights()
        self.sampled.follow_weights()
        self.link.show()

    def _draw(self, frames: list[Frame], status: Status) -> None:
        now = time.monotonic()
        if not frames:
            if now - self._drawn_at > REST_AFTER_S:
                self.plots.rest()
            return
        self._drawn_at = now
        self.drawn += 1
        t_ms = frames[-1].t_ms
        self.timeline.drawn(frames)
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
        speed = self.transport.chosen_speed
        self.strip.show(
            status, self.heartbeat.per_second(), self.doing,
            waits=self.turn.waits or self.resting.said,
            also=self.link.said or self.timeline.past.said or self.comparing.in_words(),
            speed=math.inf if speed is None else speed,
            tick_ms=0.0 if self.info is None else self.info.tick_ms,
        )  # fmt: skip
        self.plots.offer_way_back()
        self.recording.show(self.session.recording)
        self.log.show(self.session.interventions)
        self.log.offer(*map(self.changes.in_words, self.changes.next))


@contextlib.contextmanager
def one_look() -> Iterator[None]:
    """Bokeh looks through all models of a page whenever one is added; here once for all of them."""
    document = pn.state.curdoc
    with document.models.freeze() if document is not None else contextlib.nullcontext():
        yield


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
