"""Keys of the whole page, and the beat that tells how fast the browser really draws."""

from __future__ import annotations

import json
import secrets
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import panel as pn
import param
from panel.custom import JSComponent

from . import patches, versions
from .batching import report
from .leaving import ROUTE, shows

SENTENCE = 2000  # characters of what a page may have logged
AHEAD = 5  # drawings that may be on their way to the browser
READY_S = 15.0  # a page whose browser is there and that is not ready by then says so
ANEW = (
    "The connection was lost for so long that the server gave this page up: it begins anew, with "
    "the values it had. Of the run that it showed is there what you kept."
)
MOST_ANSWERS = 120  # of the page that are counted
FORGET_S = 3.0  # after so long without an answer one drawing is sent anyway


class Heartbeat(JSComponent):
    """Calls ``on_key`` with "run", "step", "reset", "undo", "redo", "keys" or "escape".

    Also with "narrow", once, when the page opens in a window too narrow for two columns.

    ``on_theme(dark)`` is called once, with the theme that was chosen last, or else the system's.

    wide : keys work wherever the focus is; otherwise only inside the app (in a notebook)
    """

    beat = param.Integer(default=0, doc="Drawings sent so far.")
    t_ms = param.List(default=[0.0], doc="Simulated time of the last drawing, for measurements.")
    wide = param.Boolean(default=True)
    dark = param.Boolean(default=False, doc="The page is dark; what was chosen is remembered.")
    alive = param.Boolean(default=False, doc="The drawing clock runs.")
    versions = param.String(doc="What runs here and what was tried, in a sentence.")
    patience_ms = param.Number(default=1e3 * READY_S, doc="Until it says what it lacks.")
    patches = param.String(doc="Targets of what is made quicker in the page's Bokeh, as JSON.")
    go = param.String(default="", doc="Address to load instead of this page.")
    page = param.String(doc="A secret between this page and the server.")
    left = param.String(default=ROUTE.lstrip("/"), doc="Where the page says that it is closed.")
    query = param.String(default="", doc="What the page's address says of it, as the page is now.")

    _esm = "\n".join(
        (Path(__file__).parent / name).read_text()
        for name in ("../parts/watch.js", "bokeh_patches.js", "heartbeat.js")
    )

    def __init__(
        self,
        on_key: Callable[[str], Any],
        on_theme: Callable[[bool], Any] = lambda _dark: None,
        **params: Any,
    ):
        self._on_key, self._on_theme = on_key, on_theme
        self.heard = False  # whether the browser has spoken: the page is there
        self._drawn = 0
        self._sent_at = 0.0
        self._answers: deque[float] = deque(maxlen=MOST_ANSWERS)
        super().__init__(
            name="workbench-clock", width=0, height=0, margin=0,
            versions=versions.sentence(), page=secrets.token_hex(16), **params,
        )  # fmt: skip
        self.patches = json.dumps(patches.for_page(self.wide))

    def _handle_msg(self, data: dict[str, Any]) -> None:
        self.heard = True
        if "here" in data:
            self._send_msg("heard")
            shows(self.page, pn.state.curdoc)
            if "dark" in data:
                self._on_theme(bool(data["dark"]))
            if data.get("anew") and pn.state.notifications is not None:
                pn.state.notifications.warning(ANEW, duration=0)
        if "key" in data:
            self._on_key(data["key"])
        elif "left_out" in data:
            patches.report(str(data["left_out"])[:SENTENCE])
        elif data.get("narrow"):
            self._on_key("narrow")
        elif "beat" in data:
            # Whatever a page says: what it was not sent it has not drawn, and who reads nothing
            # would be sent drawings without an end.
            self._drawn = max(self._drawn, min(int(data["beat"]), self.beat))
            shown = min(int(data["shown"]), MOST_ANSWERS)
            self._answers.extend([time.monotonic()] * shown)

    def _server_event(self, doc: Any, event: Any) -> None:
        # An answer changes nothing on the page: what Panel does around an event (a lock, a busy
        # sign that goes to the browser and back off) costs as much as a drawing.
        data = getattr(event, "data", None)
        if isinstance(data, dict) and "beat" in data and patches.fits("answers", JSComponent):
            self._handle_msg(data)
        else:
            super()._server_event(doc, event)

    def tell_ready(self) -> None:
        """Let the page know, once, that it is being drawn."""
        if not self.alive:
            self.alive = True

    def ready(self) -> bool:
        """True when the browser has drawn what it was sent, but for ``AHEAD`` drawings."""
        late = time.monotonic() - self._sent_at > FORGET_S
        return self.beat - self._drawn < AHEAD or late

    def sent(self, t_ms: float) -> None:
        """Something was drawn; ask the browser to say when it is on the screen."""
        self._sent_at = time.monotonic()
        report(self, beat=self.beat + 1, t_ms=[t_ms])

    def per_second(self) -> int:
        """Refreshes of the screen that showed something new, within the last second."""
        since = time.monotonic() - 1.0
        return sum(t > since for t in self._answers)
