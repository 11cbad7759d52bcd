"""The Expressive Leaky Memory neuron: a detailed cortical cell in under ten thousand parameters.

Equations   s_t = kappa_s s_(t-1) + w_s x_t ;  b_t = sum of s_t over the synapses of a branch ;
            md = kappa_m m_(t-1) ;  z = W_out act(W_in [b_t ; md] + c_in) + c_out ;
            m_t = md + g 1.7159 tanh(2 z/3) ;  y_t = W_y m_t + c_y ;
            p_spike = sigmoid(y_0) ;  V_soma = 10 y_1 - 67.7 mV ;
            kappa = exp(-dt/tau) ;  g = lambda (1 - kappa_m) (v1) or 1 - kappa_m^lambda (v2).
            x_t is the number of events of a channel in this ms, negative if it is inhibitory.
Source      Spieler, Rahaman, Martius, Schölkopf, Levina (2024) The Expressive Leaky Memory neuron,
            ICLR 2024, arXiv:2306.16922. The checkpoints that can be opened are those of its
            repository. v2 and relu squared after Spieler, Martius, Levina (2026) arXiv:2605.12049.
            Written anew from a description.
Departures  Traces of one branch that decay alike are one state, which is the same sum. A channel
            with two events in one ms counts twice. Spikes are drawn in every ms with p_spike, or
            come where p_spike passes theta; the publication leaves them as probabilities. What
            drives the neuron when no input is given is chosen, not published.
Numerics    dt is 1 ms and part of the model. float64; the Brian2 form meets the plain recurrence
            to summation order, 1e-13 mV. A sample at time t is the state after the step that
            ended at t.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from workbench.model.model import Experiment, Fact, Model
from workbench.model.operation import Operation
from workbench.model.parameter import Parameter
from workbench.model.training import Training

from .checkpoints import by_number as known
from .checkpoints.files import open_weights
from .experiments import EXPERIMENTS
from .facts import FACTS
from .layer import CHOICE, STRUCTURE, defaults, described, layer_of
from .operations import Ablate, ExciteBranch, Stimulus, stimulus_of
from .tour import TOUR
from .training import EXPERIMENTS_TRAINING, TRAINING
from .weights import ACTIVATIONS, VARIANTS, Weights

if TYPE_CHECKING:
    import brian2

    from workbench.run import Run

__all__ = ["Ablate", "ELMNeuron", "ExciteBranch", "Stimulus"]

EXPORT = "Spieler et al. 2024, NeuronIO models"
USUAL = defaults()
SIZES = "of the neuron that is shipped" if known.shipped() else EXPORT


class ELMNeuron(Model):
    """A neuron of leaky memories that a small network updates; trained, it is a cortical cell."""

    slug = "elm-neuron"
    title = "Expressive Leaky Memory neuron"
    topic = "Single neurons"
    purpose = (
        "A neuron whose memories leak at many time scales and are rewritten by a small network: "
        "with twenty of them it says what a detailed cortical cell does, millisecond by "
        "millisecond."
    )
    source = "Spieler et al. (2024) The Expressive Leaky Memory neuron, ICLR 2024, arXiv:2306.16922"
    tick_ms = 1.0
    dt_ms = 1.0
    dt_fixed = "the neuron is a recurrence, trained on inputs and targets of every ms."
    pace = 250.0
    window_ms = 1000.0
    watch = 64
    traces: ClassVar[dict[str, str]] = {
        "neurons.v_soma_mV": "1",
        "neurons.p_spike": "1",
        "memory.m": "1",
        "branches.b": "1",
    }
    labels: ClassVar[dict[str, str]] = {
        "neurons.v_soma_mV": "somatic voltage V (mV)",
        "neurons.p_spike": "probability of a spike in 1 ms",
        "memory.m": "memory m (dimensionless)",
        "branches.b": "branch input b (dimensionless)",
    }
    operations: ClassVar[tuple[type[Operation], ...]] = (Stimulus, ExciteBranch, Ablate)
    tour = TOUR
    facts: ClassVar[tuple[Fact, ...]] = FACTS
    experiments: ClassVar[tuple[Experiment, ...]] = (*EXPERIMENTS, *EXPERIMENTS_TRAINING)
    training: ClassVar[Training | None] = TRAINING

    weights = Parameter(
        known.SHIPPED, choices=("untrained", "trained"), bounds=(0, known.LAST), live=False,
        source="chosen", group="Neuron",
        doc="untrained: random; trained: where a neuron of these sizes comes with the package, "
        "else untrained; other numbers: a checkpoint that was opened, with its own sizes",
    )  # fmt: skip
    n_memory = Parameter(
        USUAL["n_memory"],
        bounds=(1, 1000), softbounds=(1, 50), live=False, integer=True, symbol="d_m",
        source=SIZES, group="Neuron", doc="memory units",
    )  # fmt: skip
    n_neurons = Parameter(
        1, bounds=(1, 1000), softbounds=(1, 8), live=False, integer=True, symbol="N",
        source="chosen", group="Neuron", doc="neurons in the layer, which share their input",
    )  # fmt: skip
    layers = Parameter(
        USUAL["layers"],
        bounds=(1, 8), softbounds=(1, 3), live=False, integer=True, symbol="l_mlp",
        source=SIZES, group="Neuron", doc="hidden layers of the MLP, of 2 d_m units each",
    )  # fmt: skip
    activation = Parameter(
        ACTIVATIONS.index(USUAL["activation"]),
        choices=ACTIVATIONS, live=False, symbol="act", source=SIZES,
        group="Neuron", doc="activation of the hidden units: relu, silu or relu2 (relu squared)",
    )  # fmt: skip
    variant = Parameter(
        VARIANTS.index(USUAL["variant"]),
        choices=VARIANTS, live=False, source=SIZES,
        group="Neuron",
        doc="size of an update: v1, lambda (1 - kappa_m), as in all released weights; v2, "
        "1 - kappa_m to the power of lambda",
    )  # fmt: skip
    n_exc = Parameter(
        USUAL["n_exc"],
        bounds=(0, 100_000), softbounds=(1, 1000), live=False, integer=True, symbol="N_e",
        source=SIZES, group="Dendrite", doc="excitatory input channels",
    )  # fmt: skip
    n_inh = Parameter(
        USUAL["n_inh"],
        bounds=(0, 100_000), softbounds=(0, 1000), live=False, integer=True, symbol="N_i",
        source=SIZES, group="Dendrite", doc="inhibitory input channels",
    )  # fmt: skip
    n_branch = Parameter(
        USUAL["n_branch"],
        bounds=(1, 200_000), softbounds=(1, 100), live=False, integer=True, symbol="d_tree",
        source=SIZES, group="Dendrite",
        doc="branches; as many as channels, of one synapse each, for synapses of one input each",
    )  # fmt: skip
    per_branch = Parameter(
        USUAL["per_branch"],
        bounds=(1, 100_000), softbounds=(1, 200), live=False, integer=True, symbol="d_brch",
        source=SIZES, group="Dendrite", doc="synapse slots of a branch: neighbouring channels",
    )  # fmt: skip
    lambda_m = Parameter(
        USUAL["lambda_m"],
        bounds=(0, 1000), softbounds=(0, 10), symbol="λ", source=SIZES, group="Memory",
        doc="speed of updates: the size of a memory's largest step against its leak",
    )  # fmt: skip
    tau_m_min = Parameter(
        USUAL["tau_m_min"],
        unit="ms", bounds=(0.01, 1e6), softbounds=(0.5, 50), symbol="τ_min", source=SIZES,
        group="Memory", doc="shortest memory time constant; the others keep their relative places",
    )  # fmt: skip
    tau_m_max = Parameter(
        USUAL["tau_m_max"],
        unit="ms", bounds=(0.01, 1e6), softbounds=(1, 1000), symbol="τ_max", source=SIZES,
        group="Memory", doc="longest memory time constant",
    )  # fmt: skip
    tau_s = Parameter(
        USUAL["tau_s"],
        unit="ms", bounds=(0.01, 1e5), softbounds=(1, 50), symbol="τ_s", source=SIZES,
        group="Dendrite", doc="time constant of the synaptic traces",
    )  # fmt: skip
    rate_e = Parameter(
        12.0, unit="Hz", bounds=(0, 1000), softbounds=(0, 40), symbol="r_e",
        source="chosen: about what drives the published cell", group="Input",
        doc="mean rate of an excitatory channel when no input is given",
    )  # fmt: skip
    rate_i = Parameter(
        10.0, unit="Hz", bounds=(0, 1000), softbounds=(0, 40), symbol="r_i",
        source="chosen: about what drives the published cell", group="Input",
        doc="mean rate of an inhibitory channel when no input is given",
    )  # fmt: skip
    depth = Parameter(
        0.3, bounds=(0, 1), softbounds=(0, 1), source="chosen", group="Input",
        doc="how far the rates swing about their mean, as a share of it",
    )  # fmt: skip
    frequency = Parameter(
        2.0, unit="Hz", bounds=(0, 500), softbounds=(0, 40), symbol="f", source="chosen",
        group="Input", doc="how often the rates swing",
    )  # fmt: skip
    theta = Parameter(
        0.0, bounds=(0, 1), softbounds=(0, 1), symbol="θ", source="chosen", group="Output",
        doc="0: a spike is drawn in every ms with probability p_spike; above 0: there is one in "
        "every ms in which p_spike is larger",
    )  # fmt: skip
    weight_seed = Parameter(
        1, bounds=(0, 2**31), softbounds=(0, 20), live=False, integer=True, symbol="seed_w",
        source="chosen", group="Neuron", doc="seed of the random, untrained weights",
    )  # fmt: skip

    @classmethod
    def from_checkpoint(
        cls, path: str | Path, config: Mapping[str, Any] | None = None, **values: Any
    ) -> ELMNeuron:
        """A neuron with the weights of a file: ``.npz``, or the published ``.pt``.

        config : settings that the file lacks, by the publication's names: {"mlp_activation":
                 "silu"} for its best model. A ``.pt`` file holds tensors alone; without this it
                 is taken as a released NeuronIO model. Of what a file holds nothing is run.
        values : parameters to change, such as n_neurons or theta
        raises : StoreError for a file that is no checkpoint, ParameterError for wrong values
        """
        return cls.from_weights(open_weights(path, config), **values)

    @classmethod
    def from_weights(cls, weights: Weights, **values: Any) -> ELMNeuron:
        """A neuron with these weights, which are kept in the cache under a number."""
        return cls(**{**described(weights), "weights": known.keep(weights), **values})

    def layer(self) -> tuple[Weights, ...]:
        """The weights of each neuron; raises BuildError when sizes and checkpoint do not fit."""
        values: Any = self.values()
        return layer_of(tuple(values[k] for k in (*STRUCTURE, *CHOICE)))

    def first_weights(self) -> Weights:
        """The weights of the first neuron; all neurons of a layer have the same sizes."""
        values: Any = {**self.values(), "n_neurons": 1}  # none of the others is drawn for it
        return layer_of(tuple(values[k] for k in (*STRUCTURE, *CHOICE)))[0]

    def present_weights(self) -> Weights:
        """The first neuron as it is now: with lambda and the time constants of the parameters."""
        from .network import positions

        w = self.first_weights()
        ratio = self.tau_m_max / self.tau_m_min
        return w.changed(
            lambda_m=float(self.lambda_m),
            tau_m_ms=self.tau_m_min * ratio ** positions(w.tau_m_ms),
            tau_s_ms=w.tau_s_ms * (self.tau_s / w.traces().tau_ms[0]),
        )

    def build(self) -> brian2.Network:
        from .network import network

        return network(self, self.layer())

    def run(
        self, duration_ms: float, *, inputs: tuple[Any, Any] | None = None, **options: Any
    ) -> Run:
        """Simulate from rest; as `Model.run`, and:

        inputs  : (channel, t_ms), one entry an event: the input, and then the only one
        returns : a Run whose ``state("p_spike")`` and ``state("v_soma_mV")`` are (T, neurons):
                  row k is the answer to the input of the ms that begins at k
        raises  : ParameterError for events that cannot be
        """
        model = self
        if inputs is not None:
            stimulus = stimulus_of(*inputs)
            model = type(self)(**{**self.values(), "rate_e": 0, "rate_i": 0})
            options["operations"] = (stimulus, *options.get("operations", ()))
        # The state after the last step is sampled at the beginning of one more.
        run = Model.run(model, duration_ms + self.tick_ms, **options)
        early = run.duration_ms <= duration_ms
        in_time = run.times(run.steps) < duration_ms
        return replace(
            run,
            duration_ms=run.duration_ms if early else duration_ms,
            steps=np.asarray(run.steps)[in_time],
            units=np.asarray(run.units)[in_time],
            state_t=np.asarray(run.state_t)[1:],
            states={k: np.asarray(v)[1:] for k, v in run.states.items()},
        )
