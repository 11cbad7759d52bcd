"""The network of the spiking V1 ring: one group of neurons, four projections, and a stimulus."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.model.units import brian_unit

from .._shared.balanced_background import EQUATIONS, SHARED, inputs

if TYPE_CHECKING:
    import brian2

EXCITATORY_SHARE = 0.8
SLOW_MS = 1.0  # the stimulus, the gains and what is only looked at are brought up to date so often
ADAPTER_STEP = 9.0  # degrees between the orientations of an ensemble
ORIENTATIONS = 20
PROJECTIONS = {  # name -> source, target, weight
    "e_to_e": ("excitatory", "excitatory", "w_e_e"),
    "e_to_i": ("excitatory", "inhibitory", "w_i_e"),
    "i_to_e": ("inhibitory", "excitatory", "w_e_i"),
    "i_to_i": ("inhibitory", "inhibitory", "w_i_i"),
}

_NEURON = f"""
dv/dt = (g_L*(E_L - v) + (gain*(g_ff + g_e) + B_e)*(E_e - v) + (g_i + B_i)*(E_i - v))/C_m
        : volt (unless refractory)
dg_e/dt = -g_e/tau_e : siemens
dg_i/dt = -g_i/tau_i : siemens
{EQUATIONS}
g_ff : siemens
gain : 1
r : Hz
g_exc : siemens
g_inh : siemens
theta : 1
excites : 1
X : 1 (shared)
tau_e : second (shared)
tau_i : second (shared)
C_m : farad (shared)
g_L : siemens (shared)
E_L : volt (shared)
E_e : volt (shared)
E_i : volt (shared)
V_t : volt (shared)
V_r : volt (shared)
t_ref : second (shared)
adapt : 1 (shared)
r_0 : Hz (shared)
alpha : 1 (shared)
gamma : 1 (shared)
tau_r : second (shared)
tau_g : second (shared)
"""
_NEURON_SHARED = (
    *SHARED, "X", "tau_e", "tau_i", "C_m", "g_L", "E_L", "E_e", "E_i", "V_t", "V_r", "t_ref",
    "adapt", "r_0", "alpha", "gamma", "tau_r", "tau_g",
)  # fmt: skip

# What is recorded is y = gain r, so the rate inside is the low-passed rate over the gain. The rule
# is the local one of the reconstruction: its fixed point is 1 where E[(y/gain)^2] = r_0^2.
_SLOW = """
r += -r*slow/tau_r
power = (r/gain)**2/r_0**2
pull = ((1 - gain)*(power + gamma) + alpha*(1 - gain*power))/(gamma + 1 + alpha)
gain = clip(gain + adapt*excites*pull*slow/tau_g, 0.05, 10)
g_exc = gain*(g_ff + g_e)
g_inh = g_i
"""

# Orientations are degrees in [0, 180). In a sequence each frame shows the adapter (half of the
# time exactly, a quarter each one step beside it) with probability ``bias``, else any orientation.
_STIMULUS = """
shown : 1
remaining : second
contrast : 1 (shared)
orientation : 1 (shared)
mask : 1 (shared)
mask_angle : 1 (shared)
surround : 1 (shared)
frame : second (shared)
bias : 1 (shared)
adapter : 1 (shared)
g_max : siemens (shared)
c_50 : 1 (shared)
n_c : 1 (shared)
sigma_ff : 1 (shared)
k_s : 1 (shared)
g_extra : siemens (shared)
"""
_STIMULUS_SHARED = (
    "contrast", "orientation", "mask", "mask_angle", "surround", "frame", "bias", "adapter",
    "g_max", "c_50", "n_c", "sigma_ff", "k_s", "g_extra",
)  # fmt: skip
_NEXT = """
remaining -= slow
fresh = int(remaining < 0.5*slow)
u = rand()
beside = step*(int(u > 0.75) - int(u < 0.25))
drawn = int(rand() < bias)
anyhow = step*floor(orientations*rand())
coming = (drawn*(adapter + beside) + (1 - drawn)*anyhow + 180) % 180
still = int(frame < 0.5*slow)
shown = still*orientation + (1 - still)*(fresh*coming + (1 - fresh)*shown)
remaining = (1 - still)*(fresh*frame + (1 - fresh)*remaining)
"""


def _tuned(offset: str) -> str:
    """A Gaussian of the distance between preferred and shown orientation, on the circle."""
    return f"exp(-0.5*(((theta_post - shown_pre - {offset} + 450) % 180 - 90)/sigma_ff_pre)**2)"


def _drive(contrast: str) -> str:
    """Naka-Rushton: the share of the largest input at a contrast."""
    return f"{contrast}**n_c_pre/(c_50_pre**n_c_pre + {contrast}**n_c_pre)"


_SHOW = f"""
centre = {_drive("contrast_pre")}*{_tuned("0")} + {_drive("mask_pre")}*{_tuned("mask_angle_pre")}
around = {_drive("surround_pre")}*k_s_pre*{_tuned("0")}
g_ff_post += g_max_pre*(centre + (1 - excites_post)*around) + (1 - excites_post)*g_extra_pre
"""


def network(model: Any) -> brian2.Network:
    """Build the network of ``model``, at rest in its background, gains 1."""
    import brian2 as b2

    # Slow things run on a clock of their own, on purpose; Brian2 would warn of it each time.
    b2.BrianLogger.suppress_name("synapses_dt_mismatch")
    clock = b2.Clock(model.dt_ms * brian_unit("ms"), name="v1_spiking_clock")
    slow = b2.Clock(SLOW_MS * brian_unit("ms"), name="v1_spiking_slow_clock")
    neurons = _neurons(model, clock, slow)
    n_exc = count(model)[0]
    parts = {
        "excitatory": b2.Subgroup(neurons, 0, n_exc, name="excitatory"),
        "inhibitory": b2.Subgroup(neurons, n_exc, int(neurons.N), name="inhibitory"),
    }
    for part in parts.values():
        part.theta = "180*(i + 0.5)/N"
    synapses = [
        _projection(model, name, parts[source], parts[target], weight, clock)
        for name, (source, target, weight) in PROJECTIONS.items()
    ]
    stimulus = _stimulus(model, slow)
    visibility = b2.Synapses(
        stimulus, neurons, on_pre={"pre": _SHOW}, on_event={"pre": "show"}, clock=slow,
        namespace={}, name="sight",
    )  # fmt: skip
    visibility.connect()
    return b2.Network(neurons, *inputs(neurons), *synapses, stimulus, visibility, name="v1_spiking")


def count(model: Any) -> tuple[int, int]:
    """How many neurons are excitatory and how many inhibitory."""
    n = int(model.n_neurons)
    n_exc = round(EXCITATORY_SHARE * n)
    return n_exc, n - n_exc


def preferences(n: int) -> np.ndarray:
    """(n,) preferred orientations, evenly spaced in [0, 180) degrees."""
    return 180 * (np.arange(n) + 0.5) / n


def _neurons(model: Any, clock: Any, slow: Any) -> Any:
    import brian2 as b2

    n_exc, n_inh = count(model)
    neurons = b2.NeuronGroup(
        n_exc + n_inh, _NEURON, threshold="v > V_t", reset="v = V_r\nr += 1/tau_r",
        refractory="t_ref", method="exponential_euler", clock=clock,
        namespace={"slow": SLOW_MS * brian_unit("ms")}, name="neurons",
    )  # fmt: skip
    for variable in _NEURON_SHARED:
        setattr(neurons, variable, model.brian(variable))
    neurons.excites = np.repeat([1.0, 0.0], [n_exc, n_inh])
    neurons.gain = 1
    neurons.r = neurons.r_0
    neurons.v = "E_L + rand()*(V_t - E_L)"
    neurons.B_e = "lam_e*u_e*tau_be"
    neurons.B_i = "lam_i*u_i*tau_bi"
    # The stimulus adds its input right after.
    neurons.run_regularly(
        "g_ff = 0*siemens", clock=slow, when="before_synapses", name="neurons_unseen"
    )
    neurons.run_regularly(_SLOW, clock=slow, when="end", name="neurons_slow")
    return neurons


def _projection(model: Any, name: str, source: Any, target: Any, weight: str, clock: Any) -> Any:
    """Random synapses, likelier between neurons of like preference."""
    import brian2 as b2

    conductance = "g_e" if source.name == "excitatory" else "g_i"
    projection = b2.Synapses(
        source, target, model=f"{weight} : siemens (shared)",
        on_pre=f"{conductance}_post += {weight}", clock=clock, namespace={}, name=name,
    )  # fmt: skip
    share = model.p_e if source.name == "excitatory" else model.p_i
    projection.namespace.update(p_top=share / _mean_share(model.sigma), sigma=model.sigma)
    # Written as a rule, so that a compiled binary draws them anew for each seed.
    projection.connect(
        condition="i != j" if source is target else None,
        p="p_top*exp(-0.5*(((theta_pre - theta_post + 450) % 180 - 90)/sigma)**2)",
    )
    setattr(projection, weight, model.brian(weight))
    return projection


def _mean_share(sigma_deg: float) -> float:
    """Mean over all orientations of the Gaussian with which the probability falls off."""
    distance = preferences(720) - 90
    return float(np.exp(-0.5 * (distance / sigma_deg) ** 2).mean())


def _stimulus(model: Any, slow: Any) -> Any:
    import brian2 as b2

    stimulus = b2.NeuronGroup(
        1, _STIMULUS, events={"show": "t >= 0*second"}, clock=slow,
        namespace={"slow": SLOW_MS * brian_unit("ms"), "step": ADAPTER_STEP,
                   "orientations": ORIENTATIONS},
        name="stimulus",
    )  # fmt: skip
    for variable in _STIMULUS_SHARED:
        setattr(stimulus, variable, model.brian(variable))
    stimulus.shown = model.orientation
    stimulus.run_regularly(_NEXT, clock=slow, when="before_groups", name="stimulus_next")
    return stimulus
