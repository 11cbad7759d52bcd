"""What was recorded waits here, in memory, or for a store that is written about once a second."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..errors import StoreError
from ..interventions import Intervention
from ..recordings import Block

FLUSH_EVERY_S = 1.0
SPILL_AT_BYTES = 2**23  # that wait: then they go to the writer earlier, out of the cache's way
STALL_AT_BYTES = 2**26  # that wait while others are being written: then it waits for these
RETRY_EVERY_S = 5.0
MAX_PENDING_BYTES = 2**30  # what may wait in memory while the store cannot be written


@dataclass
class Pending:
    """What is not yet written, in the order in which it came."""

    spikes: list[tuple[np.ndarray, np.ndarray]] = field(default_factory=list)
    state_t: list[float] = field(default_factory=list)
    states: list[dict[str, np.ndarray]] = field(default_factory=list)
    blocks: list[tuple[np.ndarray, dict[str, np.ndarray]]] = field(default_factory=list)
    recorded: dict[str, list[Block]] = field(default_factory=dict)
    n_bytes: int = 0

    def arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, dict[str, np.ndarray]]:
        """Steps, units, state times, states."""
        steps = [s for s, _ in self.spikes] or [np.empty(0, np.int64)]
        units = [u for _, u in self.spikes] or [np.empty(0, np.int32)]
        blocks = []
        if self.states:
            single = {n: np.stack([s[n] for s in self.states]) for n in self.states[0]}
            blocks.append((np.array(self.state_t), single))
        blocks += self.blocks  # of the engine that went on
        state_t = np.concatenate([t for t, _ in blocks] or [np.empty(0)])
        names = blocks[0][1] if blocks else {}
        states = {n: np.concatenate([s[n] for _, s in blocks]) for n in names}
        return np.concatenate(steps), np.concatenate(units), state_t, states

    def clear(self) -> None:
        """Forget everything, as it was written."""
        vars(self).update(vars(Pending()))

    def extend(self, later: Pending) -> None:
        """Add what came later."""
        self.spikes += later.spikes
        self.state_t += later.state_t
        self.states += later.states
        self.blocks += later.blocks
        for key, blocks in later.recorded.items():
            self.recorded.setdefault(key, []).extend(blocks)
        self.n_bytes += later.n_bytes


class Recorder:
    """Collects spikes and states. With a ``writer`` they go to disk, and memory stays flat.

    The writer works in a thread of its own, as the disk takes longer than the processor: the
    simulation goes on meanwhile. Nothing is lost when the store fails: the data wait in memory,
    ``error`` says what happened, and a later flush tries again.
    """

    def __init__(self, writer: Any = None):
        self.writer = writer
        self.error: StoreError | None = None
        self.n_spikes = 0
        self.metadata: dict[str, dict[str, Any]] = {}  # of each recording, what `Samples` say of it
        self.rows: Counter[str] = Counter()  # samples of each recording
        self.written = 0  # bytes, before compression, with those that are being written
        self._pending = Pending()
        self._writing: tuple[Pending, Future[None]] | None = None
        self._thread: ThreadPoolExecutor | None = None
        self._next = time.perf_counter() + FLUSH_EVERY_S

    def add_spikes(self, steps: np.ndarray, units: np.ndarray) -> None:
        if len(steps):
            self._pending.spikes.append((steps, units))
            self.n_spikes += len(steps)
            self._pending.n_bytes += steps.nbytes + units.nbytes

    def add_states(self, t_ms: float, states: dict[str, np.ndarray]) -> None:
        self._pending.state_t.append(t_ms)
        self._pending.states.append(states)
        self._pending.n_bytes += 8 * (1 + sum(v.size for v in states.values()))

    def add_block(self, t_ms: np.ndarray, states: dict[str, np.ndarray]) -> None:
        """Samples of many times at once: (T,) and name -> (T, n)."""
        if len(t_ms):
            self._pending.blocks.append((t_ms, states))
            self._pending.n_bytes += t_ms.nbytes + sum(v.nbytes for v in states.values())

    def add_recorded(self, key: str, block: Block) -> None:
        """Samples of a recording, which ``metadata`` knows."""
        if len(block.t_ms):
            self._pending.recorded.setdefault(key, []).append(block)
            self.rows[key] += len(block.t_ms)
            self._pending.n_bytes += block.nbytes

    def pending(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, dict[str, np.ndarray]]:
        """What was not given to the writer: steps, units, state times, states."""
        return self._pending.arrays()

    def recorded(self) -> dict[str, tuple[dict[str, Any], list[Block]]]:
        """Recordings that were not given to the writer: what is said of each, and its samples."""
        return {key: (self.metadata[key], blocks) for key, blocks in self._pending.recorded.items()}

    @property
    def due(self) -> bool:
        """There is a reason for a flush: see ``late``; or much waits, or the store failed."""
        if self.writer is None:
            return False
        waiting = self._pending.n_bytes
        if self._writing is not None:
            _, future = self._writing
            if not future.done():
                return waiting >= STALL_AT_BYTES
            if self.error is not None or future.exception() is not None:
                return True
        return self.late or (waiting >= SPILL_AT_BYTES and self.error is None)

    @property
    def late(self) -> bool:
        """A second is over since the last flush."""
        return time.perf_counter() >= self._next

    def flush(
        self,
        t_ms: float,
        interventions: Sequence[Intervention],
        valid: bool = True,
        wait: bool = True,
    ) -> bool:
        """Write what is pending; False, with ``error`` set, when the store cannot take it.

        valid  : also let everything that was written count, which waits for the disk
        wait   : until it is written; otherwise the answer is that of an earlier flush, and there
                 is nothing done while that is going on
        raises : StoreError when more than ``MAX_PENDING_BYTES`` wait for a store that fails
        """
        if self.writer is None:
            return True
        if self._writing is not None:
            if not (wait or self._writing[1].done() or self._pending.n_bytes >= STALL_AT_BYTES):
                return self.error is None
            if not self._end_of_writing() and not wait:
                return False
        self._begin_writing(t_ms, list(interventions), valid)
        if wait:
            self._end_of_writing()
        return self.error is None

    def wait(self) -> None:
        """Wait until the writer is done with what it was given, so that it may be used here."""
        if self._writing is not None:
            self._end_of_writing()

    def close(self) -> None:
        """Wait until nothing is being written any more; a later flush begins anew."""
        if self._thread is not None:
            self._thread.shutdown()
            self._thread = None

    def _begin_writing(self, t_ms: float, interventions: list[Intervention], valid: bool) -> None:
        batch, recorded = self._pending, self.recorded()

        def write() -> None:
            self.writer.append(*batch.arrays(), recorded)
            self.writer.settle()
            recorded.clear()
            batch.clear()  # the memory may be shared with the simulation: give it back
            if valid:
                self.writer.progress(t_ms, interventions)

        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "workbench-store")
        self._pending = Pending()
        self.written += batch.n_bytes
        self._writing = batch, self._thread.submit(write)
        if valid:
            self._next = time.perf_counter() + FLUSH_EVERY_S

    def _end_of_writing(self) -> bool:
        """Wait until it is written; False where the store failed, and the data wait again."""
        assert self._writing is not None
        batch, future = self._writing
        self._writing = None
        try:
            future.result()
        except StoreError as error:
            self.written -= batch.n_bytes  # what was written is in it no more
            batch.extend(self._pending)
            self._pending = batch
            self.error = error
            self._next = time.perf_counter() + RETRY_EVERY_S
            if batch.n_bytes > MAX_PENDING_BYTES:
                raise StoreError(
                    f"{error} {batch.n_bytes / 2**20:.0f} MB wait in memory, which is the most "
                    "that is kept: the simulation was stopped."
                ) from error
            return False
        self.error = None
        return True
