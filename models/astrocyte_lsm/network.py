"""The liquid, its input and its astrocyte as a Brian2 network.

What happens in one step of 1 ms, in the order of the source:

  before the step    a new picture, every ``sample_ms``: the state is reset, the weights stay
  start              how much plasticity is worth now; which input pixels send an event
  thresholds         v >= V_t, unless the neuron fired in the last t_ref
  before synapses    v = 0; the current of each presynaptic spike starts anew at its full size
  synapses           the weights of old go to the targets; then the weights change
  after synapses     v, and A of the astrocyte, one Euler step
  end                currents, traces and rates of plasticity decay

A synapse adds w exp(-s/tau_u)/tau_u at every step, s being the time since the last spike of its
source. All synapses decay alike, so one sum a neuron, I, stands for them: a spike raises it by w
less what was left of the last one, and a weight that changes by dw raises it by dw times what is
left now (collected in J, because the new weight counts from the next step on). The sum is the same
number, and costs something only where spikes are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.model.units import brian_unit

from .._shared.shared_variables import set_shared
from .images import PICTURES, shares
from .wiring import wiring

if TYPE_CHECKING:
    import brian2

    from workbench.model.model import Model

_LIQUID = """
dv/dt = -v/tau_v + I/tau_u : 1
I : 1
J : 1
x : 1
jump : 1
trace : 1
calcium : 1
wait : 1
fired : 1
ltp : 1
ltd : 1
A_minus : 1
gain : 1 (shared)
rule : 1 (shared)
tau_v : second (shared)
tau_u : second (shared)
V_t : 1 (shared)
t_ref : second (shared)
A_plus : 1 (shared)
a_trace : 1 (shared)
tau_trace : second (shared)
rate_decay : 1 (shared)
C_theta : 1 (shared)
dC : 1 (shared)
tau_C : second (shared)
"""
_INPUT = """
dv/dt = -v/tau_v + I_in*event/STEP : 1
event : 1
drive : 1
share : 1
picture : 1
x : 1
jump : 1
trace : 1
wait : 1
fired : 1
upcoming : 1 (shared)
input_events : 1 (shared)
hold : 1 (shared)
I_in : 1 (shared)
tau_v : second (shared)
tau_u : second (shared)
V_t : 1 (shared)
t_ref : second (shared)
a_trace : 1 (shared)
tau_trace : second (shared)
"""
_ASTROCYTE = """
dA/dt = (heard + b_astro - A)/tau_astro : 1
heard : 1
tau_astro : second (shared)
b_astro : 1 (shared)
"""
_SPIKE = "v = 0; jump = 1 - x; x = 1; fired = 1; wait = t_ref/STEP + 1"

# 0 fixed weights, 1 plain STDP, 2 STDP gated by activity (AP-STDP), 3 modulated by the astrocyte.
_WORTH = """
learns = gain*int(rule > 0.5)
free = int(abs(rule - 2) > 0.5)
rises = int(calcium > C_theta)*int(calcium < C_theta + dC)
falls = int(calcium < C_theta)*int(calcium > C_theta - dC)
ltp = learns*A_plus*(free + (1 - free)*rises)
ltd = learns*(A_plus + int(rule > 2.5)*(A_minus - A_plus))*(free + (1 - free)*falls)
"""
_EVENTS = """
event = clip(int(rand() < input_events*share) + drive, 0, 1)
drive = 0
"""
_DECAY = """
x *= exp(-STEP/tau_u)
trace = (trace + a_trace*fired)*exp(-STEP/tau_trace)
wait = clip(wait - 1, 0, inf)
"""
_LIQUID_END = (
    "gain *= rate_decay\n"
    + _DECAY
    + """
I = (I + J)*exp(-STEP/tau_u)
J = 0
calcium += fired - calcium*STEP/tau_C
fired = 0
"""
)

_SYNAPSE = "w : 1\nw_max : 1 (shared)"
# A synapse whose two ends fire at once changes by both terms, then is kept within its bounds: then
# the target's code does all of it, and the source's code leaves the weight alone.
_ON_PRE = """
I_post += w*jump_pre
w_new = clip(w {weaker}*trace_post*(1 - fired_post), {low}, {high})
J_post += w_new - w
w = w_new
"""
_ON_POST = """
w_new = clip(w {stronger}*trace_pre {weaker}*trace_post*fired_pre, {low}, {high})
J_post += (w_new - w)*x_pre
w = w_new
"""
_EXCITES = {"stronger": "+ ltp_post", "weaker": "- ltd_post"}
_INHIBITS = {"stronger": "- ltd_post", "weaker": "+ ltp_post"}
# name -> (what a spike at the target and at the source does, least weight, largest weight)
PROJECTIONS = {
    "input_synapses": (_EXCITES, "-w_max", "w_max"),
    "excitatory_synapses": (_EXCITES, "0", "w_max"),
    "inhibitory_synapses": (_INHIBITS, "-w_max", "0"),
}


def network(model: Model, plastic: bool = True, pictures: bool = True) -> brian2.Network:
    """Build the network of ``model``.

    plastic  : False leaves out the code that changes weights, for data sets with fixed ones
    pictures : False leaves out what shows the embedded pictures, for samples from elsewhere
    """
    import brian2 as b2

    values: Any = model.values()
    wires = wiring(values)
    step = model.dt_ms * brian_unit("ms")
    clock = b2.Clock(step, name="astrocyte_lsm_clock")
    shown = _shown(int(values["n_inputs"])) if pictures else {}
    astrocyte = b2.NeuronGroup(
        1, _ASTROCYTE, method="euler", clock=clock, namespace={}, name="astrocyte"
    )
    sizes = {"liquid": values["n_neurons"], "input": values["n_inputs"]}
    liquid, inputs = (
        b2.NeuronGroup(
            sizes[name], equations, threshold="v >= V_t and wait <= 0", reset=_SPIKE,
            method="euler", clock=clock, namespace={"STEP": step, **shown}, name=name,
        )
        for name, equations in (("liquid", _LIQUID), ("input", _INPUT))
    )  # fmt: skip
    liquid.A_minus = values["b_astro"]
    liquid.gain = 1
    astrocyte.A = values["b_astro"]
    for group in (liquid, inputs, astrocyte):
        set_shared(model, group)
        group.state_updater.when = "after_synapses"
    for group in (liquid, inputs):
        group.resetter["spike"].when = "before_synapses"
        group.jump = 1  # as of a first spike
    if pictures:
        _each_sample(liquid, inputs, astrocyte, values["sample_ms"])
    liquid.run_regularly(_WORTH, when="start", order=2, name="liquid_worth")
    inputs.run_regularly(_EVENTS, when="start", order=2, name="input_events")
    liquid.run_regularly(_LIQUID_END, when="end", name="liquid_end")
    inputs.run_regularly(_DECAY + "fired = 0", when="end", name="input_end")
    astrocyte.run_regularly("heard = 0", when="end", name="astrocyte_end")

    n_exc = wires.n_exc
    excitatory = b2.Subgroup(liquid, 0, n_exc, name="excitatory")
    inhibitory = b2.Subgroup(liquid, n_exc, len(liquid), name="inhibitory")
    mine = wires.liquid_pre < n_exc
    w_0 = values["w_0"]
    synapses = [
        _projection(model, name, source, liquid, pre, post, w_0 * sign, plastic)
        for name, source, pre, post, sign in (
            ("input_synapses", inputs, wires.input_pre, wires.input_post, wires.input_sign),
            ("excitatory_synapses", excitatory, wires.liquid_pre[mine],
             wires.liquid_post[mine], 1.0),
            ("inhibitory_synapses", inhibitory, wires.liquid_pre[~mine] - n_exc,
             wires.liquid_post[~mine], -1.0),
        )
    ]  # fmt: skip
    heard = [
        _to_astrocyte(model, name, source, astrocyte, seen, sign)
        for name, source, seen, sign in (
            ("liquid_to_astrocyte", liquid, wires.liquid_seen, "+"),
            ("input_to_astrocyte", inputs, wires.input_seen, "-"),
        )
    ]
    tells = b2.Synapses(
        astrocyte, liquid, model="A_minus_post = A_pre : 1 (summed)", clock=clock, namespace={},
        name="astrocyte_to_liquid",
    )  # fmt: skip
    tells.connect()
    tells.summed_updaters["A_minus_post"].when = "start"
    tells.summed_updaters["A_minus_post"].order = 1
    return b2.Network(liquid, inputs, astrocyte, *synapses, *heard, tells, name="astrocyte_lsm")


def _shown(n_inputs: int) -> dict[str, Any]:
    import brian2 as b2

    second = brian_unit("second")  # a picture a second, asked for by its number
    table = b2.TimedArray(shares(n_inputs)[0], dt=1 * second, name="pictures")
    return {"pictures": table, "PICTURES": PICTURES, "second": second}


def _each_sample(liquid: Any, inputs: Any, astrocyte: Any, sample_ms: float) -> None:
    """A new picture: everything but weights, traces and calcium starts anew."""
    import brian2 as b2

    clock = b2.Clock(sample_ms * brian_unit("ms"), name="astrocyte_lsm_sample_clock")
    still = "v = 0; x = 0; wait = 0; fired = 0"
    for group, code in (
        (liquid, f"gain = 1; {still}; I = 0; J = 0"),
        (inputs, f"{still}; picture = upcoming; share = pictures(upcoming*second, i)"),
        (astrocyte, "A = b_astro; heard = 0"),
    ):
        group.run_regularly(code, clock=clock, when="start", name=f"{group.name}_anew")
    inputs.run_regularly(
        "upcoming = (upcoming + 1 - hold) % PICTURES", clock=clock, when="start", order=1,
        name="input_upcoming",
    )  # fmt: skip


def _projection(
    model: Model, name: str, source: Any, target: Any, pre: np.ndarray, post: np.ndarray,
    weight: Any, plastic: bool,
) -> Any:  # fmt: skip
    import brian2 as b2

    rule, low, high = PROJECTIONS[name]
    on_pre, on_post = "I_post += w*jump_pre", None
    if plastic:
        on_pre = _ON_PRE.format(**rule, low=low, high=high)
        on_post = _ON_POST.format(**rule, low=low, high=high)
    synapses = b2.Synapses(
        source, target, model=_SYNAPSE, on_pre=on_pre, on_post=on_post, clock=target.clock,
        namespace={}, name=name,
    )  # fmt: skip
    if len(pre):
        synapses.connect(i=pre, j=post)
    else:  # empty arrays are refused
        synapses.connect(p=0)
    synapses.w = weight
    set_shared(model, synapses)
    if plastic:  # the weight of old is sent before it changes
        synapses.pre.order, synapses.post.order = 0, 1
    return synapses


def _to_astrocyte(
    model: Model, name: str, source: Any, astrocyte: Any, seen: np.ndarray, sign: str
) -> Any:
    import brian2 as b2

    synapses = b2.Synapses(
        source, astrocyte, model="w_astro : 1 (shared)", on_pre=f"heard_post {sign}= w_astro",
        clock=astrocyte.clock, namespace={}, name=name,
    )  # fmt: skip
    synapses.connect(i=seen, j=np.zeros_like(seen))
    set_shared(model, synapses)
    return synapses
