"""Whether the compiled engine pays for a blocking run with the engine "auto".

Such a run begins in this process, on what needs no compiling. After its first stretch it is known
how long the rest would take. Where the compiled engine would be through sooner, with its start and
perhaps its compiler, the run begins anew there: it is then a run of that engine from its first
step, which a replay repeats as any other one.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .compiled.background import may_build
from .compiled.built import marker, may_have_binary

if TYPE_CHECKING:
    from ..model.model import Model
    from .plan import Plan

STRETCH_S = 1.0  # of wall time, that is simulated before it is judged
# What the compiled engine takes on a machine that is not busy, rounded up; docs/speed.md has both.
START_S = 3.0
COMPILE_S = 10.0
TIMES_AS_FAST = 4.0  # as NumPy, at least; mostly it is 10 to 40
_speeds: dict[str, float] = {}  # simulated ms a second, by structure: a sweep asks many times
_without: set[str] = set()  # structures that cannot be compiled


@dataclass
class Choice:
    """The choice of the engine of one run."""

    plan: Plan
    name: str
    there: bool  # a binary is, as far as one can know
    why: str = ""  # the compiled engine was chosen, in a sentence
    began: float | None = None

    def pays_from_before(self) -> bool:
        """What an earlier run of the same structure has shown; False where there was none."""
        speed = _speeds.get(self.name)
        return speed is not None and self._pays(speed, 0.0)

    def pays(self, t_ms: float) -> bool:
        """Asked at each tick; True once, when the first stretch has shown that it does."""
        now = time.perf_counter()
        if self.began is None:
            self.began = now
        if self.name in _speeds or now - self.began < STRETCH_S:
            return False
        _speeds[self.name] = t_ms / (now - self.began)
        return self._pays(_speeds[self.name], t_ms)

    def _pays(self, speed: float, t_ms: float) -> bool:
        assert self.plan.duration_ms is not None
        left_s = (self.plan.duration_ms - t_ms) / max(speed, 1e-9)
        start_s = START_S if self.there else START_S + COMPILE_S
        there_s = start_s + self.plan.duration_ms / max(speed, 1e-9) / TIMES_AS_FAST
        if left_s <= there_s:
            return False
        self.why = (
            f"compiled, as NumPy made {speed:.3g} simulated ms a second and would have taken "
            f"another {left_s:.3g} s; the compiled engine was expected to take {there_s:.3g} s."
        )
        return True

    def compiled(self) -> Plan:
        """The same plan for the compiled engine."""
        return replace(self.plan, engine="compiled")

    def give_up(self) -> None:
        """It cannot be compiled: nobody shall try it again in this process."""
        _without.add(self.name)


def choice_of(model: Model, plan: Plan) -> Choice | None:
    """The choice that a plan leaves open; None where there is none."""
    if plan.engine != "auto" or plan.duration_ms is None or not may_build(model):
        return None
    name = str(marker(model, "compiled"))
    if name in _without:
        return None
    return Choice(plan, name, may_have_binary(model))


def explained(model: Model) -> str:
    """What a blocking run with "auto" does with ``model``, and why, in a sentence."""
    if not may_build(model):
        return "auto: NumPy, as nothing may be compiled here, or there is no compiler."
    if may_have_binary(model):
        return (
            "auto: a binary is there. A session begins in it; a run in Python begins on NumPy, and "
            f"anew in the binary where the rest would take {START_S:g} s longer than there."
        )
    return (
        "auto: nothing is compiled yet. A run begins on NumPy, and on the compiled engine once "
        f"that pays: compiling takes some {COMPILE_S:g} s."
    )
