"""What the hippocampal memory should hold and answer, and whether it did: pure functions.

The app, the experiments and the tests evaluate by these. Nothing here simulates; everything is a
function of the operations, the output spikes and the weights.

Rules  A content is stored under its cue and replaces what was there. A question by cue is answered
       with the content stored under it. A question by content is answered with *all* cues whose
       content shares a bit with it (an OR over bits). Outputs echo what was asked or taught.
Times  Ticks after an operation starts: a taught pair is echoed at 5 and 7, and bits that it
       replaces appear once more at 6; a cue is echoed at 5 and its content follows at 6; a
       questioned content is echoed at 5 and its cues follow at 6.
"""

from __future__ import annotations

import bisect
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.interventions import Intervention
from workbench.model.measure import RunMeasure
from workbench.model.operation import Inject, Operation

from .operations import Learn, RecallByContent, RecallByCue

if TYPE_CHECKING:
    from workbench.model.model import Model
    from workbench.run import Run

OUTPUTS = ("out_cue", "out_content")
FIRST_OUTPUT = 5  # ticks from the start of an operation to its first output
FAREWELL = 6  # ticks from the start of learning to the last sign of what it replaces
LAST_OUTPUT = {Learn: 7, RecallByCue: 6, RecallByContent: 6}
ANSWER = {RecallByCue: "out_content", RecallByContent: "out_cue"}

Memory = dict[int, tuple[int, ...]]  # cue -> content bits
Cell = tuple[int, str, int]  # tick, output population, neuron


@dataclass(frozen=True)
class Verdict:
    """How one operation went.

    tick, kind, text : when it started, its class name, and what it was
    state            : "correct", "missing", "extra", "missing and extra", or "pending"
    expected         : the answer that the rules ask for: neurons of the output that answers
    observed         : the neurons that fired there before the next operation's output
    missing, extra   : output spikes (tick, population, neuron) that lack or are too many
    """

    tick: int
    kind: str
    text: str
    state: str
    expected: tuple[int, ...]
    observed: tuple[int, ...]
    missing: tuple[Cell, ...]
    extra: tuple[Cell, ...]

    @property
    def correct(self) -> bool:
        return self.state == "correct"

    @property
    def is_recall(self) -> bool:
        return self.kind != Learn.__name__

    @property
    def precision(self) -> float:
        """Share of the answer that is right; 1 when nothing was answered."""
        right = len(set(self.expected) & set(self.observed))
        return right / len(self.observed) if self.observed else 1.0

    @property
    def recall(self) -> float:
        """Share of what should be answered that was; 1 when nothing should be."""
        right = len(set(self.expected) & set(self.observed))
        return right / len(self.expected) if self.expected else 1.0


def timeline(operations: Iterable[Operation], tick_ms: float = 1.0) -> list[tuple[int, Operation]]:
    """The memory's operations as (tick, operation), in order of time."""
    timed = [(round(o.t_ms / tick_ms), o) for o in operations if o.t_ms is not None]
    return sorted((e for e in timed if type(e[1]) in LAST_OUTPUT), key=lambda e: e[0])


def operations_of(model: Model, interventions: Iterable[Intervention]) -> list[Operation]:
    """The operations in an intervention log, live or of a finished run."""
    logged = [e.operation(model) for e in interventions if e.is_operation]
    return [o for o in logged if not isinstance(o, Inject)]


def memory_table(operations: Iterable[Operation], until_tick: float = math.inf) -> Memory:
    """What should be stored after the operations that started before ``until_tick``."""
    memory: Memory = {}
    for tick, operation in timeline(operations):
        if tick < until_tick and isinstance(operation, Learn):
            memory[operation.cue] = operation.content
    return dict(sorted(memory.items()))


def stored_table(weights: np.ndarray, threshold_nA: float) -> Memory:
    """What is stored: for each cue the bits whose synapse alone makes its target fire.

    weights      : (content bits, cues), nA: of cue_cue_to_content_cue, or the transpose of
                   content_content_to_cue_content
    threshold_nA : see ``firing_threshold_nA``
    """
    strong = np.nan_to_num(np.asarray(weights, dtype=float)) > threshold_nA
    return {
        int(cue): tuple(int(bit) for bit in np.flatnonzero(strong[:, cue]))
        for cue in np.flatnonzero(strong.any(axis=0))
    }


def firing_threshold_nA(values: Mapping[str, float], kind: str = "slow") -> float:
    """Smallest weight with which one spike fires a resting neuron, in nA; closed form.

    kind : "slow" (content by cue), "fast" (cue by content) or "out"
    """
    dt_ms = 1.0
    tau_m, C_m = (
        (values["tau_m_fast"], values["C_m_fast"])
        if kind == "fast"
        else (values["tau_m_slow"], values["C_m_slow"])
    )
    V_t = values["V_t_out"] if kind == "out" else values["V_t"]
    tau_syn = values["tau_syn"]
    arrival = tau_syn / dt_ms * -math.expm1(-dt_ms / tau_syn)
    rise_mV_per_nA = arrival * tau_m / C_m * -math.expm1(-dt_ms / tau_m)
    return (V_t - values["V_rest"]) / rise_mV_per_nA


def matching_cues(memory: Memory, content: Iterable[int]) -> tuple[int, ...]:
    """Cues whose content shares at least one bit with ``content``."""
    wanted = set(content)
    return tuple(sorted(cue for cue, bits in memory.items() if wanted & set(bits)))


def expected_outputs(operation: Operation, memory: Memory) -> set[Cell]:
    """Output spikes of one operation as (ticks after its start, population, neuron).

    memory : what is stored when it starts
    """

    def at(delay: int, population: str, neurons: Iterable[int]) -> set[Cell]:
        return {(delay, population, n) for n in neurons}

    if isinstance(operation, Learn):
        forgotten = set(memory.get(operation.cue, ())) - set(operation.content)
        echo = set().union(
            *(
                at(k, "out_cue", [operation.cue]) | at(k, "out_content", operation.content)
                for k in (5, 7)
            )
        )
        return echo | at(FAREWELL, "out_content", forgotten)
    if isinstance(operation, RecallByCue):
        stored = memory.get(operation.cue, ())
        return at(5, "out_cue", [operation.cue]) | at(6, "out_content", stored)
    if isinstance(operation, RecallByContent):
        cues = matching_cues(memory, operation.content)
        return at(5, "out_content", operation.content) | at(6, "out_cue", cues)
    raise TypeError(f"{operation!r} is not an operation of the hippocampal memory")


def expected_spikes(operation: Operation, memory: Memory) -> int:
    """Spikes that one operation costs, of all populations but the inputs; closed form.

    Learning k bits costs 10 k + 10, and 5 for each bit that it replaces; recalling k bits by cue
    5 + 3 k; asking for q bits that m cues match 5 q + 3 m + 1.
    """
    if isinstance(operation, Learn):
        dropped = set(memory.get(operation.cue, ())) - set(operation.content)
        return 10 * len(operation.content) + 10 + 5 * len(dropped)
    if isinstance(operation, RecallByCue):
        stored = memory.get(operation.cue, ())
        # Without content the interneuron of the gate stays silent too.
        return 5 + 3 * len(stored) if stored else 4
    if isinstance(operation, RecallByContent):
        matches = matching_cues(memory, operation.content)
        return 5 * len(operation.content) + 1 + 3 * len(matches)
    raise TypeError(f"{operation!r} is not an operation of the hippocampal memory")


def verdicts(
    operations: Iterable[Operation],
    spikes: Mapping[str, tuple[Any, Any]],
    until_tick: float = math.inf,
) -> list[Verdict]:
    """Judge every operation, in order of time.

    spikes     : "out_cue" and "out_content" -> (t, i), t in ticks (1 tick is 1 ms)
    until_tick : ticks simulated; an operation whose outputs are not all out by then is "pending"

    An operation answers for the output from its own first output until that of the next one.
    """
    planned = timeline(operations)
    wanted: list[set[Cell]] = []
    memory: Memory = {}
    for tick, operation in planned:
        cells = expected_outputs(operation, memory)
        wanted.append({(tick + delay, population, n) for delay, population, n in cells})
        if isinstance(operation, Learn):
            memory[operation.cue] = operation.content
    starts = [tick + FIRST_OUTPUT for tick, _ in planned]
    seen: dict[int, set[Cell]] = defaultdict(set)
    for population in OUTPUTS:
        t, i = spikes.get(population, ((), ()))
        for k, n in zip(np.rint(t).astype(int).tolist(), np.asarray(i).tolist(), strict=True):
            seen[max(bisect.bisect_right(starts, k) - 1, 0)].add((k, population, n))
    # Two operations so near that their outputs overlap: neither is blamed for the other's.
    everything_wanted = set().union(*wanted)
    everything_seen = set().union(*seen.values())
    found = []
    for k, (tick, operation) in enumerate(planned):
        missing = sorted(wanted[k] - everything_seen)
        extra = sorted(seen[k] - everything_wanted)
        if tick + LAST_OUTPUT[type(operation)] >= until_tick:
            state = "pending"
        else:
            state = " and ".join(
                name for name, cells in (("missing", missing), ("extra", extra)) if cells
            )
        found.append(
            Verdict(
                tick=tick,
                kind=type(operation).__name__,
                text=operation.describe(),
                state=state or "correct",
                expected=_answer(operation, tick, wanted[k]),
                observed=_answer(operation, tick, (wanted[k] & everything_seen) | set(extra)),
                missing=tuple(missing),
                extra=tuple(extra),
            )
        )
    return found


def _answer(operation: Operation, tick: int, cells: set[Cell]) -> tuple[int, ...]:
    """Neurons of the output that answers; of a learnt content without the bits it replaces."""
    population = ANSWER.get(type(operation), "out_content")
    passing = tick + FAREWELL if isinstance(operation, Learn) else None
    return tuple(sorted({n for k, where, n in cells if where == population and k != passing}))


def verdicts_of(run: Run) -> list[Verdict]:
    """Judge every operation of a run."""
    from workbench.model.registry import load

    model = load(run.model, **run.parameters)
    spikes = {population: run.spikes(population) for population in OUTPUTS}
    return verdicts(operations_of(model, run.interventions), spikes, run.duration_ms)


def score(evaluated: Sequence[Verdict]) -> dict[str, float]:
    """Totals over finished operations.

    returns : operations, correct, accuracy, and precision and recall (means over recalls);
              nan where there is nothing to average
    """
    done = [v for v in evaluated if v.state != "pending"]
    recalls = [v for v in done if v.is_recall]
    correct = sum(v.correct for v in done)
    return {
        "operations": len(done),
        "correct": correct,
        "accuracy": correct / len(done) if done else math.nan,
        "precision": float(np.mean([v.precision for v in recalls])) if recalls else math.nan,
        "recall": float(np.mean([v.recall for v in recalls])) if recalls else math.nan,
    }


def _of_last_recall(number: Callable[[Verdict], float]) -> Callable[[Run, str], float]:
    """A number of the last question that is answered; nan where there is none in the run."""

    def measure(run: Run, _of: str) -> float:
        done = [v for v in verdicts_of(run) if v.is_recall and v.state != "pending"]
        return float(number(done[-1])) if done and done[-1].tick >= 0 else math.nan

    return measure


MEASURES = (
    RunMeasure("answers", "neurons that answered the last question", "1", "",
               _of_last_recall(lambda v: len(v.observed))),
    RunMeasure("recall", "share of the right answer that came", "1", "",
               _of_last_recall(lambda v: v.recall)),
    RunMeasure("precision", "share of the answer that was right", "1", "",
               _of_last_recall(lambda v: v.precision)),
)  # fmt: skip
