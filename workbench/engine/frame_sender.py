"""Frames: what happened since the last one, gathered and sent to whoever watches."""

from __future__ import annotations

from collections import deque
from multiprocessing.connection import Connection

import numpy as np

from ..recordings import WIDE, Block, joined, thinned
from ..sparse import Spread
from .frames import Frame
from .recording import FOLLOWED

MOST_ROWS, MOST_NUMBERS = 2000, 40_000  # of a recording, in a frame
MAX_FRAME_SPIKES = 250_000  # more are kept in the record, but not sent: a page has to draw them


class Gathered:
    """Samples of one recording for the next frame: no more of them than can be shown.

    Of more than `WIDE` entries each second, fourth, eighth one is taken as there are more of them,
    and the latest one: most rows of memory that the simulation has just written are never read.
    """

    def __init__(self, width: int):
        self._wide = width > WIDE
        self._most = max(2, min(MOST_ROWS, MOST_NUMBERS // max(1, width)))
        self._blocks: list[Block] = []
        self._n = 0  # samples in them
        self._step, self._skip = 1, 0  # samples from one to the next; how many go by until then
        self._latest: Block | None = None

    def add(self, block: Block) -> None:
        if self._wide:
            self._add_some(block)
        else:
            self._add(thinned(block, self._most))
            if len(self._blocks) > 1 and self._n > 2 * self._most:
                self._replace(thinned(joined(self._blocks), self._most))

    def block(self) -> Block:
        """What is to be shown, up to the latest sample."""
        blocks = list(self._blocks)
        if self._latest is not None and self._latest.t_ms[0] > blocks[-1].t_ms[-1]:
            blocks.append(self._latest)
        return thinned(joined(blocks), self._most)

    def _add_some(self, block: Block) -> None:
        n = len(block.t_ms)
        if n > self._skip:
            self._add(_rows(block, slice(self._skip, None, self._step)))
        self._skip = (self._skip - n) % self._step if n > self._skip else self._skip - n
        self._latest = _rows(block, slice(n - 1, n))
        while self._n > 2 * self._most:
            if self._n % 2:  # the last one stays: the one after it would be a step too early
                self._skip += self._step
            self._replace(_rows(joined(self._blocks), slice(None, None, 2)))
            self._step *= 2

    def _add(self, block: Block) -> None:
        self._blocks.append(block)
        self._n += len(block.t_ms)

    def _replace(self, block: Block) -> None:
        self._blocks, self._n = [block], len(block.t_ms)


def _rows(block: Block, rows: slice) -> Block:
    """A copy of some of the samples, without their extremes."""
    return Block(np.array(block.t_ms[rows]), np.array(block.values[rows]))


class FrameSender:
    """Gathers spikes and samples, and sends them in frames while the reader keeps up.

    credits : frames that may be on their way
    every_s : wall time between two frames;  last : when the latest was sent
    early_s : by how much one may be sent before it is due; the next is not due any earlier
    """

    def __init__(self, conn: Connection, credits: int, every_s: float):
        self.conn = conn
        self.credits = credits
        self.every_s = every_s
        self.early_s = 0.0
        self.last = self._due = 0.0
        self.shown_weights: tuple[str, ...] = ()
        self.weights_at = 0.0  # when they were read last; 0: not yet
        self._weights_every_s = 0.5
        self._spikes: list[tuple[np.ndarray, np.ndarray]] = []
        self._samples: list[tuple[float | np.ndarray, dict[str, np.ndarray]]] = []
        self._recorded: dict[str, Gathered] = {}
        self.entries: dict[str, dict[str, np.ndarray]] = {}  # to be sent with the next frame
        self._n_spikes = self._dropped = 0
        self._reached: deque[tuple[float, float]] = deque(maxlen=64)

    # -- what is gathered ------------------------------------------------------------------------

    def add_spikes(self, steps: np.ndarray, units: np.ndarray) -> None:
        if len(steps):
            self._n_spikes += len(steps)
            self._spikes.append((steps, units))

    def add_states(self, t_ms: float | np.ndarray, states: dict[str, np.ndarray]) -> None:
        """One sample, name -> (n,), or those of many times, (T,) and name -> (T, n)."""
        self._samples.append((t_ms, states))

    def add_recorded(self, blocks: dict[str, Block]) -> None:
        """Samples of recordings; of what is not sent yet, no more is kept than can be shown."""
        for key, block in blocks.items():
            if not len(block.t_ms):
                continue
            if key not in self._recorded:
                self._recorded[key] = Gathered(block.values.shape[1])
            self._recorded[key].add(block)

    def forget_states(self) -> None:
        """Others are sampled from now on."""
        self._samples = []
        self._recorded = {k: g for k, g in self._recorded.items() if k.endswith(FOLLOWED)}

    @property
    def waiting(self) -> bool:
        """Something happened that was not sent yet."""
        return bool(self._n_spikes or self._samples or self._recorded)

    def restart_factor(self) -> None:
        """Measure the real-time factor anew: time did not pass, or passes differently now."""
        self._reached.clear()

    # -- weights -----------------------------------------------------------------------------------

    def show_weights(self, names: tuple[str, ...], every_ms: float) -> None:
        self.shown_weights, self._weights_every_s = names, every_ms / 1e3
        self.weights_at = 0.0

    def refresh_weights(self) -> None:
        """Read them with the next frame, however lately that was done."""
        self.weights_at = 0.0

    @property
    def weights_stale(self) -> bool:
        """Weights were asked for and none were read yet."""
        return self.weights_at == 0.0 and bool(self.shown_weights)

    def weights_due(self, now: float) -> bool:
        late = now - self.weights_at >= self._weights_every_s
        return self.weights_stale or (bool(self.shown_weights) and late)

    def rest_weights(self, until: float) -> None:
        """Read no weights before ``until``."""
        self.weights_at = max(until - self._weights_every_s, self.weights_at)

    # -- sending -----------------------------------------------------------------------------------

    def may_send(self, force: bool) -> bool:
        return force or self.credits > 0

    def hurry(self, now: float) -> None:
        """The next frame may be sent soon: somebody looks for what was just done."""
        self._due = min(self._due, max(now, self.last + self.every_s / 2))

    def due_in(self, now: float) -> float:
        """Seconds until a frame may be sent."""
        return max(self._due - self.early_s - now, 0.0)

    def send(
        self,
        now: float,
        tick: int,
        t_ms: float,
        weights: dict[str, np.ndarray],
        sparse: dict[str, Spread],
        followed: dict[str, tuple[np.ndarray, np.ndarray]],
        behind_ms: float,
        n_spikes: int,
    ) -> None:
        """Send what was gathered; ``n_spikes`` of the whole run so far."""
        lost: list[np.ndarray] = []
        while self._n_spikes > MAX_FRAME_SPIKES and len(self._spikes) > len(lost) + 1:
            steps, _ = self._spikes[len(lost)]
            lost.append(steps)
            self._n_spikes -= len(steps)
            self._dropped += len(steps)
        del self._spikes[: len(lost)]
        self._reached.append((now, t_ms))
        state_t, states = self._states()
        frame = Frame(
            tick=tick,
            t_ms=t_ms,
            steps=np.concatenate([s for s, _ in self._spikes] or [np.empty(0, np.int64)]),
            units=np.concatenate([u for _, u in self._spikes] or [np.empty(0, np.int32)]),
            state_t=state_t,
            states=states,
            weights=weights,
            sparse=sparse,
            followed=followed,
            recorded=self._taken(),
            entries=self.entries,
            missing=(int(lost[0].min()), int(lost[-1].max()) + 1) if lost else (0, 0),
            counters={
                "real_time_factor": self._factor(),
                "behind_ms": behind_ms,
                "dropped_spikes": float(self._dropped),
                "spikes": float(n_spikes),
            },
        )
        self.conn.send(("frame", frame))
        self.credits -= 1
        early = self._due - self.early_s <= now < self._due
        self._due = (self._due if early else now) + self.every_s
        self.last = now
        self._spikes, self._samples, self._n_spikes = [], [], 0
        self.entries = {}

    def take_followed(self) -> dict[str, Block]:
        """Samples of weights since the last frame, by projection."""
        mine = [key for key in self._recorded if key.endswith(FOLLOWED)]
        return {key.partition(".")[0]: self._recorded.pop(key).block() for key in mine}

    def _taken(self) -> dict[str, Block]:
        found, self._recorded = self._recorded, {}
        return {key: gathered.block() for key, gathered in found.items()}

    def _states(self) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Samples since the last frame, of what is sampled now: (T,) ms and name -> (T, n)."""
        if not self._samples:
            return np.empty(0), {}
        widths = {n: v.shape[-1] for n, v in self._samples[-1][1].items()}
        kept = [
            (t, s) for t, s in self._samples if {n: v.shape[-1] for n, v in s.items()} == widths
        ]
        states = {n: np.concatenate([np.atleast_2d(s[n]) for _, s in kept]) for n in widths}
        return np.concatenate([np.atleast_1d(t) for t, _ in kept]), states

    def _factor(self) -> float:
        """Simulated seconds per wall second over about the last second."""
        if len(self._reached) < 2:
            return 0.0
        (w0, t0), (w1, t1) = self._reached[0], self._reached[-1]
        while len(self._reached) > 2 and w1 - self._reached[0][0] > 1.0:
            self._reached.popleft()
        return (t1 - t0) / 1e3 / (w1 - w0) if w1 > w0 else 0.0
