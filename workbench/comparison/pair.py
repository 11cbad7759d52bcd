"""`Pair`: two live sessions of one model from one seed, in lockstep, with something different."""

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


class Pair(Lockstep):
    """Sessions ``a`` and ``b``: the same model, seed and engine; ``b`` has ``change``.

    Both run the same stretch of ticks at the same time, each in its own process, and wait for one
    another at its end. A stretch is as long as some 50 ms of wall time allow, so neither is ever
    further ahead than that. What is done to them is done between two stretches: at the same tick
    in both. So without any change they have the same spikes, every one.

    model       : a's values; the same for b but for ``change``
    change      : parameter -> value in b; may be empty
    speed       : simulated ms per wall second; None = as fast as possible
    paused      : wait at the beginning
    wishes      : seed, engine, duration_ms, operations, record, ... as for `Session`
    raises      : ParameterError or UnknownName for wishes that cannot be met

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
        """Both begin in the state of ``run`` at ``at_ms`` (its end), reached by simulating again.

        ``b`` has ``change`` from there on. With ``at_ms=0, again=True`` the whole run is repeated
        in both, everything that was done to it included.
        """
        sides = [
            branch_of(run, model, c, at_ms=at_ms, again=again, planned=planned)
            for c in ({}, change)
        ]
        pair = cls.__new__(cls)
        pair._prepare_branches(sides, speed, paused)
        return pair

    def _prepare_branches(self, sides: list[Branch], speed: float | None, paused: bool) -> None:
        plans: list[dict[str, Any]] = [{"plan": s.plan} for s in sides]
        self._prepare([s.model for s in sides], plans, sides[0].tick, speed, paused)

    # -- life --------------------------------------------------------------------------------

    def start(self) -> Pair:
        """Start both; returns at once."""
        if self._thread is not None:
            raise WorkbenchError("This pair was started already; make a new one to run again.")
        self._thread = threading.Thread(target=self._live, name="workbench-pair", daemon=True)
        self._thread.start()
        return self

    def status(self) -> PairStatus:
        """What it is doing now."""
        with self._news:
            return PairStatus(**vars(self._status))

    def wait(self, timeout: float | None = None, until: str | None = None) -> bool:
        """Wait until it is over (or reached the state ``until``); False after ``timeout``."""
        with self._news:
            return self._news.wait_for(
                lambda: self._status.over or self._status.state == until, timeout
            )

    def pause(self) -> None:
        """Stand still at the end of the present stretch, both at one tick."""
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
        """Change a live parameter in both, or in one, at the next tick where they meet.

        raises : ParameterError when it cannot be changed while running
        """
        sessions = self._on(on)
        for session in sessions:
            session.check_set(name, value)

        def both() -> None:
            for session in sessions:
                session.set(name, value)

        self._later(both)

    def do(self, operation: Operation, on: Which = "both") -> None:
        """Perform an operation in both, or in one, at the next tick where they meet."""
        sessions = self._on(on)
        for session in sessions:
            operation.check(session.model)

        def both() -> None:
            for session in sessions:
                session.do(operation)

        self._later(both)

    def stop(self, timeout: float = 30.0) -> tuple[Run, Run]:
        """End both at the same tick; returns the runs of a and b.

        raises : SimulationError, with what was recorded in its ``run``, when one had failed
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
        """End both processes and forget their recordings."""
        with self._news:
            self._ending = self._closed = True
            self._news.notify_all()
        self.a.close()
        self.b.close()

    def __enter__(self) -> Pair:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- what can be seen --------------------------------------------------------------------

    @property
    def common(self) -> Common | None:
        """One numbering for the neurons of both; None while they are built."""
        return self._tally.common if self._tally is not None else None

    @property
    def counts(self) -> dict[str, int]:
        """Spikes so far: in "a", in "b", and those that "both" have at the same step."""
        with self._news:
            t = self._tally
            return {**t.n, "both": t.n_same} if t is not None else {"a": 0, "b": 0, "both": 0}

    @property
    def first(self) -> Spike | None:
        """The first spike that only one of them has; None as long as there is none."""
        with self._news:
            return self._tally.first if self._tally is not None else None

    def frames(self) -> tuple[list[Frame], list[Frame]]:
        """The frames of a and b that arrived since the last call; never waits.

        The latest 400 of each are kept. Both reach up to the same tick whenever the pair stands.
        """
        with self._news:
            found = [list(self._frames[k]) for k in ("a", "b")]
            for kept in self._frames.values():
                kept.clear()
        return found[0], found[1]

    def show_weights(self, names: Sequence[str]) -> None:
        """Choose whose weights ``weights`` holds; they are asked for twice a second."""
        with self._news:
            self._shown_weights, self._weights_at = tuple(names), 0.0

    @property
    def weights(self) -> dict[str, tuple[float, np.ndarray, np.ndarray]]:
        """Projection -> (t_ms, a, b): its weights at one tick in both, (post bins, pre bins)."""
        with self._news:
            return dict(self._weights)

    def differences(self, bin_ms: float | None = None, timeout: float = 30.0) -> xarray.Dataset:
        """Rates, states and weights of b minus those of a until now, as ``wb.compare`` has them."""

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
