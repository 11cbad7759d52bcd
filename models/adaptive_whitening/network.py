"""The network of adaptive whitening as Brian2 objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.brian import dense
from workbench.model.units import brian_unit

from . import frames

if TYPE_CHECKING:
    import brian2

    from workbench.model.model import Model

# What happens when one sample ends and the next begins, in this order. The projections of the
# responses are taken first, so that gains and weights learn from the sample that ends.
PROJECT, LEARN_GAINS, LEARN_WEIGHTS, NORMS, DRAW, MIX, FEED_BACK = -40, -30, -20, -15, -10, -5, 0

_SIGNAL = """
s : 1
drawn : integer (shared)
stimuli : 1 (shared)
"""
_PRIMARY = """
dy/dt = (x - alpha*y - feedback)/tau : 1
x : 1
feedback : 1
alpha : 1 (shared)
tau : second (shared)
"""
_INTERNEURONS = """
z : 1
g : 1
target : 1
eta_g : 1 (shared)
clamp : 1 (shared)
"""
# A cycle of +-sqrt(N) along each source: its covariance is exactly the unit matrix.
_DRAW = """
drawn = drawn + 1
cycled = sqrt(N)*int(i == ((drawn - 1)//2) % N)*(1 - 2*((drawn - 1) % 2))
s = int(stimuli < 0.5)*randn() + int(stimuli > 0.5)*cycled
"""
_LEARN = """
g = g + int(t_in_timesteps > 0)*eta_g*(z**2 - target)
g = int(clamp < 0.5)*g + int(clamp > 0.5)*clip(g, 0, 1e9)
"""


def covariances(model: Any) -> np.ndarray:
    """Covariances of the contexts of a model, (contexts, N, N)."""
    return frames.contexts(
        model.chosen("contexts"), model.n_primary, model.n_contexts,
        shared_axes=model.chosen("axes") == "shared", seed=model.wiring_seed,
    )  # fmt: skip


def frame_of(model: Any) -> np.ndarray:
    """The frame a model starts with, (N, K)."""
    return frames.frame(
        model.chosen("frame"), model.n_primary, model.n_inter, covariances(model),
        seed=model.wiring_seed,
    )  # fmt: skip


def mixing(model: Model) -> np.ndarray:
    """Symmetric roots of the contexts' covariances, (contexts, N, N): x = root @ s."""
    return np.array([frames.square_root(C) for C in covariances(model)])


def network(model: Any) -> brian2.Network:
    """Signal -> primary neurons <-> interneurons."""
    import brian2 as b2

    ms = brian_unit("ms")
    clock = b2.Clock(model.dt_ms * ms, name="whitening_clock")
    samples = b2.Clock(model.brian("hold"), name="whitening_samples")
    n, W = model.n_primary, frame_of(model)
    options: dict[str, Any] = {"clock": clock, "method": "euler"}
    signal = b2.NeuronGroup(n, _SIGNAL, clock=clock, namespace={}, name="signal")
    primary = b2.NeuronGroup(n, _PRIMARY, namespace={}, name="primary", **options)
    inter = b2.NeuronGroup(
        model.n_inter, _INTERNEURONS, clock=clock, namespace={}, name="interneurons"
    )
    signal.stimuli = model.stimuli
    primary.alpha, primary.tau = model.alpha, model.brian("tau")
    inter.eta_g, inter.clamp = model.eta_g, model.clamp
    inter.g, inter.target = model.g_start, 1

    signal.run_regularly(_DRAW, clock=samples, when="start", order=DRAW, name="draw")
    stimulus = dense.project(
        signal, primary, mixing(model)[0], of="s", into="x", name="stimulus", clock=samples,
        order=MIX,
    )  # fmt: skip
    plastic = model.chosen("synapses") == "plastic"
    own = "eta_w : 1 (shared)"
    onto = dense.project(
        primary, inter, W.T, of="y", into="z", name="to_interneurons", model=own, order=PROJECT
    )
    back = dense.project(
        inter, primary, W, of="g*z", into="feedback", name="from_interneurons", model=own,
        order=FEED_BACK,
    )  # fmt: skip
    for synapses, gained, other in ((onto, "post", "pre"), (back, "pre", "post")):
        synapses.eta_w = model.eta_w
        if plastic:
            # Both hold the same W and learn from the same numbers, so they stay one matrix.
            synapses.run_regularly(
                "w += int(t_in_timesteps > 0)*eta_w"
                f"*g_{gained}*(y_{other}*z_{gained} - w)",
                clock=samples, when="start", order=LEARN_WEIGHTS,
                name=f"{synapses.name}_learning",
            )  # fmt: skip
    inter.run_regularly(
        _LEARN, clock=samples, when="start", order=LEARN_GAINS, name="gain_learning"
    )
    if not plastic:
        return b2.Network(signal, primary, inter, stimulus, onto, back, name="adaptive_whitening")
    inter.namespace["squared_norm"] = dense.squared_norms(onto)
    inter.run_regularly(
        "target = squared_norm(i)", clock=samples, when="start", order=NORMS, name="norms"
    )
    return b2.Network(signal, primary, inter, stimulus, onto, back, name="adaptive_whitening")
