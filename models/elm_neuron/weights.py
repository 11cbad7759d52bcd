"""`Weights`: everything that one Expressive Leaky Memory neuron is made of, checked."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from workbench.errors import ParameterError

ACTIVATIONS = ("relu", "silu", "relu2")
VARIANTS = ("v1", "v2")
MAX_SIZE = 2**24  # entries of any one array of a file, and of all of an untrained neuron
OF_SYNAPSE = 5  # numbers that are known of a synapse
V_BIAS_MV, V_SCALE_MV = -67.7, 10.0  # NeuronIO: V_soma = 10 y_1 - 67.7 mV
TANH_GAIN, TANH_SLOPE = 1.7159, 2 / 3  # LeCun's tanh, which bounds a memory's update

SPIKE_BIAS = -5.0
BARE_MS = 5.0  # time constant of a branch that has no synapse

Layer = tuple[np.ndarray, np.ndarray]


def _everything() -> np.ndarray:
    return np.empty(0)  # stands for: nothing is ablated


@dataclass(frozen=True)
class Weights:
    """One neuron. All arrays float64 but for the routing; nothing here is changed in place.

    input_sign       : (n_input,) the sign of x for an event of this channel, +1 or -1
    synapse_weight   : (n_syn,) w_s, at least 0
    input_to_synapse : (n_syn,) the channel of each synapse
    synapse_mask     : (n_syn,) bool, False for a slot without a synapse
    synapse_branch   : (n_syn,) the branch of each synapse
    tau_s_ms         : (n_syn,) time constants of the synaptic traces
    tau_m_ms         : (d_m,) time constants of the memory units
    hidden           : hidden layers of the MLP, ((W, c), ...); the first reads [branches; memory]
    memory           : (W, c) of its output layer, onto the d_m memory units
    out              : (W, c) of the readout, onto (spike logit, scaled voltage)
    activation       : "relu", "silu" or "relu2" (relu squared)
    variant          : "v1" (update by lambda (1 - kappa_m)) or "v2" (by 1 - kappa_m^lambda)
    lambda_m         : the speed of updates
    memory_alive     : (d_m,) and branch_alive (n_branch,): 0 where a unit is ablated
    raises           : ParameterError when the parts do not fit together
    """

    input_sign: np.ndarray
    synapse_weight: np.ndarray
    input_to_synapse: np.ndarray
    synapse_mask: np.ndarray
    synapse_branch: np.ndarray
    tau_s_ms: np.ndarray
    tau_m_ms: np.ndarray
    hidden: tuple[Layer, ...]
    memory: Layer
    out: Layer
    n_branch: int
    activation: str = "relu"
    variant: str = "v1"
    lambda_m: float = 5.0
    v_bias_mV: float = V_BIAS_MV
    v_scale_mV: float = V_SCALE_MV
    title: str = ""
    memory_alive: np.ndarray = field(default_factory=_everything)
    branch_alive: np.ndarray = field(default_factory=_everything)

    def __post_init__(self) -> None:
        for name, size in (("memory_alive", len(self.tau_m_ms)), ("branch_alive", self.n_branch)):
            if not np.size(getattr(self, name)):
                object.__setattr__(self, name, np.ones(max(0, size)))
        check(self)

    @property
    def n_input(self) -> int:
        return len(self.input_sign)

    @property
    def n_memory(self) -> int:
        return len(self.tau_m_ms)

    @property
    def n_parameters(self) -> int:
        """Trainable parameters as the publication counts them: all slots, no time constants."""
        layers = (*self.hidden, self.memory, self.out)
        return len(self.synapse_weight) + sum(w.size + c.size for w, c in layers)

    def kappa_m(self) -> np.ndarray:
        """(d_m,) share of a memory that is left after 1 ms."""
        return np.exp(-1.0 / self.tau_m_ms)

    def gain(self) -> np.ndarray:
        """(d_m,) share of the proposed update that is taken in a step."""
        if self.variant == "v2":
            return 1.0 - np.exp(-self.lambda_m / self.tau_m_ms)
        return self.lambda_m * (1.0 - self.kappa_m())

    def traces(self) -> Traces:
        """The synapses with those of one branch and time constant taken together."""
        used = np.flatnonzero(self.synapse_mask)
        branch, tau_ms = self.synapse_branch[used].astype(float), self.tau_s_ms[used]
        # A branch without synapses keeps its place: a trace that nothing arrives at.
        bare = np.setdiff1d(np.arange(self.n_branch), self.synapse_branch[used])
        key = np.stack([np.append(branch, bare), np.append(tau_ms, np.full(len(bare), BARE_MS))])
        kinds, trace = np.unique(key, axis=1, return_inverse=True)
        trace = trace.ravel()[: len(used)]
        channel = self.input_to_synapse[used].astype(np.int64)
        # A channel that reaches one trace several times counts as one synapse of their sum.
        pairs, where = np.unique(trace * self.n_input + channel, return_inverse=True)
        weight = np.bincount(where.ravel(), self.synapse_weight[used], len(pairs))
        return Traces(
            branch=kinds[0].astype(np.int64),
            tau_ms=kinds[1],
            channel=pairs % self.n_input,
            trace=pairs // self.n_input,
            weight=weight,
        )

    def changed(self, **parts: Any) -> Weights:
        """A copy with other parts."""
        return replace(self, **parts)


@dataclass(frozen=True)
class Traces:
    """A sum of traces that decay alike decays like each of them, so one state serves them all.

    branch, tau_ms         : (K,) of each trace; one a branch where all its synapses decay alike
    channel, trace, weight : (S,) synapses: from which channel, onto which trace, w > 0
    """

    branch: np.ndarray
    tau_ms: np.ndarray
    channel: np.ndarray
    trace: np.ndarray
    weight: np.ndarray


def check(w: Weights) -> None:
    """Raise ParameterError unless the parts of ``w`` fit together."""
    _need(w.activation in ACTIVATIONS, f"activation {w.activation!r} is not one of {ACTIVATIONS}")
    _need(w.variant in VARIANTS, f"variant {w.variant!r} is not one of {VARIANTS}")
    _need(math.isfinite(w.lambda_m) and w.lambda_m >= 0, f"lambda = {w.lambda_m} is below 0")
    _need(w.n_branch >= 1, f"{w.n_branch} branches")
    n, d = len(w.synapse_weight), len(w.tau_m_ms)
    _need(d >= 1, "there is no memory unit")
    for name in ("input_to_synapse", "synapse_mask", "synapse_branch", "tau_s_ms"):
        got = np.shape(getattr(w, name))
        _need(got == (n,), f"{name} has the shape {got}, not that of synapse_weight, {(n,)}")
    for name, size in (("memory_alive", d), ("branch_alive", w.n_branch)):
        _need(np.shape(getattr(w, name)) == (size,), f"{name} needs {size} entries")
    _need(np.ndim(w.input_sign) == 1 and w.n_input >= 1, "there is no input channel")
    _need(np.isin(w.input_sign, (-1, 1)).all(), "input_sign holds something else than 1 and -1")
    _need((w.synapse_weight >= 0).all(), "a synapse has a weight below 0")
    if n:
        low, high = w.input_to_synapse.min(), w.input_to_synapse.max()
        _need(low >= 0 and high < w.n_input, f"a synapse reads channel {high if high > 0 else low} "
              f"of {w.n_input}")  # fmt: skip
        low, high = w.synapse_branch.min(), w.synapse_branch.max()
        _need(low >= 0 and high < w.n_branch, f"a synapse is on branch {high} of {w.n_branch}")
    for name in ("tau_s_ms", "tau_m_ms"):
        values = getattr(w, name)
        _need(np.isfinite(values).all() and (values > 0).all(), f"{name} must be above 0")
    _layers(w)


def _layers(w: Weights) -> None:
    size = w.n_branch + w.n_memory
    names = [f"hidden layer {k + 1}" for k in range(len(w.hidden))]
    _need(bool(w.hidden), "the MLP has no hidden layer")
    ends = [*(c.size for _, c in w.hidden), w.n_memory]
    stages = [*zip(names, w.hidden, ends[:-1], strict=True), ("memory layer", w.memory, ends[-1])]
    for name, (matrix, c), rows in stages:
        _fits(name, matrix, c, rows, size)
        size = rows
    _fits("readout", *w.out, 2, w.n_memory)


def _fits(name: str, matrix: np.ndarray, c: np.ndarray, rows: int, columns: int) -> None:
    _need(
        np.shape(matrix) == (rows, columns) and np.shape(c) == (rows,),
        f"the {name} has a matrix of {np.shape(matrix)} and constants of {np.shape(c)}; "
        f"({rows}, {columns}) and ({rows},) would fit",
    )
    _need(np.isfinite(matrix).all() and np.isfinite(c).all(), f"the {name} is not finite")


def _need(kept: Any, what: str) -> None:
    if not kept:
        raise ParameterError(f"These are no weights of an ELM neuron: {what}.")


def windows(n_input: int, n_branch: int, per_branch: int) -> tuple[np.ndarray, np.ndarray]:
    """Routing as in NeuronIO: windows of ``per_branch`` neighbours, at equal distances.

    returns : (place, mask), each (n_branch, per_branch); place counts along the dendrite, and a
              slot beyond its end is masked
    """
    stride = math.ceil(n_input / n_branch)
    place = stride * np.arange(n_branch)[:, None] + np.arange(per_branch)
    return np.minimum(place, n_input - 1), place < n_input


def untrained(
    rng: np.random.Generator, *, n_memory: int, n_exc: int, n_inh: int, n_branch: int,
    per_branch: int, layers: int = 1, activation: str = "relu", variant: str = "v1",
    lambda_m: float = 5.0, tau_m_ms: tuple[float, float] = (1.0, 150.0), tau_s_ms: float = 5.0,
) -> Weights:  # fmt: skip
    """A neuron as training starts with it: w_s = 0.5, linear layers uniform in 1/sqrt(fan-in).

    The constant of the spike readout is -5, as in the program of 2026: spikes are rare.
    """
    n_input = n_exc + n_inh
    _need(n_input > 0, "there is no input channel")
    size, n_syn = 2 * n_memory, n_branch * per_branch
    inside = [n_branch + n_memory, *[size] * (layers - 1)]
    entries = OF_SYNAPSE * n_syn + size * (sum(inside) + n_memory)
    _need(entries <= MAX_SIZE, f"{entries:,} numbers are needed, and {MAX_SIZE:,} are allowed")
    sign = np.repeat([1, -1], [n_exc, n_inh])
    # Excitatory and inhibitory channels alternate along the dendrite.
    along = np.concatenate([(np.arange(n) + 0.5) / max(n, 1) for n in (n_exc, n_inh)])
    place, mask = windows(n_input, n_branch, per_branch)

    def linear(rows: int, columns: int) -> Layer:
        limit = 1 / math.sqrt(columns)
        return rng.uniform(-limit, limit, (rows, columns)), rng.uniform(-limit, limit, rows)

    rows, constants = linear(2, n_memory)
    constants[0] = SPIKE_BIAS
    return Weights(
        input_sign=sign,
        synapse_weight=np.full(n_syn, 0.5),
        input_to_synapse=np.argsort(along, kind="stable")[place.ravel()],
        synapse_mask=mask.ravel(),
        synapse_branch=np.repeat(np.arange(n_branch), per_branch),
        tau_s_ms=np.full(n_syn, float(tau_s_ms)),
        tau_m_ms=np.geomspace(*tau_m_ms, n_memory) if n_memory > 1 else np.array([tau_m_ms[0]]),
        hidden=tuple(linear(size, columns) for columns in inside),
        memory=linear(n_memory, size),
        out=(rows, constants),
        n_branch=n_branch, activation=activation, variant=variant, lambda_m=lambda_m,
        title="untrained, random",
    )  # fmt: skip
