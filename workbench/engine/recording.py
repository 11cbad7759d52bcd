"""What a run records: spikes, states, recordings and weights, and what was done to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..interventions import Intervention, happened
from ..recordings import Block, Recording, Samples, joined, variable_of
from .present import changed_circuit
from .streams import Stream, between_ticks, streams_of

if TYPE_CHECKING:
    from ..run import Run
    from .plan import Plan
    from .recorder import Recorder
    from .runtime import Runtime
    from .simulation import Simulation

# How the names end of what is sampled for the eye alone: states, and weights between two frames.
SHOWN, FOLLOWED = "#shown", "#followed"


class WriteJob:
    """One run being recorded: what it is, what was done to it, and its weights."""

    def __init__(self, simulation: Simulation, plan: Plan, recorder: Recorder):
        from ..model.files import files_of
        from ..provenance import collect
        from .compiled.built import own_code

        self.simulation, self.plan, self.recorder = simulation, plan, recorder
        self.parameters = simulation.model.values()
        self.done: list[Intervention] = []  # what was not planned
        self.files = files_of(type(simulation.model))
        self.provenance = collect(simulation.target, type(simulation.model))
        if simulation.target == "compiled":
            self.provenance["compiled_code"] = own_code()
        for tick, name, value in plan.changes:
            simulation.plan_change(tick, name, value)
        for tick, operation in plan.operations:
            simulation.plan(tick, operation)
        self.watched = self._watched(plan.record)
        self.sampler = simulation.sampler(self.watched)
        self.recordings: dict[str, Recording] = {}  # what is recorded now, as it was asked for
        self.streams: list[Stream] = []
        self.shown: list[Stream] = []  # sampled for the eye alone, as are the next
        self.followed: list[Stream] = []
        self.events: list[Stream] = []
        asked = {k: w for k, w in (plan.record or {}).items() if isinstance(w, Recording)}
        self.record({**between_ticks(simulation.info, self.watched), **asked})
        self.first_weights = {k: r.values() for k, r in simulation.weights.items()}

    @property
    def interventions(self) -> list[Intervention]:
        """What was done until now; what is only planned is not."""
        simulation = self.simulation
        planned = happened(self.plan.log, simulation.info.tick_ms, simulation.t_ms)
        return [*planned, *self.done]

    def record(self, options: Mapping[str, Recording | None], now_ms: float | None = None) -> None:
        """Record these too, and no more those that are None; what is recorded already goes on.

        now_ms : within a run, the moment
        raises : UnknownName, ParameterError, and nothing changes
        """
        wanted = {k: w for k, w in {**self.recordings, **options}.items() if w is not None}
        info, known = self.simulation.info, {s.key: s for s in (*self.streams, *self.events)}
        new = {k: w for k, w in wanted.items() if k not in known}
        streams, events = streams_of(self.simulation.targets, info, new)
        streams = [replace(s, rows=self.recorder.rows[s.key]) for s in streams]
        kept = [s for s in self.streams if s.key in wanted]
        self.simulation.record([*kept, *streams, *self.shown, *self.followed], now_ms)
        self.streams = [*kept, *streams]
        self.events = [*(s for s in self.events if s.key in wanted), *events]
        self.recorder.metadata |= {s.key: s.metadata() for s in (*streams, *events)}
        self.recordings = wanted

    def moved_to(self, simulation: Simulation) -> WriteJob:
        """The same run, which another simulation goes on with; what is sampled stays the same.

        raises : SimulationError for samples of what ``simulation`` cannot sample
        """
        from .compiled.built import own_code

        def there(streams: list[Stream]) -> list[Stream]:
            at, rows = simulation.targets, self.recorder.rows
            return [replace(s, target=at[variable_of(s.key)], rows=rows[s.key]) for s in streams]

        job = WriteJob.__new__(WriteJob)
        vars(job).update(vars(self))
        job.simulation, job.sampler = simulation, simulation.sampler(self.watched)
        job.streams, job.shown, job.followed, job.events = map(
            there, (self.streams, self.shown, self.followed, self.events)
        )
        simulation.record([*job.streams, *job.shown, *job.followed])
        job.provenance = {**self.provenance, "compiled_code": own_code()}
        return job

    def show(self, watched: Mapping[str, Any], now_ms: float) -> None:
        """Sample these states for the eye alone, with what lies between two ticks."""
        info = self.simulation.info
        options = {f"{k}{SHOWN}": w for k, w in between_ticks(info, watched).items()}
        self.shown, _ = streams_of(self.simulation.targets, info, options)
        self.simulation.record([*self.streams, *self.shown, *self.followed], now_ms)

    def follow(self, every_ms: Mapping[str, float], now_ms: float) -> None:
        """Sample the weights of these projections for the eye alone, and no others.

        raises : ParameterError for what is no whole number of time steps, and nothing changes
        """
        weights = {p.name: p.weight for p in self.simulation.info.projections if p.weight}
        options = {
            f"{name}.{weights[name]}{FOLLOWED}": Recording("all", every, single=True)
            for name, every in every_ms.items()
            if name in weights
        }
        self.followed, _ = streams_of(self.simulation.targets, self.simulation.info, options)
        self.simulation.record([*self.streams, *self.shown, *self.followed], now_ms)

    def entries(self) -> dict[str, dict[str, np.ndarray]]:
        """Of everything that is sampled: ``index``, and ``pre`` and ``post`` of synapses."""
        found: dict[str, dict[str, np.ndarray]] = {}
        for stream in (*self.streams, *self.shown):
            metadata = stream.metadata()
            ends: dict[str, Any] = {
                k: metadata[k] for k in ("index", "pre", "post") if k in metadata
            }
            found[stream.key.removesuffix(SHOWN)] = ends
        return found

    def keep(self, blocks: Mapping[str, Block]) -> dict[str, Block]:
        """Record samples; returns what is to be seen of them, by recording."""
        for key, block in blocks.items():
            if not key.endswith((SHOWN, FOLLOWED)):
                self.recorder.add_recorded(key, block)
        instead = {s.key.removesuffix(SHOWN): blocks.get(s.key) for s in self.shown}
        seen = {k: b for k, b in blocks.items() if k not in instead and not k.endswith(SHOWN)}
        return seen | {k: b for k, b in instead.items() if b is not None}

    def split(self, steps: np.ndarray, units: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Spikes alone; other events among them are recorded where somebody asked for them."""
        if not self.simulation.events:
            return steps, units
        spikes = units < self.simulation.n_units
        for stream in self.events:
            group, start = stream.target.owner.name, int(stream.target.where[0])
            first = self.simulation.first_of(f"{group}.{stream.target.variable}") + start
            mine = np.isin(units - first, stream.index) & ~spikes
            t_ms = np.round(steps[mine] * self.simulation.info.dt_ms, 9)
            values = (units[mine] - first).astype(float)[:, None]
            self.recorder.add_recorded(stream.key, Block(t_ms, values))
        return steps[spikes], units[spikes]

    def _watched(self, record: Any) -> dict[str, tuple[int, ...]]:
        if record is None:
            return dict(self.simulation.info.watched)
        sizes = {p.name: p.entries for p in self.simulation.info.populations}
        return {
            name: tuple(range(sizes.get(name.split(".")[0], 0)))
            if isinstance(neurons, str)
            else tuple(int(n) for n in neurons)
            for name, neurons in record.items()
            if not isinstance(neurons, Recording)
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
        steps, units = self.split(*self.simulation.drain_spikes())
        self.recorder.add_spikes(steps, units)
        return steps, units

    def collect_streams(self) -> dict[str, Block]:
        """What the recordings sampled since the last call."""
        return self.keep(self.simulation.streams.take())

    def run(self, outcome: str, message: str) -> Run:
        from ..run import Run

        self.collect()
        self.collect_streams()
        recorded = self.recorder.recorded()
        steps, units, state_t, states = self.recorder.pending()
        return Run(
            **self.meta(),
            duration_ms=self.simulation.t_ms,
            steps=steps,
            units=units,
            state_t=state_t,
            states=states,
            weights=self.weights(),
            recordings={
                key: Samples(variable_of(key), **text, load=joined(blocks).parts)
                for key, (text, blocks) in recorded.items()
            },
            interventions=self.interventions,
            changed_circuit=changed_circuit(self.simulation, self.interventions),
            outcome=outcome,
            message=message,
        )
