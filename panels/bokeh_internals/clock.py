"""The drawing clock of a page: it calls the page some 30 times a second, and sends what changed."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import panel as pn
from bokeh.document import Document
from panel.io.state import set_curdoc
from tornado.ioloop import IOLoop, PeriodicCallback

from panels.bokeh_internals import patches
from panels.bokeh_internals.batching import Parcel, together
from workbench.settings import FPS

LEAST_S = 1 / 60  # between two drawings, of which somebody waits for the second


class Clock:
    """Calls ``draw()`` where the models of the page may be changed.

    draw  : makes one drawing; what it raises goes to ``failed``, and the clock runs on
    ready : whether the browser is there; nothing is drawn before
    shown : the page that a notebook shows; None on a page of its own
    """

    def __init__(
        self,
        draw: Callable[[], Any],
        ready: Callable[[], bool],
        failed: Callable[[Exception], Any],
        shown: Any = None,
    ):
        self._draw, self._ready, self._failed, self._shown = draw, ready, failed, shown
        self._stopped = False
        self._stop: Callable[[], Any] = lambda: None
        self._ask: Callable[[], Any] | None = None  # for a drawing in between
        self._asked, self._beat_at = False, 0.0
        self.beats = 0  # how often it was time to draw

    def start(self) -> None:
        """Begin to tick, for the page that is being made or has just been loaded."""
        every_ms = 1000 / FPS.read()
        document = pn.state.curdoc
        if document is None or document.session_context is None:
            self._by_panel(self._beat, every_ms)
            return

        # A coroutine: since 3.10 Bokeh calls plain functions in threads of their own, whose loops
        # never run. Coroutines are run by the server's loop in each version.
        async def begin() -> None:
            if self._stopped:
                return
            # Panel's own periodic callback marks the page busy and idle again at every call, and
            # each time walks through all of its models: several times the cost of the drawing. And
            # Bokeh 3.9's counts each pause from the end of the one before, and falls behind.
            session = document.session_context.session
            if not patches.fits("clock", session):
                self._by_panel(self._alone, every_ms)
                return
            clock = PeriodicCallback(
                lambda: session.with_document_locked(self._beat_of, document), every_ms
            )
            clock.start()
            self._stop = clock.stop
            loop = IOLoop.current()

            async def beat_now() -> None:
                self._asked = False
                if not self._stopped:
                    await session.with_document_locked(self._beat_of, document)

            self._ask = lambda: loop.add_callback(beat_now)

        document.add_next_tick_callback(begin)

    def soon(self) -> None:
        """Draw without waiting for the next beat: somebody looks for it. From any thread."""
        if self._ask is None or self._asked or time.monotonic() - self._beat_at < LEAST_S:
            return
        self._asked = True
        self._ask()

    def stop(self) -> None:
        """No further drawing."""
        self._stopped = True
        self._stop()

    def _by_panel(self, beat: Callable[[], Any], every_ms: float) -> None:
        self._stop = pn.state.add_periodic_callback(beat, period=int(every_ms)).stop

    async def _alone(self) -> None:
        await self._beat().send()

    async def _beat_of(self, document: Document) -> None:
        with set_curdoc(document):
            parcel = self._beat()
        await parcel.send()

    def _beat(self) -> Parcel:
        self.beats += 1
        self._beat_at = time.monotonic()
        if self._stopped or not self._ready():
            return Parcel()
        with together(self._shown) as parcel:
            try:
                self._draw()
            except Exception as error:  # whatever it is: the page has to go on, and to say so
                self._failed(error)
        return parcel
