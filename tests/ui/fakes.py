"""A session without a worker: what a test puts in is what the page gets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from workbench.engine.frames import Frame, Status
from workbench.engine.plan import Plan
from workbench.model.model import Model
from workbench.model.parameter import Parameter
from workbench.network import NetworkInfo, Population, Projection


class TwoGroups(Model):
    """Ten excitatory and five inhibitory neurons that nobody simulates."""

    slug = "two-groups"
    title = "Two groups"
    purpose = "Shows what a page does."
    source = "none"
    pace = 20.0
    window_ms = 100.0
    traces = {"exc.v": "mV"}

    tau_m = Parameter(
        10.0, unit="ms", bounds=(0.1, None), softbounds=(1, 50), symbol="τ_m", group="Neuron",
        doc="membrane time constant", source="none",
    )  # fmt: skip
    n_exc = Parameter(
        10, bounds=(1, 1000), softbounds=(5, 50), live=False, integer=True, symbol="N",
        group="Network", doc="excitatory neurons", source="none",
    )  # fmt: skip


INFO = NetworkInfo(
    dt_ms=0.1,
    tick_ms=1.0,
    populations=(
        Population("exc", 10, 0, "neurons", "excitatory"),
        Population("inh", 5, 10, "neurons", "inhibitory"),
    ),
    projections=(
        Projection("exc_to_inh", "exc", "inh", 50, "w", "mV", sign="excitatory", bins=(5, 10)),
    ),
    traces={"exc.v": "mV"},
    watched={"exc.v": (0, 1, 2)},
)


def frame(t_ms: float, units=(), steps=None) -> Frame:
    """A frame that ends at ``t_ms``, with spikes of these units just before."""
    units = np.asarray(units, dtype=np.int32)
    at = np.full(len(units), round(t_ms / 0.1) - 1, dtype=np.int64)
    return Frame(
        tick=round(t_ms),
        t_ms=t_ms,
        steps=at if steps is None else np.asarray(steps, dtype=np.int64),
        units=units,
        state_t=np.array([t_ms]),
        states={"exc.v": np.array([[-60.0, -59.0, -58.0]])},
        weights={"exc_to_inh": np.ones((5, 10), dtype=np.float32)},
        counters={},
    )


class FakeSession:
    """Remembers what it is told; ``arrive`` and ``say`` are the worker's part."""

    def __init__(self, model: Model, kind: Any = None, **options: Any):
        self.model, self.kind, self.options = model, kind, options
        self.seed, self.engine = options["seed"], "numpy"
        self.plan = Plan(seed=self.seed, engine=options["engine"])
        self.speed, self.began_with = options["speed"], self.engine
        self.info: NetworkInfo | None = None
        self.listeners: tuple[Callable[[], Any], ...] = ()
        self.interventions: list[dict[str, Any]] = []
        self.recording: dict[str, Any] = {}
        self.reported: list[tuple[Any, ...]] = []
        self._frames: list[Frame] = []
        self._status = Status(state="building", seed=self.seed)
        self.closed = self.parked = False

    def arrive(self, *frames: Frame) -> None:
        self._frames.extend(frames)
        self._status.t_ms = frames[-1].t_ms

    def report(self, **changes: Any) -> None:
        for name, value in changes.items():
            setattr(self._status, name, value)

    def status(self) -> Status:
        return self._status

    def frames(self) -> list[Frame]:
        new, self._frames = self._frames, []
        return new

    def set(self, name: str, value: float) -> float:
        self.reported.append(("set", name, value))
        return self.model.set(name, value)

    def do(self, operation: Any) -> None:
        self.reported.append(("do", operation))

    def set_speed(self, speed: float | None) -> None:
        self.reported.append(("speed", speed))

    def follow_weights(self, every_ms: dict[str, float]) -> None:
        self.reported.append(("follow", every_ms))

    def show_weights(self, names: tuple[str, ...], every_ms: float = 500.0) -> None:
        self.reported.append(("weights", names))

    def watch(self, watched: dict[str, Any]) -> None:
        self.reported.append(("watch", watched))

    def resume(self) -> None:
        self.report(state="running")

    def pause(self) -> None:
        self.report(state="paused")

    def step(self, n: int = 1) -> None:
        self.reported.append(("step", n))

    def stop(self) -> None:
        self.report(state="stopped")

    def close(self) -> None:
        self.closed = True
