"""The spiking reservoir as Brian2 objects.

In a step: membranes, synaptic input and traces; thresholds; synapses, of which transmission comes
``delay`` late and learning at once; resets, with which the traces jump. So two spikes in one step
are no pair.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.errors import BuildError
from workbench.model.units import brian_unit

from .._shared.shared_variables import set_shared
from .theory import rest
from .wiring import Wiring, wiring

if TYPE_CHECKING:
    import brian2

_NEURON = """
dv/dt = (E_0 + sigma_in*w_in*u + h - v)/tau_m + sigma*sqrt(2/tau_m)*xi : volt (unless refractory)
dh/dt = -h/tau_s : volt
dx/dt = -x/tau_x : 1
w_in : 1
u : 1 (linked)
rho : Hz (shared)
tau_x : second (shared)
tau_m : second (shared)
tau_s : second (shared)
t_ref : second (shared)
E_0 : volt (shared)
V_t : volt (shared)
V_r : volt (shared)
sigma : volt (shared)
sigma_in : volt (shared)
"""
_PLASTIC = """
w : volt
eta : volt (shared)
inhibition : 1 (shared)
"""
_PRE = "w = clip(w + eta*(x_post - 2*rho_post*tau_x_post), 0*mV, W_MAX)"
_POST = "w = clip(w + eta*x_pre, 0*mV, W_MAX)"
W_MAX_MV = 100.0  # an inhibitory weight that no run comes near


def network(model: Any) -> brian2.Network:
    """Signal -> excitatory and inhibitory neurons, all connected at random."""
    import brian2 as b2

    drawn = _drawn(model)
    clock = b2.Clock(model.dt_ms * brian_unit("ms"), name="spiking_reservoir_clock")
    slow = b2.Clock(model.brian("sample"), name="sample_clock")
    signal = b2.NeuronGroup(1, "u : 1", clock=clock, namespace={}, name="signal")
    signal.run_regularly("u = 2*rand() - 1", clock=slow, when="start", name="draw")
    neurons = b2.NeuronGroup(
        drawn.n, _NEURON, threshold="v > V_t", reset="v = V_r\nx += 1", refractory="t_ref",
        method="euler", clock=clock, namespace={}, name="neurons",
    )  # fmt: skip
    set_shared(model, neurons)
    neurons.u = b2.linked_var(signal, "u")
    neurons.w_in = drawn.w_in
    neurons.v = "V_r + rand()*(V_t - V_r)"
    neurons.x = "rho*tau_x"
    excitatory = b2.Subgroup(neurons, 0, drawn.n_exc, name="excitatory")
    inhibitory = b2.Subgroup(neurons, drawn.n_exc, drawn.n, name="inhibitory")

    excite = b2.Synapses(
        excitatory, neurons, "w_e : volt (shared)", on_pre="h_post += w_e",
        delay=model.brian("delay"), clock=clock, namespace={}, name="from_excitatory",
    )  # fmt: skip
    excite.connect(i=drawn.exc[:, 0], j=drawn.exc[:, 1])
    set_shared(model, excite)
    inhibit = b2.Synapses(
        inhibitory, neurons, _PLASTIC,
        on_pre={"pre": "h_post -= inhibition*w", "learn": _PRE}, on_post={"post": _POST},
        delay={"pre": model.brian("delay")}, clock=clock,
        namespace={"W_MAX": W_MAX_MV * brian_unit("mV")}, name="from_inhibitory",
    )  # fmt: skip
    inhibit.connect(i=drawn.inh[:, 0], j=drawn.inh[:, 1])
    set_shared(model, inhibit)
    inhibit.w = first_weight(model) * brian_unit("mV")
    return b2.Network(signal, neurons, excite, inhibit, name="spiking_reservoir")


def first_weight(model: Any) -> float:
    """Inhibitory weight (mV) at the start: where the rule rests, or equal to excitation."""
    if model.chosen("begin") == "designed":
        try:
            return rest(model)[1]
        except ValueError as error:
            raise BuildError(
                f"No weight can be designed: {error}. Change that, or begin with balanced weights."
            ) from error
    return float(model.k_exc * model.w_e / max(1, model.k_inh))


def _drawn(model: Any) -> Wiring:
    for population, share in (("k_exc", 0.8), ("k_inh", 0.2)):
        k, most = getattr(model, population), round(share * model.n_units) - 1
        if k > most:
            raise BuildError(
                f"{population} = {k} inputs a neuron are too many for {model.n_units} neurons: "
                f"lower it to {most} or raise n_units."
            )
    return wiring(model)
