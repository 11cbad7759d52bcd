"""What can be done to a running ELM neuron: give it input, and knock units out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, cast

import numpy as np

from workbench.errors import ParameterError
from workbench.model.operation import Operation, Write

if TYPE_CHECKING:
    from workbench.model.model import Model

    from .model import ELMNeuron

LONGEST_MS = 3_600_000


@dataclass(frozen=True)
class Stimulus(Operation):
    """Events on input channels, from now on.

    channel  : of each event, numbered over all channels, excitatory and inhibitory
    after_ms : when, in whole ms after the start; events of one channel and ms add up
    """

    channel: tuple[int, ...] = ()
    after_ms: tuple[int, ...] = ()

    verb: ClassVar[str] = "stimulate"

    def check(self, model: Model) -> None:
        if len(self.channel) != len(self.after_ms):
            raise ParameterError(
                f"A stimulus of {len(self.channel)} channels and {len(self.after_ms)} times cannot "
                "be: give one time for each event."
            )
        n = _elm(model).first_weights().n_input
        for name, values, end in (("channel", self.channel, n), ("after_ms", self.after_ms,
                                                                 LONGEST_MS + 1)):  # fmt: skip
            whole_numbers(f"Stimulus.{name}", values, end)

    def writes(self, model: Model, tick: int) -> list[Write]:
        return stimulus_writes(
            _elm(model).first_weights().input_sign, np.asarray(self.channel, np.int64),
            np.asarray(self.after_ms, np.int64), tick,
        )  # fmt: skip

    def describe(self) -> str:
        last = max(self.after_ms, default=0)
        return f"{self.verb} with {len(self.channel):,} events within {last + 1:,} ms"


@dataclass(frozen=True)
class ExciteBranch(Operation):
    """Every excitatory synapse of a branch is active at once, as in a cluster of input."""

    branch: int = 0

    verb: ClassVar[str] = "excite branch"

    def check(self, model: Model) -> None:
        whole_numbers("ExciteBranch.branch", (self.branch,), _elm(model).first_weights().n_branch)

    def writes(self, model: Model, tick: int) -> list[Write]:
        w = _elm(model).first_weights()
        mine = w.synapse_mask & (w.synapse_branch == self.branch)
        channel = np.unique(w.input_to_synapse[mine])
        return stimulus_writes(w.input_sign, channel[w.input_sign[channel] > 0], None, tick)


@dataclass(frozen=True)
class Ablate(Operation):
    """Knock out memory units and branches, all others are alive: a unit knocked out stays at 0.

    memory   : unit numbers of every neuron of the layer, in the order of the checkpoint
    branches : branch numbers
    """

    memory: tuple[int, ...] = ()
    branches: tuple[int, ...] = ()

    verb: ClassVar[str] = "knock out"

    def check(self, model: Model) -> None:
        w = _elm(model).first_weights()
        whole_numbers("Knock.memory", self.memory, w.n_memory)
        whole_numbers("Knock.branches", self.branches, w.n_branch)

    def writes(self, model: Model, tick: int) -> list[Write]:
        layer = _elm(model).layer()
        memory = np.concatenate([_alive(w.n_memory, self.memory) for w in layer])
        branch = np.concatenate(
            [_alive(w.n_branch, self.branches)[w.traces().branch] for w in layer]
        )
        return [
            Write(tick, "memory", "alive", np.arange(len(memory)), memory),
            Write(tick, "branches", "alive", np.arange(len(branch)), branch),
        ]

    def describe(self) -> str:
        parts = [
            f"{what} {', '.join(map(str, who))}"
            for what, who in (("memory", self.memory), ("branches", self.branches))
            if who
        ]
        return f"{self.verb} {' and '.join(parts)}" if parts else "everything is alive again"


def stimulus_of(channel: Any, t_ms: Any) -> Stimulus:
    """Events as a stimulus that begins with the run; a fraction of a ms is cut off."""
    channel, t_ms = np.asarray(channel), np.asarray(t_ms)
    if channel.shape != t_ms.shape or channel.ndim != 1:
        raise ParameterError(
            "inputs must be two arrays of one length, (channel, t_ms); got the shapes "
            f"{channel.shape} and {t_ms.shape}."
        )
    for name, values in (("channel", channel), ("t_ms", t_ms)):
        if len(values) and (values.dtype.kind not in "iuf" or not np.isfinite(values).all()):
            raise ParameterError(f"inputs: {name} must hold finite numbers.")
    if len(channel) and not np.array_equal(channel, np.floor(channel)):
        raise ParameterError("inputs: channel must hold whole numbers.")
    return Stimulus(
        t_ms=0.0,
        channel=tuple(channel.astype(np.int64).tolist()),
        after_ms=tuple(np.floor(t_ms).astype(np.int64).tolist()),
    )


def stimulus_writes(
    sign: np.ndarray, channel: np.ndarray, after: np.ndarray | None, tick: int
) -> list[Write]:
    """Writes to ``drive`` of the two input groups: how many events each channel has in each ms."""
    after = np.zeros(len(channel), np.int64) if after is None else after
    found = []
    for group, value in (("excitatory", 1), ("inhibitory", -1)):
        mine = sign == value
        unit = np.cumsum(mine) - 1
        ours = mine[channel]
        n = max(1, int(mine.sum()))
        key, count = np.unique(after[ours] * n + unit[channel[ours]], return_counts=True)
        at = key // n
        for cut in np.split(np.arange(len(key)), np.flatnonzero(np.diff(at)) + 1):
            if len(cut):
                when = tick + int(at[cut[0]])
                found.append(Write(when, group, "drive", key[cut] % n, count[cut].astype(float)))
    return found


def whole_numbers(what: str, values: Any, end: int) -> None:
    """Raise ParameterError unless all are whole numbers from 0 to ``end`` - 1."""
    numbers = np.asarray(values if len(values) else [0])
    if numbers.dtype.kind not in "iu":
        raise ParameterError(f"{what} must hold whole numbers; got {numbers.dtype}.")
    wrong = numbers[(numbers < 0) | (numbers >= end)]
    if len(wrong):
        raise ParameterError(f"{what} = {wrong[0]} is not allowed: from 0 to {end - 1}.")


def _alive(n: int, dead: tuple[int, ...]) -> np.ndarray:
    alive = np.ones(n)
    alive[list(dead)] = 0.0
    return alive


def _elm(model: Model) -> ELMNeuron:
    return cast("ELMNeuron", model)  # operations are only given to their own model
