"""`Link`: a page of a model, and the run until now, as plain data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..engine.batch import run_plan
from ..engine.plan import Plan
from ..errors import ParameterError
from ..interventions import Intervention, hand_over_in, schedule
from ..model.model import Model
from ..run import Run

if TYPE_CHECKING:
    from ..engine.session import Session


@dataclass(frozen=True)
class Link:
    """A page of a model: what it shows, and the run until now.

    model    : class of the model
    values   : parameter -> value now, in its unit, of all parameters
    seed, engine : as chosen on the page
    speed    : simulated ms per second of wall time, ``math.inf`` for as fast as possible; None for
               the model's own
    tab, notation, theme : of the page; "" for those that a page begins with
    lesson   : the lesson that the page shows, by its name; "" for none
    shown    : plot -> the name that is chosen in its card
    t_ms     : how far the run had come; 0 for none
    began_with : the engine that it began with, which decides its random numbers
    log      : what was done to it
    """

    model: type[Model]
    values: Mapping[str, float]
    seed: int = 1
    engine: str = "auto"
    speed: float | None = None
    tab: str = ""
    notation: str = ""
    theme: str = ""
    lesson: str = ""
    shown: Mapping[str, str] = field(default_factory=dict)
    t_ms: float = 0.0
    began_with: str = ""
    log: tuple[Intervention, ...] = ()

    def values_at_start(self) -> dict[str, float]:
        """The values with which the run began: those of now, with what was set put back."""
        first: dict[str, float] = {}
        for entry in sorted(self.log, key=lambda e: e.tick):
            if entry.is_change and entry.was is not None:
                first.setdefault(entry.name, entry.was)
        return {**self.values, **first}

    def model_now(self) -> Model:
        """The model with the values of now, for a new run."""
        return self.model(**self.values)

    def start(self, **options: Any) -> Session:
        """A session that repeats the run from t = 0, with what was done at its time.

        options : as for `Session`, such as ``paused`` and ``speed``; it does not stop at ``t_ms``
        """
        begun = self.model(**self.values_at_start())
        return begun.start(plan=self.plan(), **options)

    def run(self, progress: Callable[[float], Any] | None = None) -> Run:
        """Repeat the run until ``t_ms``; raises ParameterError where the link holds none."""
        if not self.t_ms > 0:
            raise ParameterError(
                "This link holds no run: simulate link.model_now(), for as long as you like."
            )
        begun = self.model(**self.values_at_start())
        return run_plan(begun, self.plan(self.t_ms), progress)

    def plan(self, duration_ms: float | None = None) -> Plan:
        """What is done to the run, for a session or a run of ``duration_ms``."""
        log = sorted(self.log, key=lambda e: e.tick)
        operations, changes = schedule(log, self.model(**self.values_at_start()))
        return Plan(
            seed=self.seed,
            engine=self.began_with or self.engine,
            duration_ms=duration_ms,
            operations=operations,
            changes=changes,
            log=log,
            hand_over=hand_over_in(log),
        )
