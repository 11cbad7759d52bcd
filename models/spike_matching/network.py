"""Three networks with one input, which begin anew with every pass, as Brian2 objects.

In each step: current (start), membranes, spikes, synapses, resets, and at the end the comparison of
the learner's spikes with the reference's, neuron by neuron:

  a spike of one of them waits for one of the other; the two are a pair if it comes within D steps.
  Else the one that waits is *extra* (the learner's) or *missed* (the reference's), and the event
  `unpaired` lets the synapses onto its neuron note what is to change.

A synapse changes whose source fired in the learner in the z steps before that spike. What fired is
kept in one number a neuron, a bit a step. In the first step of a pass, in this order:

  COUNT      what the learner's neurons noted is summed up
  COMPARE    number of the pass, D, how many more spikes the reference had
  BEGIN      membranes and notes are set back
  (synapses) what was compared becomes known to the networks
  (end)      weights change; no neuron can fire in this step, so that it is still in time
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.model.units import brian_unit

from .._shared.shared_variables import set_shared
from .wiring import noise_of, weights_of

if TYPE_CHECKING:
    import brian2

    from workbench.model.model import Model

COUNT, COMPARE, BEGIN = -50, -40, -10
NETWORKS = ("reference", "learner", "control")
BITS = 52  # of a float that hold what fired in so many steps, exactly

_NEURON = """
dv/dt = (syn + R*drive - v)/tau : volt
syn : volt
drive : amp
effect : 1
tau : second (shared)
R : ohm (shared)
V_t : volt (shared)
I_mean : amp (shared)
I_sd : amp (shared)
"""
_TOLD = """
surplus : 1
"""
_LEARNER = """
D : 1
fired : 1
told : 1
waiting : 1
age : 1
push : 1
ago : 1
history : 1
spikes : 1
known : 1
missed : 1
extra : 1
ups : 1
downs : 1
"""
_CONTROL = """
drift : 1
spread : 1
"""
_PASSES = """
number : 1
D : 1
reference : 1
learner : 1
surplus : 1
missed : 1
extra : 1
ups : 1
downs : 1
drift : 1
spread : 1
d_first : 1 (shared)
d_last : 1 (shared)
d_every : 1 (shared)
"""
_DRIVE = "drive = I_mean + I_sd*noise(((t_in_timesteps % PASS) + 0.5)*dt, i)"
# waiting: 1 for a spike of the reference, -1 for one of the learner. There are never both, for
# they would be a pair; of two of a kind the first is given up. abs() makes a copy of an age that is
# not negative: on NumPy ``ago = age`` would name the same array, which is set back below.
_PAIR = """
age = age + int(abs(waiting) > 0.5)
late = int(abs(waiting) > 0.5)*int(age > D)
only = told - fired
ago = abs(age)
push = late*waiting
waiting = (1 - late)*waiting
met = int(waiting*only < -0.5)
push = push + int(waiting*only > 0.5)*waiting
fresh = int(abs(only) > 0.5)*(1 - met)
waiting = (1 - met)*((1 - fresh)*waiting + fresh*only)
age = (1 - fresh)*age
missed = missed + int(push > 0.5)
extra = extra + int(push < -0.5)
spikes = spikes + fired
known = known + told
history = (2*history) % CAPACITY + fired
"""
_BEGIN = """
v = 0*volt
syn = 0*volt
"""
_BEGIN_MORE = {
    "reference": "",
    "learner": """
D = 0
surplus = 0
waiting = 0
age = 0
push = 0
history = 0
spikes = 0
known = 0
missed = 0
extra = 0
ups = 0
downs = 0
""",
    "control": """
surplus = 0
drift = 0
spread = 0
""",
}
_COMPARE = """
number = number + 1
D = clip(d_first - floor(number/d_every), d_last, inf)
surplus = reference - learner
drift = (ups - downs)/N_SYNAPSES
spread = sqrt((ups + downs)/N_SYNAPSES)
"""
_RECURRENT = "w : volt"
_PLASTIC = """
w : volt
change : volt
q : volt (shared)
h : volt (shared)
z : 1 (shared)
learn : 1 (shared)
"""
# Bit ago of the history is the step of the spike itself: those before it count. A rest of 1 or more
# says that one of the z bits is set; smaller ones are of later steps.
_NOTE = """
active = int((history_pre/2.0**(ago_post + 1)) % 2.0**z >= 1)
change += active*push_post*q
ups_post += active*int(push_post > 0.5)
downs_post += active*int(push_post < -0.5)
"""
_LEARN = """
w = effect_pre*clip(effect_pre*(w + learn*(change + h*surplus_post)), 0*volt, inf*volt)
change = 0*volt
"""
_AT_RANDOM = """
w : volt
q : volt (shared)
h : volt (shared)
learn : 1 (shared)
"""
# As many changes up and down as the learner's, each at a synapse drawn from all.
_LEARN_AT_RANDOM = """
moved = w + learn*(q*(drift_post + spread_post*randn()) + h*surplus_post)
w = effect_pre*clip(effect_pre*moved, 0*volt, inf*volt)
"""


def network(model: Model) -> brian2.Network:
    """Build the three networks of ``model``, before the first pass."""
    import brian2 as b2

    # Brian2 warns that the delays of what a pass begins with count in passes; there are none.
    b2.BrianLogger.suppress_name("synapses_dt_mismatch")
    chosen: Any = model
    n = int(chosen.n_neurons)
    step = model.dt_ms * brian_unit("ms")
    clock = b2.Clock(step, name="spike_matching_clock")
    passes = b2.Clock(chosen.pass_steps * step, name="spike_matching_passes")
    noise = b2.TimedArray(noise_of(model), dt=step, name="noise")
    weights = weights_of(model)
    known = {"noise": noise, "PASS": int(chosen.pass_steps)}
    first = getattr(weights, model.chosen("start_weights"))
    more = {"reference": "", "learner": _TOLD + _LEARNER, "control": _TOLD + _CONTROL}
    groups = {
        name: b2.NeuronGroup(
            n, _NEURON + more[name], threshold="v > V_t", method="euler", clock=clock, name=name,
            reset="v = 0*volt" + ("\nfired = 1" if name == "learner" else ""),
            events={"unpaired": "abs(push) > 0.5"} if name == "learner" else {},
            namespace={**known, "CAPACITY": 2.0**BITS},
        )
        for name in NETWORKS
    }  # fmt: skip
    hub = b2.NeuronGroup(
        1, _PASSES, clock=passes, name="passes", events={"begins": "t >= 0*second"},
        namespace={"N_SYNAPSES": float(n * n)},
    )  # fmt: skip
    set_shared(model, hub)
    hub.number = -1
    hub.D = chosen.d_first
    hub.run_regularly(_COMPARE, when="start", order=COMPARE, name="compare")
    for name, group in groups.items():
        set_shared(model, group)
        group.effect = weights.sign
        group.run_regularly(_DRIVE, when="start", order=0, name=f"{name}_current")
        learns = name == "learner"
        group.run_regularly(
            _BEGIN + _BEGIN_MORE[name], clock=passes, when="start", order=BEGIN,
            name=f"{name}_begins",
        )  # fmt: skip
        # What came with the spikes of the last step has acted.
        group.run_regularly(
            "syn = 0*volt" + ("\nfired = 0\ntold = 0" if learns else ""), when="after_groups",
            name=f"{name}_forgets",
        )  # fmt: skip
    reference, learner, control = groups.values()
    learner.run_regularly(_PAIR, when="end", name="pair")
    synapses = [
        _recurrent(reference, weights.reference, _RECURRENT, clock),
        _recurrent(
            learner, first, _PLASTIC, clock, on_post=_NOTE,
            on_event={"pre": "spike", "post": "unpaired"},
        ),
        _recurrent(control, first, _AT_RANDOM, clock),
        _teaching(reference, learner, clock),
        _counted(learner, hub, passes, {"reference": "known", "learner": "spikes",
                 "missed": "missed", "extra": "extra", "ups": "ups", "downs": "downs"}),
        _told(hub, learner, passes, ("D", "surplus")),
        _told(hub, control, passes, ("surplus", "drift", "spread")),
    ]  # fmt: skip
    for made, code in zip(synapses[1:3], (_LEARN, _LEARN_AT_RANDOM), strict=True):
        set_shared(model, made)
        made.run_regularly(code, clock=passes, when="end", name=f"{made.name}_learning")
    return b2.Network(*groups.values(), hub, *synapses, name="spike_matching")


def _recurrent(group: Any, w_mV: np.ndarray, equations: str, clock: Any, **more: Any) -> Any:
    """All to all, itself included; a spike acts in the next step, and in that one only."""
    import brian2 as b2

    synapses = b2.Synapses(
        group, group, equations, on_pre="syn_post += w", clock=clock, namespace={},
        name=f"{group.name}_recurrent", **more,
    )  # fmt: skip
    synapses.connect()
    synapses.w = w_mV.ravel() * brian_unit("mV")
    return synapses


def _teaching(source: Any, target: Any, clock: Any) -> Any:
    """Each neuron of the learner knows of the spikes of its counterpart."""
    import brian2 as b2

    synapses = b2.Synapses(
        source, target, on_pre="told_post = 1", clock=clock, namespace={},
        name="reference_to_learner",
    )  # fmt: skip
    synapses.connect(j="i")
    return synapses


def _counted(source: Any, target: Any, clock: Any, what: dict[str, str]) -> Any:
    """The target sums up what the source's neurons noted in a pass."""
    import brian2 as b2

    synapses = b2.Synapses(
        source, target, "\n".join(f"{mine}_post = {its}_pre : 1 (summed)"
                                  for mine, its in what.items()),
        clock=clock, namespace={}, name=f"{source.name}_to_{target.name}",
    )  # fmt: skip
    synapses.connect()
    for updater in synapses.summed_updaters.values():
        updater.when, updater.order = "start", COUNT
    return synapses


def _told(source: Any, target: Any, clock: Any, what: tuple[str, ...]) -> Any:
    """What the target's neurons come to know when a pass begins."""
    import brian2 as b2

    synapses = b2.Synapses(
        source, target, on_pre={"pre": "\n".join(f"{name}_post += {name}_pre" for name in what)},
        on_event={"pre": "begins"}, clock=clock, namespace={},
        name=f"{source.name}_to_{target.name}",
    )  # fmt: skip
    synapses.connect()
    return synapses
