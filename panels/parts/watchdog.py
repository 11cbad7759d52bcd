"""Says, in the log and in the page, what keeps a page from working.

The page has a watch of its own (``watch.js``), which needs nothing of this side; this one
looks at what only this side knows, from a thread that needs nothing of Bokeh or Panel.
"""

from __future__ import annotations

import html
import json
import logging
import threading
import time
import traceback
import weakref
from pathlib import Path
from typing import TYPE_CHECKING

import panel as pn
from bokeh.document import Document

from panels.access.visitor import in_words
from panels.bokeh_internals import versions
from panels.bokeh_internals.heartbeat import READY_S
from panels.theme import css

if TYPE_CHECKING:
    from panels.model_page import Explorer

LOOK_EVERY_S = 1.0

_log = logging.getLogger("workbench")
_watched: weakref.WeakSet[Watchdog] = weakref.WeakSet()
_watching = threading.Lock()


def lacks(explorer: Explorer) -> str:
    """What an `Explorer` waits for, whose page is shown; nothing when it works."""
    session = explorer.session
    if not explorer.clock.beats:
        return "its drawing clock does not run"
    if not explorer.heartbeat.heard:
        return "the browser has not said that it shows the page"
    if session is not None and session.info is not None and explorer.info is None:
        return "its plots were not made"
    if session is not None and session.status().t_ms > 0 and not explorer.drawn:
        return "the simulation runs, but nothing of it is drawn"
    return ""


def head(template: str = "base.html") -> str:
    """Template of a page of its own: ``template`` with the page's own watch in its head."""
    script = Path(__file__).with_name("watch.js").read_text(encoding="utf-8")
    message = json.dumps(versions.sentence()).replace("<", "\\u003c")
    start = f"window.wb_watch = watch_page(() => document.body, {message}, {1e3 * READY_S:.0f});"
    return (
        f'{{% extends "{template}" %}}{{% block preamble %}}{{{{ super() }}}}'
        f"<script>{{% raw %}}{script}{start}{{% endraw %}}</script>{{% endblock %}}"
    )


class Watchdog:
    """Watches one `Explorer`; ``view`` is hidden while all is well."""

    def __init__(self, explorer: Explorer):
        self._explorer = weakref.ref(explorer)
        self._document: weakref.ref[Document] | None = None
        self._since = 0.0
        self._lacked = self._message = ""
        self._reported: set[str] = set()  # what was said once
        self.view = pn.pane.HTML(
            "", sizing_mode="stretch_width", stylesheets=[css("trouble")], margin=(0, 12, 8, 12),
            visible=False,
        )  # fmt: skip

    def start(self) -> None:
        """Begin to watch the page that is being made."""
        document = pn.state.curdoc
        if document is not None and document.session_context is not None:
            self._document = weakref.ref(document)
        with _watching:
            first = not _watched
            _watched.add(self)
        if first:
            threading.Thread(target=_watch, name="workbench-watch", daemon=True).start()

    def stop(self) -> None:
        with _watching:
            _watched.discard(self)

    def failed(self, error: Exception) -> None:
        """A drawing raised ``error``: log it, and show it, the first time."""
        trace = "".join(traceback.format_exception(error))
        place = traceback.extract_tb(error.__traceback__)[-1]
        if not self._new(f"{type(error).__name__} {place.filename} {place.lineno}"):
            return
        _log.error("A drawing failed.", exc_info=error)
        self.view.object = (
            '<div class="wb-trouble" role="alert">'
            f"<b>A drawing failed: {html.escape(in_words(f'{type(error).__name__}: {error}'))}</b> "
            "What it shows may be incomplete; the simulation goes on, and is recorded."
            f"<details><summary>Traceback</summary><pre>{html.escape(in_words(trace))}</pre></details></div>"
        )
        self.view.visible = True

    def _new(self, what: str) -> bool:
        new = what not in self._reported
        self._reported.add(what)
        return new

    def look(self, now: float) -> None:
        """Warn of what has been lacking for ``READY_S`` while a browser was there."""
        explorer = self._explorer()
        if explorer is None:
            self.stop()
            return
        lacked = lacks(explorer) if self._visited() else ""
        if lacked != self._lacked:
            if self._lacked in self._reported:
                explorer.later(self._unsay)
            self._lacked, self._since = lacked, now
        elif lacked and now - self._since > READY_S and self._new(lacked):
            message = (
                f"The page of {explorer.slug} does not work: {lacked}, {READY_S:.0f} s after it "
                f"could. {versions.sentence()}."
            )
            _log.warning("%s", message)
            explorer.later(lambda: self._report(message, lacked))

    def _visited(self) -> bool:
        """Whether a browser is connected; in a notebook nobody can say."""
        if self._document is None:
            return True
        document = self._document()
        context = None if document is None else document.session_context
        session = None if context is None else context.session
        return session is not None and session.connection_count > 0

    def _report(self, message: str, lacked: str) -> None:
        # What came in the meantime, as in a tab that nobody had looked at, is not complained of.
        explorer = self._explorer()
        if explorer is not None and lacks(explorer) == lacked:
            self.view.object = (
                f'<div class="wb-trouble" role="alert"><b>{html.escape(message)}</b></div>'
            )
            self.view.visible = True
            self._message = self.view.object

    def _unsay(self) -> None:
        if self._message and self.view.object == self._message:  # not the failure of a drawing
            self.view.visible = False


def _watch() -> None:
    """Look after all pages until there is none."""
    while True:
        time.sleep(LOOK_EVERY_S)
        with _watching:
            pages = list(_watched)
            if not pages:
                return
        for page in pages:
            try:
                page.look(time.monotonic())
            except Exception as error:  # a page that is just being closed, or worse: go on
                if page._new(repr(error)):
                    _log.warning("A page could not be watched: %r", error)
