"""The network as Brian2 objects: input, excitatory and inhibitory layer, class units, protocol.

A picture is shown for ``stimulus_ms`` and followed by ``rest_ms`` without input: a presentation.
What happens when one begins, in this order:

  SEEN      the protocol counts the spikes of the excitatory layer in the presentation that ended
  CHOOSE    too few of them: the same picture again, brighter; else the next one
  TELL      what is shown, who learns and the label become known to the layers
  SUM       the incoming weights of every unit are summed up
  SCALE     ... and scaled to the sums that they are kept at; pixels and counts are set

and in every step: which inputs and which class units are made to spike (start), membranes and
traces, the floor of the membrane potential, spikes, synapses. A trace jumps after the synapses have
read it: two spikes in one step are no pair.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.model.units import brian_unit

from .._shared.shared_variables import set_shared
from .pictures import CLASSES, SIDES, pictures_of

if TYPE_CHECKING:
    import brian2

    from workbench.model.model import Model

SEEN, CHOOSE, TELL, SUM, SCALE = -50, -40, -30, -20, -10
TRACE = 0.1  # what a spike adds to its unit's trace
PROTOCOL = ("picture", "label", "testing", "number", "intensity", "answered")  # sampled live

_PROTOCOL = """
answered : 1
intensity : 1
number : 1
learnt : 1
tested : 1
testing : 1
picture : 1
label : 1
upcoming : 1
hidden_learns : 1
readout_learns : 1
least : 1 (shared)
brightest : 1 (shared)
start_intensity : 1 (shared)
mode : 1 (shared)
hidden_pictures : 1 (shared)
learn_pictures : 1 (shared)
test_pictures : 1 (shared)
"""
# The numbers of the pictures run on through all that there are of either kind.
_CHOOSE = """
again = int(number > 0.5)*int(answered < least)*int(intensity < brightest)
intensity = again*(intensity + 1) + (1 - again)*start_intensity
turn = (1 - again)*int(number > 0.5)
learnt = learnt + turn*(1 - testing)
tested = tested + turn*testing
number = number + 1 - again
fixed = int(mode > 0.5)*int(learnt >= hidden_pictures)
begun = learnt - int(mode > 0.5)*hidden_pictures
rounds = floor((tested + 0.5)/clip(test_pictures, 1, inf))
due = int(begun >= (rounds + 1)*learn_pictures)*int(test_pictures > 0.5)
testing = again*testing + (1 - again)*due
asked = (1 - again)*int(upcoming > -0.5)
running = testing*(N_TRAIN + tested % N_TEST) + (1 - testing)*(learnt % N_TRAIN)
picture = again*picture + (1 - again)*(asked*upcoming + (1 - asked)*running)
upcoming = again*upcoming - (1 - again)
label = labels(picture*second)
hidden_learns = (1 - testing)*(1 - fixed)
readout_learns = (1 - testing)*(int(mode < 0.5) + int(mode > 0.5)*fixed)
"""
_INPUT = """
dx/dt = -x/tau_x : 1
pixel : 1
intensity : 1
picture : 1
event : 1
drive : 1
tau_x : second (shared)
"""
_EVENTS = """
shown = int((t_in_timesteps % PRESENTATION) < STIMULUS)
event = clip(int(rand() < shown*intensity*pixel/8*hertz*dt) + drive, 0, 1)
drive = 0
"""
_EXCITATORY = """
dv/dt = (V_rest_e - v - g_e*v + g_i*(E_i - v))/tau_e : volt (unless refractory)
dg_e/dt = -g_e/tau_ge : 1
dg_i/dt = -g_i/tau_gi : 1
dtheta/dt = -learns*theta/tau_theta : volt
dx/dt = -x/tau_x : 1
learns : 1
total : 1
count : 1
tau_e : second (shared)
V_rest_e : volt (shared)
V_reset_e : volt (shared)
V_t_e : volt (shared)
V_floor : volt (shared)
t_ref : second (shared)
E_i : volt (shared)
tau_ge : second (shared)
tau_gi : second (shared)
tau_theta : second (shared)
theta_plus : volt (shared)
tau_x : second (shared)
"""
_FIRED_E = """
v = V_reset_e
theta += learns*theta_plus*10*mV/abs(theta - 10*mV)
x += TRACE
count += 1
"""
_INHIBITORY = """
dv/dt = (V_rest_i - v - g_e*v)/tau_i : volt (unless refractory)
dg_e/dt = -g_e/tau_ge : 1
tau_i : second (shared)
V_rest_i : volt (shared)
V_reset_i : volt (shared)
V_t_i : volt (shared)
t_ref : second (shared)
tau_ge : second (shared)
"""
_CLASSES = """
dv/dt = (V_rest_i - v - g_e*v)/tau_i : volt
dg_e/dt = -g_e/tau_ge : 1
dx/dt = -x/tau_x : 1
learns : 1
label : 1
event : 1
drive : 1
total : 1
tau_i : second (shared)
V_rest_i : volt (shared)
V_reset_i : volt (shared)
V_t_i : volt (shared)
tau_ge : second (shared)
tau_x : second (shared)
teacher_rate : Hz (shared)
"""
_TEACH = """
told = int((t_in_timesteps % PRESENTATION) < STIMULUS)*int(abs(label - i) < 0.5)
event = clip(int(rand() < told*teacher_rate*dt) + drive, 0, 1)
drive = 0
"""
_PLASTIC = """
w : 1
total_post = w : 1 (summed)
{nu} : 1 (shared)
{most} : 1 (shared)
{mean} : 1 (shared)
"""
# Purely growing: both a spike before and one after add to the weight; only the scaling takes away.
_ON_PRE = """
g_e_post += w
w = clip(w + learns_post*{nu}*x_post, 0, {most})
"""
_ON_POST = "w = clip(w + learns_post*{nu}*x_pre, 0, {most})"


def network(model: Model) -> brian2.Network:
    """Build the network of ``model``, before the first picture."""
    import brian2 as b2

    # The weights are summed once a presentation. Brian2 warns that delays count in steps of the
    # source; there are none.
    b2.BrianLogger.suppress_name("synapses_dt_mismatch")
    chosen: Any = model
    shown = pictures_of(model)
    second, mV = brian_unit("second"), brian_unit("mV")
    clock = b2.Clock(model.dt_ms * brian_unit("ms"), name="symmetric_stdp_clock")
    length_ms = chosen.stimulus_ms + chosen.rest_ms
    turns = b2.Clock(length_ms * brian_unit("ms"), name="symmetric_stdp_turns")
    steps = {
        "PRESENTATION": round(length_ms / model.dt_ms),
        "STIMULUS": round(chosen.stimulus_ms / model.dt_ms),
    }
    units: dict[str, Any] = {"method": "euler", "clock": clock}
    # A picture a second, asked for by its number.
    pictures = b2.TimedArray(shown.grey, dt=1 * second, name="pictures")
    labels = b2.TimedArray(shown.labels.astype(float), dt=1 * second, name="labels")

    protocol = b2.NeuronGroup(
        1, _PROTOCOL, clock=clock, name="protocol",
        namespace={"labels": labels, "second": second, "N_TRAIN": shown.n_train,
                   "N_TEST": max(shown.n_test, 1)},
    )  # fmt: skip
    inputs = b2.NeuronGroup(
        SIDES[chosen.chosen("data")] ** 2, _INPUT, threshold="event > 0.5", reset="x += TRACE",
        namespace={"pictures": pictures, "second": second, "hertz": brian_unit("Hz"),
                   "TRACE": TRACE, **steps}, name="input", **units,
    )  # fmt: skip
    excitatory = b2.NeuronGroup(
        chosen.n_hidden, _EXCITATORY, threshold="v > V_t_e + theta - 20*mV", reset=_FIRED_E,
        refractory="t_ref", namespace={"mV": mV, "TRACE": TRACE}, name="excitatory", **units,
    )  # fmt: skip
    inhibitory = b2.NeuronGroup(
        chosen.n_hidden, _INHIBITORY, threshold="v > V_t_i", reset="v = V_reset_i",
        refractory="t_ref", namespace={}, name="inhibitory", **units,
    )  # fmt: skip
    classes = b2.NeuronGroup(
        CLASSES, _CLASSES, threshold="learns*event + (1 - learns)*int(v > V_t_i) > 0.5",
        reset="v = V_reset_i\nx += TRACE", namespace={"TRACE": TRACE, **steps}, name="classes",
        **units,
    )  # fmt: skip
    groups = (protocol, inputs, excitatory, inhibitory, classes)
    for group in groups:
        set_shared(model, group)
    protocol.upcoming = -1
    excitatory.v = model.brian("V_rest_e")
    excitatory.theta = 20 * mV
    inhibitory.v = classes.v = model.brian("V_rest_i")

    protocol.run_regularly(_CHOOSE, clock=turns, when="start", order=CHOOSE, name="choose")
    inputs.run_regularly(
        "pixel = pictures(picture*second, i)", clock=turns, when="start", order=SCALE, name="look"
    )
    excitatory.run_regularly("count = 0", clock=turns, when="start", order=SCALE, name="count_anew")
    inputs.run_regularly(_EVENTS, when="start", name="input_events")
    classes.run_regularly(_TEACH, when="start", name="teacher")
    excitatory.run_regularly(
        "v = clip(v, V_floor, inf*volt)", when="before_thresholds", name="floor"
    )
    synapses = [
        _told(protocol, inputs, turns, {"picture": "picture", "intensity": "intensity"}),
        _told(protocol, excitatory, turns, {"learns": "hidden_learns"}),
        _told(protocol, classes, turns, {"learns": "readout_learns", "label": "label"}),
        _told(excitatory, protocol, turns, {"answered": "count"}, order=SEEN),
        _plastic(model, inputs, excitatory, turns, "input"),
        _plastic(model, excitatory, classes, turns, "class"),
        _fixed(model, excitatory, inhibitory, "g_EI", "g_e", "i"),
        _fixed(model, inhibitory, excitatory, "g_IE", "g_i", None),
    ]
    return b2.Network(*groups, *synapses, name="symmetric_stdp")


def _told(source: Any, target: Any, turns: Any, what: dict[str, str], order: int = TELL) -> Any:
    """What the target knows of the source, from the beginning of a presentation on."""
    import brian2 as b2

    synapses = b2.Synapses(
        source, target, "\n".join(f"{mine}_post = {its}_pre : 1 (summed)"
                                  for mine, its in what.items()),
        clock=turns, namespace={}, name=f"{source.name}_to_{target.name}",
    )  # fmt: skip
    synapses.connect()
    for updater in synapses.summed_updaters.values():
        updater.when, updater.order = "start", order
    return synapses


def _plastic(model: Any, source: Any, target: Any, turns: Any, which: str) -> Any:
    import brian2 as b2

    names = {"nu": f"nu_{which}", "most": f"w_max_{which}", "mean": f"w_mean_{which}"}
    synapses = b2.Synapses(
        source, target, _PLASTIC.format(**names), on_pre=_ON_PRE.format(**names),
        on_post=_ON_POST.format(**names), clock=turns, namespace={"N_FROM": source.N},
        name=f"{source.name}_to_{target.name}",
    )  # fmt: skip
    synapses.connect()
    synapses.w = f"rand()*{model.w_start:.17g}"
    set_shared(model, synapses)
    (updater,) = synapses.summed_updaters.values()
    updater.when, updater.order = "start", SUM
    synapses.run_regularly(
        f"w = w*{names['mean']}*N_FROM/total_post", clock=turns, when="start", order=SCALE,
        name=f"{synapses.name}_scaling",
    )  # fmt: skip
    # The weight of old is sent, and changes for a spike of the source before one of the target.
    synapses.pre.order, synapses.post.order = 0, 1
    return synapses


def _fixed(model: Model, source: Any, target: Any, weight: str, onto: str, j: str | None) -> Any:
    import brian2 as b2

    synapses = b2.Synapses(
        source, target, f"{weight} : 1 (shared)", on_pre=f"{onto}_post += {weight}",
        clock=target.clock, namespace={}, name=f"{source.name}_to_{target.name}",
    )  # fmt: skip
    synapses.connect(**({"j": j} if j else {"condition": "i != j"}))
    set_shared(model, synapses)
    return synapses
