"""The network of the active dendrites as Brian2 objects.

A volley begins every tick. Each input cell draws a number, cells inhibit one another until the ones
with the smallest numbers remain, and these fire: a random set of exactly ``a`` cells. When a stored
pattern is shown, its cells come first in that order, and as many of them as noise displaces give
way to the first of the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.errors import BuildError
from workbench.model.units import brian_unit

from . import wiring

if TYPE_CHECKING:
    import brian2

EVERY_MS = 10.0  # from one volley to the next: a tick

# In this order at the start of a volley; ranks are summed and cells chosen after that.
SHOW, DRAW = -20, -10

_INPUTS = """
number : 1
rank : 1
member : 1
active : 1
due : second
shown : 1 (linked)
noise : 1 (shared)
jitter : second (shared)
"""
_STIMULUS = """
shown : 1
familiar : 1 (shared)
"""
# Of the n_active cells, those that noise displaces are taken from outside the pattern.
_CHOOSE = """
kept = n_active - shown*floor(noise*n_active + 0.5)
active = int(rank < kept) + int(rank >= n_active)*int(rank < 2*n_active - kept)
due = t + jitter*rand()
"""
_SEGMENTS = """
dv/dt = -v/tau : 1
overlap : 1
lit : 1
theta : 1 (shared)
tau : second (shared)
"""
_CELLS = """
active_segments : 1
told : 1
"""


def network(model: Any) -> brian2.Network:
    """Input cells -> segments -> cells."""
    import brian2 as b2

    if model.n_synapses > model.n_active:
        raise BuildError(
            f"A segment cannot have {model.n_synapses} synapses onto a pattern of "
            f"{model.n_active} cells: lower n_synapses or raise n_active."
        )
    if 2 * model.n_active > model.n_inputs:
        # Random patterns of any density exist; noise needs as many cells outside as in the pattern.
        largest_noise = (model.n_inputs - model.n_active) / model.n_active
        if model.familiar > 0 and model.noise > largest_noise:
            raise BuildError(
                f"noise = {model.noise:g} displaces more cells than there are outside a pattern of "
                f"{model.n_active} of {model.n_inputs}: at most {largest_noise:g}."
            )
    clock = b2.Clock(model.dt_ms * brian_unit("ms"), name="dendrites_clock")
    volleys = b2.Clock(EVERY_MS * brian_unit("ms"), name="dendrites_volleys")
    stimulus = b2.NeuronGroup(1, _STIMULUS, clock=clock, namespace={}, name="stimulus")
    stimulus.familiar = model.familiar
    inputs = b2.NeuronGroup(
        model.n_inputs, _INPUTS, threshold="active > 0.5 and t >= due", reset="active = 0",
        clock=clock, namespace={"n_active": model.n_active}, name="inputs",
    )  # fmt: skip
    n_segments = model.n_cells * model.n_segments
    segments = b2.NeuronGroup(
        n_segments, _SEGMENTS, threshold="v >= theta and lit < 0.5", reset="lit = 1",
        method="exact", clock=clock, namespace={}, name="segments",
    )  # fmt: skip
    cells = b2.NeuronGroup(
        model.n_cells, _CELLS, threshold="active_segments > 0.5 and told < 0.5",
        reset="told = 1", clock=clock, namespace={}, name="cells",
    )  # fmt: skip
    for group in (segments, cells):
        # By default a volley would first decay for a step, and twelve inputs at once count as less.
        group.thresholder["spike"].when = "after_synapses"
    inputs.noise, inputs.jitter = model.noise, model.brian("jitter")
    inputs.shown = b2.linked_var(stimulus, "shown")
    inputs.member = np.isin(np.arange(model.n_inputs), wiring.patterns(model)[0])
    segments.theta, segments.tau = model.theta, model.brian("tau")

    competition = b2.Synapses(
        inputs, inputs, "rank_post = int(number_pre < number_post) : 1 (summed)", clock=volleys,
        namespace={}, name="competition",
    )  # fmt: skip
    competition.connect()
    stimulus.run_regularly(
        "shown = int(rand() < familiar)", clock=volleys, when="start", order=SHOW, name="show"
    )
    inputs.run_regularly(
        "number = rand() + shown*(1 - member)", clock=volleys, when="start", order=DRAW,
        name="draw",
    )  # fmt: skip
    inputs.run_regularly(_CHOOSE, clock=volleys, when="before_thresholds", name="choose")
    segments.run_regularly(
        "overlap = 0\nlit = 0", clock=volleys, when="start", name="segments_begin"
    )
    cells.run_regularly(
        "active_segments = 0\ntold = 0", clock=volleys, when="start", name="cells_begin"
    )
    dendrites = b2.Synapses(
        inputs, segments, on_pre="v_post += 1; overlap_post += 1", clock=clock, namespace={},
        name="dendrites",
    )  # fmt: skip
    pre, post = wiring.synapses(model)
    dendrites.connect(i=pre, j=post)
    somata = b2.Synapses(
        segments, cells, on_pre="active_segments_post += 1", clock=clock, namespace={},
        name="somata",
    )  # fmt: skip
    somata.connect(i=np.arange(n_segments), j=np.arange(n_segments) // model.n_segments)
    return b2.Network(
        stimulus, inputs, segments, cells, competition, dendrites, somata,
        name="active_dendrites",
    )  # fmt: skip
