"""The adapting V1 population as Brian2 objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.brian import dense
from workbench.model.units import brian_unit

from . import theory

if TYPE_CHECKING:
    import brian2

# What happens when one frame ends and the next begins, in this order; the gains learn from the
# responses at the end of the frame, when they have settled.
SHOW_ERROR, ADJOIN, LEARN, CHOOSE, LOOK, DRIVE, RECUR = -40, -35, -30, -20, -15, -10, -50

_STIMULUS = """
theta : 1
is_adapter : 1
p_a : 1 (shared)
adapter : 1 (shared)
width : 1 (shared)
ensemble : 1 (shared)
"""
# Three bins about the adapter, the middle one twice as likely as each neighbour; or anything else.
_CHOOSE = """
is_adapter = int(rand() < p_a)*int(ensemble < 0.5)
u = rand()
bin = int(u >= 0.5)*(1 - 2*int(u < 0.75))
near = (bin + rand() - 0.5)*width
far = 1.5*width + rand()*(180 - 3*width)
biased = adapter + is_adapter*near + (1 - is_adapter)*far
theta = int(ensemble < 0.5)*biased + int(ensemble > 0.5)*180*rand()
"""
_V1 = """
dr/dt = (-r + f + rec_e - rec_i)/tau : 1
y = g*r : 1
f : 1
shown : 1
preferred : 1
rec_e : 1
rec_i : 1
g : 1
mu : 1
tau : second (shared)
tau_g : second (shared)
alpha : 1 (shared)
gamma_ratio : 1 (shared)
contrast : 1 (shared)
adapting : 1 (shared)
"""
_DRIVE = "f = contrast*(exp(KAPPA*(cos(2*pi/180*(shown - preferred)) - 1)) + BASE)"
_LOCAL = """
gamma = gamma_ratio*mu
pull = (1 - g)*(r**2 + gamma) - alpha*g*r**2 + alpha*mu
g = g + int(t_in_timesteps > 0)*int(adapting < 0.5)*FRAME/tau_g*pull/(gamma + (1 + alpha)*mu)
"""
# The whole gradient: an adjoint variable l of the same circuit, which needs W transposed; W is
# symmetric here. residual = f - (I - W) y.
_ADJOINT = """
dl/dt = (-l + g*(2*alpha*g*r - 2*residual + back))/tau : 1
residual : 1
q : 1
back : 1
g_zero : 1
"""
_RESIDUAL = """
residual = f - g*r + rec_e - rec_i
q = 2*residual + l
"""
_FULL = """
gamma = gamma_ratio*mu
slope = g*r*l/g**2 + 2*gamma*(g - g_zero)
g = g - int(t_in_timesteps > 0)*int(adapting < 0.5)*FRAME/tau_g*slope/2/(gamma + (1 + alpha)*mu)
g = clip(g, 0.05, 100)
"""


def population_of(model: Any) -> theory.RatePopulation:
    """The population of a model's values in closed form, at full contrast."""
    return theory.population(
        model.n_neurons, model.w_exc, model.kappa_exc, model.w_inh, model.kappa_inh, model.alpha,
        model.gamma_ratio, model.kappa, model.base,
    )  # fmt: skip


def network(model: Any) -> brian2.Network:
    """Stimulus -> V1, which excites and inhibits itself and changes its gains."""
    import brian2 as b2
    import numpy as np

    ms = brian_unit("ms")
    clock = b2.Clock(model.dt_ms * ms, name="v1_clock")
    frames = b2.Clock(model.brian("frame"), name="v1_frames")
    who = population_of(model)
    n, full = model.n_neurons, model.chosen("rule") == "full"
    names = {"KAPPA": model.kappa, "BASE": model.base, "FRAME": model.brian("frame")}
    stimulus = b2.NeuronGroup(1, _STIMULUS, clock=clock, namespace={}, name="stimulus")
    v1 = b2.NeuronGroup(
        n, _V1 + (_ADJOINT if full else ""), method="euler", clock=clock, namespace=names,
        name="v1",
    )  # fmt: skip
    for name in ("p_a", "adapter", "width", "ensemble"):
        setattr(stimulus, name, getattr(model, name))
    for name in ("tau", "tau_g", "alpha", "gamma_ratio", "contrast", "adapting"):
        setattr(v1, name, model.brian(name))
    v1.preferred, v1.g, v1.mu = theory.orientations(n), 1, who.mu

    at_frames = {"clock": frames, "when": "start"}
    stimulus.run_regularly(_CHOOSE, order=CHOOSE, name="choose", **at_frames)
    v1.run_regularly(_FULL if full else _LOCAL, order=LEARN, name="gain_learning", **at_frames)
    v1.run_regularly(_DRIVE, order=DRIVE, name="drive", **at_frames)
    parts = [
        dense.project(
            stimulus, v1, np.ones((n, 1)), of="theta", into="shown", name="shown_to_v1",
            clock=frames, order=LOOK, acts_on="f",
        ),
        dense.project(
            v1, v1, model.w_exc * theory.kernel(n, model.kappa_exc), of="g*r", into="rec_e",
            name="excitation", order=RECUR,
        ),
        dense.project(
            v1, v1, model.w_inh * theory.kernel(n, model.kappa_inh), of="g*r", into="rec_i",
            name="inhibition", order=RECUR,
        ),
    ]  # fmt: skip
    if full:
        v1.g_zero = who.recentred()
        v1.run_regularly(_RESIDUAL, clock=clock, when="start", order=SHOW_ERROR, name="residuals")
        parts.append(
            dense.project(v1, v1, who.W.T, of="q", into="back", name="adjoint", order=ADJOIN)
        )
    return b2.Network(stimulus, v1, *parts, name="v1_adaptation")
