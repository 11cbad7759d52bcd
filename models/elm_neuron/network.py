"""A layer of ELM neurons as Brian2 groups and synapses, in the order that the equations need.

Brian2 steps groups, then delivers spikes. So traces and memories decay first, which is what the
equations ask for; the input of the step arrives next; and the MLP, the memories and the readout
follow in the slot ``after_synapses``, in the order given here. Summed variables would otherwise
be taken before the decay and the input, which is another, lagging recurrence.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.model.units import brian_unit

from .weights import TANH_GAIN, TANH_SLOPE, Weights

if TYPE_CHECKING:
    import brian2

    from workbench.model.model import Model

# Both rates stand in both groups: a neuron may have channels of one kind alone.
_INPUT = """
drive : 1
count = 1 + (drive - 1)*int(drive > 1) : 1
rate_now = {rate}*(1 + depth*sin(2*pi*frequency*t)) : Hz
rate_e : Hz (shared)
rate_i : Hz (shared)
depth : 1 (shared)
frequency : Hz (shared)
"""
_BRANCH = """
db/dt = -b/(tau_s*slowness) : 1
seen = alive*b : 1
slowness : 1
alive : 1
tau_s : second (shared)
"""
_HIDDEN = "r = {r} : 1\nz = {z} + c : 1\nc : 1\n"
_ACTIVATION = {
    "relu": "clip(z, 0, inf)",
    "silu": "z/(1 + exp(-z))",
    "relu2": "clip(z, 0, inf)**2",
}
_MEMORY = """
dm/dt = -m/tau_m : 1
tau_m = tau_m_min*(tau_m_max/tau_m_min)**position : second
gain = {gain} : 1
position : 1
c : 1
u : 1
alive : 1
lambda_m : 1 (shared)
tau_m_min : second (shared)
tau_m_max : second (shared)
"""
_GAIN = {"v1": "lambda_m*(1 - exp(-dt/tau_m))", "v2": "1 - exp(-dt*lambda_m/tau_m)"}
_UPDATE = "m = alive*(m + gain*TANH_GAIN*tanh(TANH_SLOPE*(u + c)))"
_READOUT = """
p_spike : 1
v_soma_mV : 1
y_spike : 1
y_soma : 1
c_spike : 1
c_soma : 1
v_scale : 1
v_bias : 1
theta : 1 (shared)
"""
_READ = """
p_spike = 1/(1 + exp(-(y_spike + c_spike)))
v_soma_mV = v_scale*(y_soma + c_soma) + v_bias
"""
# theta = 0 draws each bin's spike with its probability.
_SPIKES = "p_spike > theta*int(theta > 0) + rand()*int(theta <= 0)"

UPDATE_AT, READ_AT, SPIKE_AT = 50, 60, 61  # order within the slot; the MLP's layers come first
_SLOT = "after_synapses"


def network(model: Model, layer: Sequence[Weights]) -> brian2.Network:
    """The network of some ELM neurons that read the same input channels, at rest."""
    import brian2 as b2

    return b2.Network(*_Parts(model, layer).made, name="elm_neuron")


class _Parts:
    """Makes groups and synapses; neuron k has its stretch of every group."""

    def __init__(self, model: Model, layer: Sequence[Weights]):
        import brian2 as b2

        self.model, self.layer = model, layer
        self.clock = b2.Clock(model.dt_ms * brian_unit("ms"), name="elm_neuron_clock")
        self.made: list[Any] = []
        self._inputs_and_branches()
        self._memory()
        self._mlp()
        self._readout()

    def _group(self, size: int, equations: str, name: str, **more: Any) -> Any:
        import brian2 as b2

        group = b2.NeuronGroup(
            size, equations, clock=self.clock, name=name,
            **{"namespace": {}, "method": "exact", **more},
        )  # fmt: skip
        for parameter in self.model.parameters():
            if parameter in group.variables and group.variables[parameter].scalar:
                setattr(group, parameter, self.model.brian(parameter))
        self.made.append(group)
        return group

    def _synapses(self, source: Any, target: Any, name: str, parts: list[Any], **code: str) -> Any:
        """Synapses from lists of (source, target, weight) arrays."""
        import brian2 as b2

        i, j, w = (np.concatenate([np.asarray(p[k]) for p in parts]) for k in range(3))
        model = "w : 1\n" + code.pop("summed", "")
        synapses = b2.Synapses(
            source, target, model=model, clock=self.clock, namespace={}, name=name, **code
        )
        synapses.connect(i=i.astype(int), j=j.astype(int))
        synapses.w = w
        self.made.append(synapses)
        return synapses

    def _dense(self, source: Any, target: Any, name: str, into: str, out: str, order: int,
               blocks: list[np.ndarray]) -> None:  # fmt: skip
        """A matrix (target, source) for each neuron, as one summed variable."""
        parts, i0, j0 = [], 0, 0
        for matrix in blocks:
            j, i = np.indices(matrix.shape)
            parts.append((i.ravel() + i0, j.ravel() + j0, matrix.ravel()))
            j0, i0 = j0 + matrix.shape[0], i0 + matrix.shape[1]
        s = self._synapses(source, target, name, parts,
                           summed=f"{into}_post = w*{out}_pre : 1 (summed)")  # fmt: skip
        updater = s.summed_updaters[f"{into}_post"]
        updater.when, updater.order = _SLOT, order

    def _inputs_and_branches(self) -> None:
        self.traces = [w.traces() for w in self.layer]
        tau = np.concatenate([t.tau_ms for t in self.traces])
        self.branches = self._group(len(tau), _BRANCH, "branches")
        # tau_s is the slider; traces of other time constants keep their ratio to the first.
        self.branches.slowness = tau / tau[0]
        self.branches.alive = np.concatenate(
            [w.branch_alive[t.branch] for w, t in zip(self.layer, self.traces, strict=True)]
        )
        sign = self.layer[0].input_sign
        for name, rate, value in (("excitatory", "rate_e", 1), ("inhibitory", "rate_i", -1)):
            mine = np.flatnonzero(sign == value)
            if not len(mine):
                continue
            group = self._group(
                len(mine), _INPUT.format(rate=rate), name, reset="drive = 0",
                threshold="drive > 0 or rand() < rate_now*dt",
            )  # fmt: skip
            place = np.full(len(sign), -1)
            place[mine] = np.arange(len(mine))
            parts, j0 = [], 0
            for t in self.traces:
                ours = place[t.channel] >= 0
                parts.append((place[t.channel[ours]], t.trace[ours] + j0, t.weight[ours]))
                j0 += len(t.tau_ms)
            if sum(len(p[0]) for p in parts):
                act = "b_post += w*count_pre" if value > 0 else "b_post -= w*count_pre"
                self._synapses(group, self.branches, f"{name}_to_branches", parts, on_pre=act)

    def _memory(self) -> None:
        sizes = [w.n_memory for w in self.layer]
        self.memory = self._group(
            sum(sizes), _MEMORY.format(gain=_GAIN[self.layer[0].variant]), "memory"
        )
        self.memory.position = np.concatenate([positions(w.tau_m_ms) for w in self.layer])
        self.memory.c = np.concatenate([w.memory[1] for w in self.layer])
        self.memory.alive = np.concatenate([w.memory_alive for w in self.layer])
        self.memory.namespace.update({"TANH_GAIN": TANH_GAIN, "TANH_SLOPE": TANH_SLOPE})
        self.memory.run_regularly(_UPDATE, when=_SLOT, order=UPDATE_AT, name="memory_update")

    def _mlp(self) -> None:
        r = _ACTIVATION[self.layer[0].activation]
        below: Any = None
        for k in range(len(self.layer[0].hidden)):
            name = "hidden" if k == 0 else f"hidden_{k + 1}"
            arrives = ("z_branches", "z_memory") if k == 0 else ("z_below",)
            equations = _HIDDEN.format(r=r, z=" + ".join(arrives))
            layers = [w.hidden[k] for w in self.layer]
            group = self._group(
                sum(len(c) for _, c in layers), equations + "".join(f"{a} : 1\n" for a in arrives),
                name,
            )  # fmt: skip
            group.c = np.concatenate([c for _, c in layers])
            if k == 0:
                each = list(zip(self.layer, self.traces, strict=True))
                self._dense(self.branches, group, f"branches_to_{name}", "z_branches", "seen", 0,
                            [w.hidden[0][0][:, t.branch] for w, t in each])  # fmt: skip
                self._dense(self.memory, group, f"memory_to_{name}", "z_memory", "m", 1,
                            [w.hidden[0][0][:, w.n_branch :] for w in self.layer])  # fmt: skip
            else:
                self._dense(below, group, f"{below.name}_to_{name}", "z_below", "r", k + 1,
                            [matrix for matrix, _ in layers])  # fmt: skip
            below = group
        self._dense(below, self.memory, f"{below.name}_to_memory", "u", "r", UPDATE_AT - 1,
                    [w.memory[0] for w in self.layer])  # fmt: skip

    def _readout(self) -> None:
        neurons = self._group(len(self.layer), _READOUT, "neurons", threshold=_SPIKES)
        for k, name in enumerate(("spike", "soma")):
            constants = np.array([w.out[1][k] for w in self.layer])
            setattr(neurons, f"c_{name}", constants)
            rows = [w.out[0][k : k + 1] for w in self.layer]
            order = UPDATE_AT + 1 + k
            self._dense(self.memory, neurons, f"memory_to_{name}", f"y_{name}", "m", order, rows)
        scale, bias = (np.array([getattr(w, f"v_{n}_mV") for w in self.layer])
                       for n in ("scale", "bias"))  # fmt: skip
        neurons.v_scale, neurons.v_bias = scale, bias
        # What the readout says at rest, before the first step.
        rest = np.array([w.out[1] for w in self.layer])
        neurons.p_spike = 1 / (1 + np.exp(-rest[:, 0]))
        neurons.v_soma_mV = scale * rest[:, 1] + bias
        neurons.run_regularly(_READ, when=_SLOT, order=READ_AT, name="neurons_read")
        spikes = neurons.thresholder["spike"]
        spikes.when, spikes.order = _SLOT, SPIKE_AT


def positions(tau_m_ms: np.ndarray) -> np.ndarray:
    """(d_m,) place of each time constant in their range on a logarithmic scale, 0 to 1."""
    low, high = tau_m_ms.min(), tau_m_ms.max()
    return np.log(tau_m_ms / low) / np.log(high / low) if high > low else np.zeros(len(tau_m_ms))
