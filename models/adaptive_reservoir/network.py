"""The network of the adaptive reservoir as Brian2 objects: a map in discrete time.

In a step the sums of what was sent are taken first, then a new input is heard and every rate
becomes what it is next; inhibition then changes with the new rates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.errors import BuildError
from workbench.model.units import brian_unit

from .wiring import HIGHEST, LOWEST, designed, wiring

if TYPE_CHECKING:
    import brian2

_UNIT = f"""
r : 1
V : 1
from_exc : 1
from_inh : 1
w_in : 1
quantile : 1
u : 1 (linked)
target = clip(rho + spread*(quantile - 0.5), {LOWEST}, {HIGHEST}) : 1
c : 1 (shared)
theta : 1 (shared)
sigma_in : 1 (shared)
inhibition : 1 (shared)
rho : 1 (shared)
spread : 1 (shared)
"""
_NEXT = """
V = from_exc + inhibition*from_inh + sigma_in*w_in*u
r = 1/(1 + exp(-c*(V - theta)))
"""
_LIVE = ("c", "theta", "sigma_in", "inhibition", "rho", "spread")


def network(model: Any) -> brian2.Network:
    """Signal -> reservoir of excitatory and inhibitory units, all connected at random."""
    import brian2 as b2

    if model.degree > 0.9 * model.n_units:
        raise BuildError(
            f"{model.degree} inputs a neuron are too many for {model.n_units} neurons: lower "
            "degree or raise n_units."
        )
    drawn = wiring(model)
    clock = b2.Clock(model.dt_ms * brian_unit("ms"), name="reservoir_clock")
    signal = b2.NeuronGroup(1, "u : 1", clock=clock, namespace={}, name="signal")
    signal.run_regularly("u = 2*rand() - 1", clock=clock, when="start", name="draw")
    reservoir = b2.NeuronGroup(drawn.n, _UNIT, clock=clock, namespace={}, name="reservoir")
    for name in _LIVE:
        setattr(reservoir, name, getattr(model, name))
    reservoir.u = b2.linked_var(signal, "u")
    reservoir.w_in, reservoir.quantile = drawn.w_in, drawn.quantile
    reservoir.r = "target"
    reservoir.run_regularly(_NEXT, clock=clock, when="before_thresholds", name="next_rates")

    synapses = []
    inh = drawn.w_inh if model.chosen("begin") == "balanced" else designed(model, drawn)
    for name, first, last, taken, pairs, weights in (
        ("excitatory", 0, drawn.n_exc, "from_exc_post = w*r_pre", drawn.exc, drawn.w_exc),
        ("inhibitory", drawn.n_exc, drawn.n, "from_inh_post = -w*r_pre", drawn.inh, inh),
    ):
        own = "delta : 1 (shared)" if name == "inhibitory" else ""
        projection = b2.Synapses(
            b2.Subgroup(reservoir, first, last, name=name), reservoir,
            f"w : 1\n{taken} : 1 (summed)\n{own}", clock=clock, namespace={},
            name=f"from_{name}",
        )  # fmt: skip
        projection.connect(i=pairs[:, 0], j=pairs[:, 1])
        projection.w = weights
        synapses.append(projection)
    synapses[1].delta = model.delta
    synapses[1].run_regularly(
        "w = clip(w + delta*(r_post - target_post), 0, 1e9)", clock=clock, when="before_thresholds",
        order=1, name="adapt",
    )  # fmt: skip
    return b2.Network(signal, reservoir, *synapses, name="adaptive_reservoir")
