"""The network of the hippocampal memory, as a table of populations and one of projections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.model.units import brian_unit

if TYPE_CHECKING:
    import brian2

    from workbench.model.model import Model

# name, as in the authors' program -> (size, kind, label); the size is counted in cues, in content
# bits, or is one. There are two ways: recall of a content by its cue, and of cues by content.
POPULATIONS = {
    "in_cue": ("cues", "input", "cue input"),
    "in_content": ("bits", "input", "content input"),
    "cue_cue": ("cues", "slow", "cue (by cue)"),
    "content_cue": ("bits", "slow", "content (by cue)"),
    "content_cond": ("bits", "fast", "gate"),
    "content_cond_int": ("one", "fast", "gate interneuron"),
    "content_content": ("bits", "slow", "content (by content)"),
    "cue_content": ("cues", "fast", "cue (by content)"),
    "merge_cue": ("cues", "slow", "cue merge"),
    "merge_content": ("bits", "slow", "content merge"),
    "out_cue": ("cues", "out", "cue output"),
    "out_content": ("bits", "out", "content output"),
}


@dataclass(frozen=True)
class Connection:
    """One projection.

    pattern : "one to one", "all to all", or "all to others" (no synapse onto the same number)
    weight  : the parameter that holds the weight; None for a plastic projection
    delay   : ticks from a spike to the earliest spike that it can cause
    """

    source: str
    target: str
    pattern: str
    weight: str | None
    delay: int
    inhibits: bool = False

    @property
    def name(self) -> str:
        return f"{self.source}_to_{self.target}"


WIRES = (
    Connection("in_cue", "cue_cue", "one to one", "w_input", 1),
    Connection("in_content", "content_cue", "one to one", "w_input", 1),
    Connection("cue_cue", "content_cue", "all to all", None, 1),
    Connection("content_content", "cue_content", "all to all", None, 1),
    Connection("cue_cue", "cue_content", "one to one", "w_relay", 2),
    Connection("cue_cue", "cue_content", "all to others", "w_inhibit", 3, inhibits=True),
    Connection("cue_content", "cue_content", "all to others", "w_inhibit", 2, inhibits=True),
    Connection("cue_cue", "content_cond", "all to all", "w_veto", 2, inhibits=True),
    Connection("content_cue", "content_cond", "one to one", "w_cond", 1),
    Connection("content_cue", "content_cond_int", "all to all", "w_int", 1),
    Connection("content_cond_int", "content_cond", "all to all", "w_int_cond", 1),
    Connection("content_cond", "content_content", "one to one", "w_relay", 1),
    Connection("cue_cue", "merge_cue", "one to one", "w_relay", 3),
    Connection("content_cue", "merge_content", "one to one", "w_relay", 3),
    Connection("cue_content", "merge_cue", "one to one", "w_relay", 1),
    Connection("content_content", "merge_content", "one to one", "w_relay", 1),
    Connection("merge_cue", "out_cue", "one to one", "w_relay", 1),
    Connection("merge_content", "out_content", "one to one", "w_relay", 1),
)
PLASTIC_PROJECTIONS = tuple(w.name for w in WIRES if w.weight is None)

_CONNECT = {
    "one to one": {"j": "i"},
    "all to all": {},
    "all to others": {"condition": "i != j"},
}

# A current is constant within a tick, as on the hardware: it is a parameter of the equation of v
# and decays in a step of its own. ``arrival`` is the share of a weight that arrives as current.
_NEURON = """
dv/dt = (V_rest - v)/{tau_m} + I_syn/{C_m} : volt (unless refractory)
I_syn : amp
arrival = (tau_syn/dt)*(1 - exp(-dt/tau_syn)) : 1 (shared)
{tau_m} : second (shared)
{C_m} : farad (shared)
tau_syn : second (shared)
t_ref : second (shared)
V_rest : volt (shared)
V_r : volt (shared)
{V_t} : volt (shared)
"""

_PLASTIC = """
w : amp
dpre_trace/dt = -pre_trace/tau_plus : 1 (event-driven)
dpost_trace/dt = -post_trace/tau_minus : 1 (event-driven)
A_plus : amp (shared)
A_minus : amp (shared)
tau_plus : second (shared)
tau_minus : second (shared)
w_max : amp (shared)
"""
_ON_PRE = """
w = clip(w - A_minus*post_trace, 0*amp, w_max)
I_syn_post += w*arrival_post
pre_trace += 1
"""
_ON_POST = """
w = clip(w + A_plus*pre_trace, 0*amp, w_max)
post_trace += 1
"""


def network(model: Model) -> brian2.Network:
    """Build the network of ``model``, silent and without memories."""
    import brian2 as b2

    values: Any = model.values()
    # One clock for all: Brian2 compares every two clocks at every step.
    clock = b2.Clock(model.dt_ms * brian_unit("ms"), name="hippocampal_cam_clock")
    sizes = {"cues": values["n_cues"], "bits": values["n_content"], "one": 1}
    groups = {
        name: _group(model, name, sizes[size], kind, clock)
        for name, (size, kind, _label) in POPULATIONS.items()
    }
    synapses = [
        _projection(model, wire, groups, clock)
        for wire in WIRES
        if wire.pattern != "all to others" or sizes["cues"] > 1
    ]
    return b2.Network(*groups.values(), *synapses, name="hippocampal_cam")


def _group(model: Model, name: str, size: int, kind: str, clock: Any) -> Any:
    import brian2 as b2

    if kind == "input":
        return b2.NeuronGroup(
            size, "drive : 1", threshold="drive > 0", reset="drive = 0", clock=clock, namespace={},
            name=name,
        )  # fmt: skip
    pace = "fast" if kind == "fast" else "slow"
    names = {"tau_m": f"tau_m_{pace}", "C_m": f"C_m_{pace}"}
    names["V_t"] = "V_t_out" if kind == "out" else "V_t"
    # Brian2 counts the tick of the spike itself as refractory, PyNN does not: hence t_ref + dt.
    group = b2.NeuronGroup(
        size, _NEURON.format(**names), threshold=f"v >= {names['V_t']}", reset="v = V_r",
        refractory="t_ref + dt", method="exact", clock=clock, namespace={}, name=name,
    )  # fmt: skip
    for variable in (*names.values(), "tau_syn", "t_ref", "V_rest", "V_r"):
        setattr(group, variable, model.brian(variable))
    group.v = model.brian("V_rest")
    group.run_regularly("I_syn *= exp(-dt/tau_syn)", when="before_thresholds", name=f"{name}_decay")
    return group


def _projection(model: Model, wire: Connection, groups: dict[str, Any], clock: Any) -> Any:
    import brian2 as b2

    # A current that is written after the thresholds acts in the next tick, so one tick of the
    # delay is already spent.
    delay: Any = {"pre": (wire.delay - 1) * clock.dt}
    namespace = {}
    if wire.weight is None:
        equations, on_pre, on_post = _PLASTIC, _ON_PRE, _ON_POST
        # The whole delay is dendritic: a synapse sees its target's spikes a tick late.
        delay["post"] = wire.delay * clock.dt
        shared: tuple[str, ...] = ("A_plus", "A_minus", "tau_plus", "tau_minus", "w_max")
    else:
        strength = wire.weight
        if wire.weight == "w_inhibit":
            namespace["n_content"] = model.values()["n_content"]
            strength += "*n_content"
        equations, on_post = f"{wire.weight} : amp (shared)", None
        on_pre = f"I_syn_post {'-' if wire.inhibits else '+'}= {strength}*arrival_post"
        shared = (wire.weight,)
    name = f"{wire.name}_inhibition" if wire.pattern == "all to others" else wire.name
    projection = b2.Synapses(
        groups[wire.source], groups[wire.target], model=equations, on_pre=on_pre, on_post=on_post,
        delay=delay, clock=clock, namespace=namespace, name=name,
    )  # fmt: skip
    projection.connect(**_CONNECT[wire.pattern])
    for variable in shared:
        setattr(projection, variable, model.brian(variable))
    if wire.weight is None:
        # A post-spike and a pre-spike that meet: first the growth, then the loss, then the current.
        projection.pre.order = 0
        projection.post.order = -1
    return projection
