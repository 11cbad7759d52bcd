"""The network of the Braille reader, in the order in which one step of the recurrence asks for it.

What happens in a step, within Brian2's slots:

  start             at the first step of a letter everything is silent again; the step's events
  thresholds        the finger's spikes
  before synapses   in this order:
                    the finger onto u and h; u, and its spikes onto the memory: B;
                    the memory, and its spikes onto h; h, and its spikes onto the output;
                    the output, and its votes
  synapses          spikes of the memory and of h onto u, the memory (A) and h: for the next step

A pathway sends the spikes that its source has when the pathway's turn comes, so that those of the
same step pass down the four populations, and the recurrent ones wait until the next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.model.units import brian_unit

from .letters import STEPS, Touches, touches_of
from .weights import CHANNELS, LETTERS, Weights, weights_of

if TYPE_CHECKING:
    import brian2

    from workbench.model.model import Model

_FINGER = """
event : 1
feels : 1
touch : 1
upcoming : 1 (shared)
at : 1 (shared)
hold : 1 (shared)
lost : 1 (shared)
"""
_EVENTS = """
event = int(rand() >= lost)*feels*touches((touch*STEPS + at)*STEP, i)
"""
_UNIT = """
V : 1
I : 1
beta_{name} : 1 (shared)
Theta_{name} : 1 (shared)
"""
_UPDATE = """
V = beta_{name}*V + I - Theta_{name}*int(V > Theta_{name})
I = {bias}
"""
# population -> its turn within the slot: it is updated, then its threshold, then what it sends
TURN = {"u": 1, "memory": 4, "hidden": 7, "output": 10}
_SLOT = "before_synapses"
_NEXT = -1  # a pathway whose spikes arrive for the next step


def network(model: Model) -> brian2.Network:
    """Build the network of ``model``, silent before the first letter."""
    values: Any = model.values()
    return _built(model, weights_of(values), touches_of(values))


def _built(model: Model, w: Weights, shown: Touches) -> brian2.Network:
    import brian2 as b2

    step = model.dt_ms * brian_unit("ms")
    clock = b2.Clock(step, name="l2mu_braille_clock")
    letter_clock = b2.Clock(STEPS * step, name="l2mu_braille_letter_clock")
    finger = _finger(model, shown, clock, letter_clock)
    U, order, H = w.sizes
    groups = {
        name: _population(model, name, size, clock, letter_clock)
        for name, size in (("u", U), ("memory", U * order), ("hidden", H), ("output", LETTERS))
    }
    u, memory, hidden, output = groups.values()
    output.bias = w.b_out
    output.I = w.b_out
    eye = np.eye(U)
    wires = (
        (finger, u, w.e_x, 0), (finger, hidden, w.W_x, 0),
        (u, memory, np.kron(eye, w.B[:, None]), TURN["u"] + 2),
        (memory, hidden, w.W_m, TURN["memory"] + 2), (hidden, output, w.W_out, TURN["hidden"] + 2),
        (memory, u, w.e_m, _NEXT), (hidden, u, w.e_h, _NEXT),
        (memory, memory, np.kron(eye, w.A), _NEXT), (hidden, hidden, w.W_h, _NEXT),
    )  # fmt: skip
    synapses = [_projection(clock, *wire) for wire in wires]
    return b2.Network(finger, *groups.values(), *synapses, name="l2mu_braille")


def _finger(model: Model, shown: Touches, clock: Any, letter_clock: Any) -> Any:
    import brian2 as b2

    table = shown.events.reshape(-1, CHANNELS).astype(float)
    finger = b2.NeuronGroup(
        CHANNELS, _FINGER, threshold="event > 0.5", reset="", clock=clock, name="finger",
        namespace={
            "touches": b2.TimedArray(table, dt=clock.dt, name="l2mu_touches"), "STEP": clock.dt,
            "STEPS": STEPS, "TOUCHES": len(shown),
        },
    )  # fmt: skip
    finger.feels = 1
    _set_shared(model, finger)
    finger.run_regularly("touch = upcoming", clock=letter_clock, when="start", name="finger_letter")
    finger.run_regularly(
        "at = 0; upcoming = (upcoming + 1 - hold) % TOUCHES", clock=letter_clock, when="start",
        order=1, name="finger_begins",
    )  # fmt: skip
    finger.run_regularly(_EVENTS, when="start", order=2, name="finger_events")
    finger.run_regularly("at = at + 1", when="start", order=3, name="finger_moves")
    return finger


def _population(model: Model, name: str, size: int, clock: Any, letter_clock: Any) -> Any:
    import brian2 as b2

    votes = name == "output"
    equations = _UNIT.format(name=name) + ("bias : 1\nvotes : 1\n" if votes else "")
    group = b2.NeuronGroup(
        size, equations, threshold=f"V > Theta_{name}", reset="votes += 1" if votes else "",
        clock=clock, namespace={}, name=name,
    )  # fmt: skip
    _set_shared(model, group)
    first = "bias" if votes else "0"
    group.run_regularly(
        _UPDATE.format(name=name, bias=first), when=_SLOT, order=TURN[name], name=f"{name}_update"
    )
    spikes = group.thresholder["spike"]
    spikes.when, spikes.order = _SLOT, TURN[name] + 1
    if votes:
        group.resetter["spike"].when, group.resetter["spike"].order = _SLOT, TURN[name] + 2
    group.run_regularly(
        f"V = 0; I = {first}" + ("; votes = 0" if votes else ""), clock=letter_clock,
        when="start", name=f"{name}_silent",
    )  # fmt: skip
    return group


def _projection(clock: Any, source: Any, target: Any, matrix: np.ndarray, turn: int) -> Any:
    """All synapses of a matrix (target, source) that are not 0, at their turn in the step."""
    import brian2 as b2

    synapses = b2.Synapses(
        source, target, "w : 1", on_pre="I_post += w", clock=clock, namespace={},
        name=f"{source.name}_to_{target.name}",
    )  # fmt: skip
    j, i = np.nonzero(matrix)
    synapses.connect(i=i, j=j)
    synapses.w = matrix[j, i]
    if turn != _NEXT:
        synapses.pre.when, synapses.pre.order = _SLOT, turn
    return synapses


def _set_shared(model: Model, group: Any) -> None:
    for name in model.parameters():
        variable = group.variables.get(name)
        if variable is not None and variable.scalar:
            setattr(group, name, model.brian(name))
