"""The status strip: what the simulation does now, in words that are true."""

from __future__ import annotations

import html
import math
import time

import panel as pn

from workbench.engine.frames import Status
from workbench.plots.in_words import clock

from ..access.visitor import in_words
from ..theme import css

LAMPS = {
    "building": "wait",
    "compiling": "wait",
    "ready": "idle",
    "running": "on",
    "paused": "idle",
    "stopped": "idle",
    "finished": "idle",
    "failed": "bad",
}
ENGINES = {"numpy": "NumPy", "cython": "Cython", "compiled": "compiled"}
EVERY_S = 0.2  # numbers that change faster cannot be read
SLOW_MS_PER_S = 100.0  # a speed below it is chosen in ms/s
BEHIND_MS = 250.0  # wall time by which the simulation may trail before the strip says so
# How long the last build of a model took in this process, for whoever waits for the next one.
_last_build_s: dict[str, float] = {}

SILENT_S = 10.0  # a simulation that runs is heard some thirty times a second


def speed_text(ms_per_s: float, chosen: float | None = None) -> str:
    """How fast simulated time passes, as people say it: ``20 ms/s``, ``11.6 × real time``.

    chosen : the speed that was asked for, whose unit a measured one keeps; None: this one itself
    """
    factor = ms_per_s / 1000
    if abs(factor - 1) < 0.005:
        return "real time"
    if (ms_per_s if chosen is None else chosen) < SLOW_MS_PER_S:
        return f"{ms_per_s:.3g} ms/s"
    return f"{factor:.3g} × real time"


def sentence(
    status: Status, slug: str, drawn: int, waited_s: float, doing: str, waits: str = "",
    speed: float = math.inf, tick_ms: float = 0.0,
) -> list[str]:  # fmt: skip
    """The parts of the strip after the name of the state; a part that starts with "!" warns.

    speed : that was chosen, in ms/s, infinite for as fast as possible;  tick_ms : of the network
    """
    parts = []
    if status.state in ("building", "compiling"):
        last = _last_build_s.get(slug)
        what = doing or status.message or "making the network"
        parts.append(what)
        if waited_s >= 1:
            parts.append(f"{waited_s:.0f} s" + (f", last time {last:.1f} s" if last else ""))
        return [*parts, f"seed {status.seed}"]
    if status.engine:
        engine = ENGINES.get(status.engine, status.engine)
        parts.append(engine + _about_engine(status, tick_ms))
        if status.stays:
            parts.append(f"not compiled: {status.stays}")
    parts.append(f"t = {clock(status.t_ms)}")
    if status.state == "running":
        parts.append(speed_text(1000 * status.real_time_factor, speed))
        parts.append(f"{drawn} frames/s")
        if status.behind_ms > BEHIND_MS:
            parts.append(f"!{status.behind_ms / 1000:.1f} s behind the requested speed")
        if status.silent_s > SILENT_S:
            parts.append(
                f"!nothing was heard of it for {status.silent_s:.0f} s: it is in a long step, or "
                "stuck; Reset starts it anew"
            )
    if waits:
        parts.append(f"!{waits}")
    if status.dropped_spikes:
        parts.append(f"!{status.dropped_spikes:,} spikes recorded but not drawn")
    if status.warning:
        parts.append(f"!{status.warning} {status.waits}".rstrip())
    return [*parts, f"seed {status.seed}"]


def _about_engine(status: Status, tick_ms: float) -> str:
    """Since when it runs, unless that is from the beginning, or what comes after it."""
    since = status.compiled_since_ms
    if since is not None:
        return f" since {clock(since)}" if since > tick_ms else ""
    if status.compiling_s:
        return f", compiling for {status.compiling_s:.0f} s"
    if status.goes_on:
        return ", going on compiled"
    next_engine = ENGINES.get(status.next_engine, "")
    return f" ({next_engine} after a reset)" if next_engine else ""


class Strip:
    """Shows a `Status`; sends something to the browser only when the words change."""

    def __init__(self, slug: str):
        self.slug = slug
        self.view = pn.pane.HTML(
            "",
            sizing_mode="stretch_width",
            margin=(0, 12),
            stylesheets=[css("status")],
            min_height=28,
        )
        self._shown = ""
        self._shown_state = ""
        self._shown_at = 0.0
        self._began = time.monotonic()
        self._building = False

    def show(
        self, status: Status, drawn: int = 0, doing: str = "", waits: str = "", also: str = "",
        speed: float = math.inf, tick_ms: float = 0.0,
    ) -> None:  # fmt: skip
        """Say what ``status`` says; ``drawn`` plots reach the screen a second.

        doing : why the network is built;  waits : why it does not run though it should
        also  : what else is simulated for the page, "" for nothing
        speed, tick_ms : as of ``sentence``
        """
        waiting = status.state in ("building", "compiling")
        now = time.monotonic()
        if waiting and not self._building:
            self._began = now
        elif self._building and not waiting and status.state != "failed":
            _last_build_s[self.slug] = now - self._began
        self._building = waiting
        if status.state == self._shown_state and now - self._shown_at < EVERY_S:
            return
        self._shown_state, self._shown_at = status.state, now
        waited_s = now - self._began
        parts = sentence(status, self.slug, drawn, waited_s, doing, waits, speed, tick_ms)
        parts += [also] if also else []
        message = {"ready": "ready", "failed": "failed"}.get(status.state, status.state)
        body = "".join(
            f'<span class="part{" warn" if p.startswith("!") else ""}">'
            f"{html.escape(in_words(p.removeprefix('!')))}</span>"
            for p in parts
        )
        text = (
            f'<div class="wb-status {LAMPS[status.state]}" role="status" '
            f'data-state="{status.state}" data-t-ms="{status.t_ms:g}">'
            f'<span class="lamp"></span><span class="state">{message}</span>{body}</div>'
        )
        if text != self._shown:
            self._shown = text
            self.view.object = text
