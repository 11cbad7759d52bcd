"""`Pair`: two live sessions of one model in lockstep, from one seed, with changed parameters."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ..engine.frames import Frame
from ..errors import ParameterError, SimulationError, WorkbenchError
from ..interventions import Intervention
from ..model.operation import Operation
from ..model.units import whole_of
from ..replay.branch import Branch, branch_of
from .difference import Common, Spike, dataset
from .lockstep import Lockstep, PairStatus

if TYPE_CHECKING:
    import xarray

    from ..engine.session import Session
    from ..model.model import Model
    from ..run import Run

Which = Literal["both", "a", "b"]
CLOSE_S = 5.0  # for the thread of a pair to end, once both processes have


class Pair(Lockstep):
    """Sessions ``a`` and ``b``: the same model, seed and engine; ``b`` has ``change``.

    Both run the same chunk of ticks at the same time, each in its own process, and wait for each
    other at its end. A chunk takes about 50 ms of wall time, so neither is ever further ahead
    than that. Interventions are applied between two chunks, at the same tick in both. Without
    any change their spikes are therefore identical.

    model       : the model of a; b differs from it by ``change`` only
    change      : parameter -> value in b; may be empty
    speed       : simulated ms per wall second; None = as fast as possible
    paused      : start paused
    options     : seed, engine, duration_ms, operations, record, ... as for `Session`
    raises      : ParameterError or UnknownName for invalid arguments

    Use it as a context manager, or ``close`` it: it holds two processes.
    """

    def __init__(
        self,
        model: Model,
        change: Mapping[str, Any] | None = None,
        *,
        speed: float | None = None,
        paused: bool = False,
        **options: Any,
    ):
        other = type(model)(**{**model.values(), **(change or {})})
        self._prepare((model, other), (options, options), 0, speed, paused)

    @classmethod
    def from_run(
        cls,
        run: Run,
        model: type[Model],
        change: Mapping[str, Any] | None = None,
        *,
        at_ms: float | None = None,
        again: bool = False,
        planned: Sequence[Intervention] = (),
        speed: float | None = None,
        paused: bool = False,
    ) -> Pair:
        """Start both in the state of ``run`` at ``at_ms`` (default: its end), by re-simulation.

        ``b`` has ``change`` from there on. With ``at_ms=0, again=True`` both repeat the whole
        run, including its interventions.
        """
        sides = [
            branch_of(run, model, c, at_ms=at_ms, again=again, planned=planned)
            for c in ({}, change)
        ]
        pair = cls.__new__(cls)
        pair._prepare_branches(sides, speed, paused)
        return pair

    @classmethod
    def without(
        cls,
        run: Run,
        model: type[Model],
        entry: Intervention | Sequence[Intervention],
        *,
        planned: Sequence[Intervention] = (),
        speed: float | None = None,
        paused: bool = False,
    ) -> Pair:
        """Repeat ``run`` from t = 0: ``a`` with all that was done to it, ``b`` without ``entry``.

        entry  : an intervention, or several, such as those that the drag of a slider left
        raises : ParameterError if the run has no such intervention
        """
        entries = (entry,) if isinstance(entry, Intervention) else tuple(entry)
        for each in entries:
            if each not in run.interventions:
                raise ParameterError(
                    f"{each.describe()} at {each.t_ms:g} ms was not done to this run: choose one "
                    "of its interventions."
                )
        sides = [
            branch_of(run, model, at_ms=0.0, again=True, planned=planned, leave_out=left)
            for left in ((), entries)
        ]
        pair = cls.__new__(cls)
        pair._prepare_branches(sides, speed, paused)
        return pair

    def _prepare_branches(self, sides: list[Branch], speed: float | None, paused: bool) -> None:
        plans: list[dict[str, Any]] = [{"plan": s.plan} for s in sides]
        self._prepare([s.model for s in sides], plans, sides[0].tick, speed, paused)

    # -- control -----------------------------------------------------------------------------

    def start(self) -> Pair:
        """Start both; return at once."""
        if self._thread is not None:
            raise WorkbenchError("This pair was started already; make a new one to run again.")
        self._thread = threading.Thread(target=self._live, name="workbench-pair", daemon=True)
        self._thread.start()
        return self

    def status(self) -> PairStatus:
        """Current status."""
        with self._news:
            return PairStatus(**vars(self._status))

    def wait(self, timeout: float | None = None, until: str | None = None) -> bool:
        """Wait until the pair ends (or reaches the state ``until``); False after ``timeout``."""
        with self._news:
            return self._news.wait_for(
                lambda: self._status.over or self._status.state == until, timeout
            )

    def pause(self) -> None:
        """Pause both at the same tick, at the end of the current chunk."""
        with self._news:
            self._paused, self._steps = True, 0
            self._news.notify_all()

    def resume(self) -> None:
        with self._news:
            self._paused, self._steps = False, 0
            self._news.notify_all()

    def step(self, n: int = 1) -> None:
        """Advance both by ``n`` ticks, then pause."""
        n = whole_of(n, what="step")
        if n < 1:
            raise ParameterError(f"step({n}) is not possible: at least one whole tick.")
        with self._news:
            self._paused, self._steps = False, n
            self._report(state="running")

    def set(self, name: str, value: Any, on: Which = "both") -> None:
        """Change a live parameter in both, or in one, at the end of the current chunk of ticks.

        raises : ParameterError if it cannot be changed while running
        """
        sessions = self._on(on)
        for session in sessions:
            session.check_set(name, value)

        def both() -> None:
            for session in sessions:
                session.set(name, value)

        self._later(both)

    def do(self, operation: Operation, on: Which = "both") -> None:
        """Perform an operation in both, or in one, at the end of the current chunk of ticks."""
        sessions = self._on(on)
        for session in sessions:
            operation.check(session.model)

        def both() -> None:
            for session in sessions:
                session.do(operation)

        self._later(both)

    def stop(self, timeout: float = 30.0) -> tuple[Run, Run]:
        """End both at the same tick; return the runs of a and b.

        raises : SimulationError, with the recorded data in its ``run``, if one has failed
        """
        with self._news:
            self._ending = True
            self._news.notify_all()
        if self._thread is not None:
            self._thread.join(timeout)
        runs = self.a.stop(timeout), self.b.stop(timeout)
        with self._news:
            if self._status.state == "failed":
                raise SimulationError(self._status.message, self._status.details)
        return runs

    def close(self) -> None:
        """End both processes and discard their recordings."""
        with self._news:
            self._ending = self._closed = True
            self._news.notify_all()
        self.a.close()
        self.b.close()
        # Where b was just being started, the thread closes it.
        if self._thread not in (None, threading.current_thread()):
            self._thread.join(CLOSE_S)

    def __enter__(self) -> Pair:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- data --------------------------------------------------------------------------------

    @property
    def common(self) -> Common | None:
        """Common numbering of the neurons of both; None while they are being built."""
        return self._tally.common if self._tally is not None else None

    @property
    def counts(self) -> dict[str, int]:
        """Spike counts so far: in "a", in "b", and in "both" at the same step."""
        with self._news:
            t = self._tally
            return {**t.n, "both": t.n_same} if t is not None else {"a": 0, "b": 0, "both": 0}

    @property
    def first(self) -> Spike | None:
        """First spike that occurs in only one of them, or None so far."""
        with self._news:
            return self._tally.first if self._tally is not None else None

    def frames(self) -> tuple[list[Frame], list[Frame]]:
        """Frames of a and b that arrived since the last call; never blocks.

        The latest 400 of each are kept. While the pair is paused, both end at the same tick.
        """
        with self._news:
            found = [list(self._frames[k]) for k in ("a", "b")]
            for kept in self._frames.values():
                kept.clear()
        return found[0], found[1]

    def show_weights(self, names: Sequence[str]) -> None:
        """Choose the projections in ``weights``, which is updated twice a second."""
        with self._news:
            self._shown_weights, self._weights_at = tuple(names), 0.0

    @property
    def weights(self) -> dict[str, tuple[float, np.ndarray, np.ndarray]]:
        """Projection -> (t_ms, a, b): weights of both at one tick, (post bins, pre bins)."""
        with self._news:
            return dict(self._weights)

    def differences(self, bin_ms: float | None = None, timeout: float = 30.0) -> xarray.Dataset:
        """Rates, states and weights of b minus those of a so far, as from ``wb.compare``."""

        def both() -> tuple[Run, Run]:
            return self.a.run_so_far(timeout), self.b.run_so_far(timeout)

        if self._thread is None:
            return dataset(*both(), bin_ms)
        answer: Future[tuple[Run, Run]] = Future()
        self._later(both, answer)
        return dataset(*answer.result(timeout), bin_ms)

    def _on(self, on: str) -> tuple[Session, ...]:
        known = {"both": (self.a, self.b), "a": (self.a,), "b": (self.b,)}
        if on not in known:
            raise ParameterError(f"on = {on!r} is not allowed: 'both', 'a' or 'b'.")
        return known[on]
