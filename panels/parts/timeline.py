"""The line of time under the status strip: the whole run, what was done to it, what is shown.

Its curve is counted from the frames that the page draws anyway, in bins that are joined by twos as
the run grows: it costs the same after a second and after an hour.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import param
from panel.custom import JSComponent

from workbench.engine.frames import Frame, Status
from workbench.network import NetworkInfo
from workbench.plots.live.axis_limits import nice
from workbench.plots.live.gaps import Gaps

from ..theme import css
from .drags import Deed, deeds
from .past import Past

if TYPE_CHECKING:
    from ..model_page import Explorer

MOST = 480  # bins; there are half as many at least, once the run is long enough
EVERY_S = 0.4  # between two pictures of it while the run goes on
FLAGS = 120  # the latest ones
LOWEST = 6  # height of the least mean of a state: there is a curve there too
EMPTY = "The whole run appears here: drag to look back, brush to choose a stretch."


class History:
    """Spikes of the whole run in equal bins, whose width doubles when there are too many.

    state : of a network without spikes, the mean of this state instead
    """

    def __init__(self, dt_ms: float, tick_ms: float, state: str = ""):
        self._steps = max(1, round(tick_ms / dt_ms))  # of a bin
        self._dt_ms, self._state = dt_ms, state
        self._counts = np.zeros(MOST, np.int64)
        self._sums = np.zeros(MOST)  # of the state
        self._gaps = Gaps()
        self._end = 0

    @property
    def width_ms(self) -> float:
        """Width of a bin."""
        return self._steps * self._dt_ms

    def add(self, frames: list[Frame]) -> None:
        """Count the spikes of new frames, or their samples."""
        for frame in frames:
            self._reach(int(frame.t_ms / self._dt_ms + 1e-6))
            self._gaps.add(frame.missing)
            if len(frame.steps):
                self._reach(int(frame.steps.max()) + 1)
                bins = np.asarray(frame.steps) // self._steps
                self._counts += np.bincount(bins, minlength=MOST)[:MOST]
            values = frame.states.get(self._state)
            if values is not None and len(values):
                self._take(np.asarray(frame.state_t)[-len(values) :], np.asarray(values))

    def _take(self, t_ms: np.ndarray, values: np.ndarray) -> None:
        steps = np.rint(t_ms / self._dt_ms).astype(np.int64)
        self._reach(int(steps.max()) + 1)
        mean = values.reshape(len(values), -1).mean(axis=1)
        known = np.isfinite(mean)
        bins = steps[known] // self._steps
        self._counts += np.bincount(bins, minlength=MOST)[:MOST]
        self._sums += np.bincount(bins, mean[known], minlength=MOST)[:MOST]

    def curve(self) -> list[int]:
        """Height of each bin that has begun, from 0 to 100, which is a round count.

        Of a state, from the least to the largest mean. -1 where not all spikes are known.
        """
        counts = self._counts[: -(-self._end // self._steps)]
        if self._state:
            means = self._sums[: len(counts)] / np.maximum(counts, 1)
            known = means[counts > 0]
            if not len(known) or not np.ptp(known) > 0:
                return [0] * len(counts)
            share = np.where(counts > 0, (means - known.min()) / np.ptp(known), 0.0)
            return np.rint(LOWEST + (100 - LOWEST) * share).astype(int).tolist()
        top = nice(float(counts.max())) if len(counts) and counts.any() else 1.0
        heights = np.rint(100 * counts / top).astype(int)
        heights[self._gaps.in_bins(0, self._steps, len(counts))] = -1
        return heights.tolist()

    def _reach(self, step: int) -> None:
        self._end = max(self._end, step)
        while -(-self._end // self._steps) > MOST:
            self._counts, self._sums = _by_twos(self._counts), _by_twos(self._sums)
            self._steps *= 2


def _by_twos(values: np.ndarray) -> np.ndarray:
    half = values.reshape(-1, 2).sum(axis=1)
    return np.concatenate([half, np.zeros(len(values) - len(half), values.dtype)])


class TimelineBar(JSComponent):
    """What the browser draws.

    curve, width_ms, end_ms : the bins of a `History`, and where the run stands
    flags : dicts with "t_ms", "text" and "key", one for each intervention
    span  : from when to when the plots of time show;  away: that is not the present
    """

    curve = param.List(default=[])
    width_ms = param.Number(default=1.0)
    end_ms = param.Number(default=0.0)
    flags = param.List(default=[], item_type=dict)
    span = param.List(default=[0.0, 1.0])
    away = param.Boolean(default=False)
    empty = param.String(default=EMPTY)

    _esm = Path(__file__).with_name("timeline.js")
    _stylesheets = [css("timeline")]

    def __init__(self, on_message: Callable[[dict[str, Any]], Any], **params: Any):
        self._on_message = on_message
        super().__init__(**params)

    def _handle_msg(self, message: Any) -> None:
        if isinstance(message, dict):
            self._on_message(message)


class Timeline:
    """Of one page; ``view`` goes under the status strip, ``past`` looks back."""

    def __init__(self, page: Explorer):
        self._page, self.past = page, Past(page)
        self._history: History | None = None
        self._shown_at = 0.0
        self._told: tuple[Any, ...] = ()
        self.view = TimelineBar(
            lambda message: page.later(lambda: self._do(message)), height=38, margin=(0, 12),
            sizing_mode="stretch_width", css_classes=["wb-timeline"],
        )  # fmt: skip

    def begin(self) -> None:
        """A new run begins at t = 0."""
        self._history, self._told = None, ()
        self.past.begin()

    def built(self, info: NetworkInfo) -> None:
        """The network is there, and with it the length of a step."""
        if self._history is None:
            states = [] if info.spiking else [*info.maps, *info.traces]
            self._history = History(info.dt_ms, info.tick_ms, next(iter(states), ""))

    def drawn(self, frames: list[Frame]) -> None:
        """Frames arrived, and are about to be drawn."""
        self.past.drawn(frames[-1].t_ms)
        if self._history is not None:
            self._history.add(frames)

    def poll(self, status: Status) -> None:
        """Called when all that arrived is drawn: show what changed, a few times a second."""
        now, past = time.monotonic(), self.past
        past.poll(status)
        if now - self._shown_at < EVERY_S and past.away == self.view.away:
            return
        done = self._deeds()
        span = self._page.plots.shown_ms(status.t_ms)
        told = (status.t_ms, span, len(done), done[-1] if done else None, past.away)
        if told == self._told:
            return
        self._told, self._shown_at = told, now
        flags = [
            {"t_ms": d.summary.t_ms, "text": d.summary.describe(), "key": d.key}
            for d in done[-FLAGS:]
        ]  # fmt: skip
        changed: dict[str, Any] = {"span": list(span), "away": past.away}
        if self.view.flags != flags:
            changed["flags"] = flags
        if self._history is not None and self.view.end_ms != status.t_ms:
            changed |= {"width_ms": self._history.width_ms, "end_ms": status.t_ms}
            changed["curve"] = self._history.curve()
        elif self._history is None and self.view.end_ms:
            changed |= {"curve": [], "end_ms": 0.0}
        self.view.param.update(**changed)

    def _do(self, message: dict[str, Any]) -> None:
        """Something was dragged or pressed."""
        page, what = self._page, message.get("type")
        page.shown.touched()
        if what == "stretch":
            low, high = message.get("from_ms"), message.get("to_ms")
            if (
                isinstance(low, int | float) and isinstance(high, int | float)
                and np.isfinite([low, high]).all()
            ):  # fmt: skip
                self.past.look_at(low, high)
        elif what == "present":
            self.past.come_back()
        elif what in ("show", "branch", "compare"):
            done = [d for d in self._deeds() if d.key == message.get("key")]
            if done and what == "compare":
                page.comparing.without(done[0].entries, done[0].summary)
            elif done:
                {"show": self.past.show, "branch": self.past.branch_before}[what](done[0].summary)

    def _deeds(self) -> list[Deed]:
        page = self._page
        log = [e for e in page.session.interventions if not (e.is_input or e.is_engine)]
        return deeds(log, page.changes.drags, page.model_class)
