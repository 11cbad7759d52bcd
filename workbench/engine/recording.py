"""Recording a run: in memory, or spilled to a store about once a second."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import StoreError
from ..interventions import Intervention, happened

if TYPE_CHECKING:
    from ..run import Run
    from .plan import Plan
    from .runtime import Runtime
    from .simulation import Simulation

FLUSH_EVERY_S = 1.0
RETRY_EVERY_S = 5.0
MAX_PENDING_BYTES = 2**30  # what may wait in memory while the store cannot be written


class Recorder:
    """Collects spikes and states. With a ``writer`` they go to disk, and memory stays flat.

    Nothing is lost when the store fails: the data wait in memory, ``error`` says what happened,
    and the next flush tries again.
    """

    def __init__(self, writer: Any = None):
        self.writer = writer
        self.error: StoreError | None = None
        self.n_spikes = 0
        self._spikes: list[tuple[np.ndarray, np.ndarray]] = []
        self._state_t: list[float] = []
        self._states: list[dict[str, np.ndarray]] = []
        self._blocks: list[tuple[np.ndarray, dict[str, np.ndarray]]] = []
        self.written = 0  # bytes, before compression
        self._bytes = 0
        self._next = time.perf_counter() + FLUSH_EVERY_S

    def add_spikes(self, steps: np.ndarray, units: np.ndarray) -> None:
        if len(steps):
            self._spikes.append((steps, units))
            self.n_spikes += len(steps)
            self._bytes += steps.nbytes + units.nbytes

    def add_states(self, t_ms: float, states: dict[str, np.ndarray]) -> None:
        self._state_t.append(t_ms)
        self._states.append(states)
        self._bytes += 8 * (1 + sum(v.size for v in states.values()))

    def add_block(self, t_ms: np.ndarray, states: dict[str, np.ndarray]) -> None:
        """Samples of many times at once: (T,) and name -> (T, n)."""
        if len(t_ms):
            self._blocks.append((t_ms, states))
            self._bytes += t_ms.nbytes + sum(v.nbytes for v in states.values())

    @property
    def due(self) -> bool:
        return self.writer is not None and time.perf_counter() >= self._next

    def pending(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, dict[str, np.ndarray]]:
        """Everything not yet written: steps, units, state times, states."""
        steps = [s for s, _ in self._spikes] or [np.empty(0, np.int64)]
        units = [u for _, u in self._spikes] or [np.empty(0, np.int32)]
        blocks = list(self._blocks)
        if self._states:
            single = {n: np.stack([s[n] for s in self._states]) for n in self._states[0]}
            blocks.append((np.array(self._state_t), single))
        state_t = np.concatenate([t for t, _ in blocks] or [np.empty(0)])
        names = blocks[0][1] if blocks else {}
        states = {n: np.concatenate([s[n] for _, s in blocks]) for n in names}
        return np.concatenate(steps), np.concatenate(units), state_t, states

    def flush(self, t_ms: float, interventions: list[Intervention]) -> bool:
        """Write what is pending; False, with ``error`` set, when the store cannot take it.

        raises : StoreError when more than ``MAX_PENDING_BYTES`` wait for a store that fails
        """
        if self.writer is None:
            return True
        try:
            self.writer.append(*self.pending())
            self.writer.progress(t_ms, interventions)
        except StoreError as error:
            self.error = error
            self._next = time.perf_counter() + RETRY_EVERY_S
            if self._bytes > MAX_PENDING_BYTES:
                raise StoreError(
                    f"{error} {self._bytes / 2**20:.0f} MB wait in memory, which is the most that "
                    "is kept: the simulation was stopped."
                ) from error
            return False
        self.error = None
        self.written += self._bytes
        self._spikes, self._state_t, self._states, self._blocks, self._bytes = [], [], [], [], 0
        self._next = time.perf_counter() + FLUSH_EVERY_S
        return True


class WriteJob:
    """One run being recorded: what it is, what was done to it, and its weights."""

    def __init__(self, simulation: Simulation, plan: Plan, recorder: Recorder):
        from ..model.files import files_of
        from ..provenance import collect

        self.simulation, self.plan, self.recorder = simulation, plan, recorder
        self.parameters = simulation.model.values()
        self.done: list[Intervention] = []  # what was not planned
        self.files = files_of(type(simulation.model))
        self.provenance = collect(simulation.target, type(simulation.model))
        for tick, name, value in plan.changes:
            simulation.plan_change(tick, name, value)
        for tick, operation in plan.operations:
            simulation.plan(tick, operation)
        self.watched = self._recorded(plan.record)
        self.sampler = simulation.sampler(self.watched)
        self.first_weights = {k: r.values() for k, r in simulation.weights.items()}

    @property
    def interventions(self) -> list[Intervention]:
        """What was done until now; what is only planned is not."""
        simulation = self.simulation
        planned = happened(self.plan.log, simulation.info.tick_ms, simulation.t_ms)
        return [*planned, *self.done]

    def _recorded(self, record: Any) -> dict[str, tuple[int, ...]]:
        if record is None:
            return dict(self.simulation.info.watched)
        sizes = {p.name: p.entries for p in self.simulation.info.populations}
        return {
            name: tuple(range(sizes.get(name.split(".")[0], 0)))
            if isinstance(neurons, str)
            else tuple(int(n) for n in neurons)
            for name, neurons in record.items()
        }

    def weights(self) -> dict[str, dict[str, np.ndarray]]:
        """First and latest weights of every projection, as a `Run` holds them."""
        t_ms = np.array([0.0, self.simulation.t_ms])
        return {
            name: {
                "i": reader.i,
                "j": reader.j,
                "t_ms": t_ms,
                "w": np.stack([self.first_weights[name], reader.values()]),
            }
            for name, reader in self.simulation.weights.items()
        }

    def meta(self) -> dict[str, Any]:
        """What a run is, besides its data."""
        from dataclasses import replace

        return {
            "model": self.simulation.model.slug or type(self.simulation.model).__name__,
            "parameters": self.parameters,
            "info": replace(self.simulation.info, watched=self.watched),
            "seed": self.plan.seed,
            "engine": self.simulation.target,
            "provenance": self.provenance,
            "files": self.files,
        }


class SampledJob(WriteJob):
    """A run in this process: its states are sampled and its spikes collected tick by tick."""

    simulation: Runtime

    def sample(self) -> dict[str, np.ndarray]:
        states = self.sampler()
        self.recorder.add_states(self.simulation.t_ms, states)
        return states

    def collect(self) -> tuple[np.ndarray, np.ndarray]:
        steps, units = self.simulation.drain_spikes()
        self.recorder.add_spikes(steps, units)
        return steps, units

    def run(self, outcome: str, message: str) -> Run:
        from ..run import Run

        self.collect()
        steps, units, state_t, states = self.recorder.pending()
        return Run(
            **self.meta(),
            duration_ms=self.simulation.t_ms,
            steps=steps,
            units=units,
            state_t=state_t,
            states=states,
            weights=self.weights(),
            interventions=self.interventions,
            outcome=outcome,
            message=message,
        )
