"""Template neuron: pairs of neurons whose synapses change with the time between their spikes.

Equations   a pair fires every 1/rate; after a spike, trace -> trace + 1, d trace/dt = -trace/tau ;
            spike after: w += A_plus trace_before ;  spike before: w -= A_minus trace_after
Source      Song, Miller & Abbott (2000) Nat. Neurosci. 3:919-926, the rule of pairs.
            Write here which work your model is from.
Departures  the neurons are clocks, and the synapses do not drive them (write here what differs)
Numerics    phases grow evenly, traces decay exactly; dt 0.1 ms, a spike is late by at most a step
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar

from workbench.model.model import Fact, Model
from workbench.model.parameter import Parameter
from workbench.model.units import brian_unit
from workbench.recordings import Recording

if TYPE_CHECKING:
    import brian2

PAPER = "Song, Miller & Abbott 2000, fig. 1"

# A live parameter is a shared variable of the same name: a slider can then reach it.
_CLOCK = """
dphase/dt = rate : 1
rate : Hz (shared)
"""
_SYNAPSE = """
w : 1
dbefore/dt = -before/tau_plus : 1 (event-driven)
dafter/dt = -after/tau_minus : 1 (event-driven)
tau_plus : second (shared)
tau_minus : second (shared)
A_plus : 1 (shared)
A_minus : 1 (shared)
"""
_ON_PRE = "before += 1; w = clip(w - A_minus*after, 0, 1)"
_ON_POST = "after += 1; w = clip(w + A_plus*before, 0, 1)"


def _change(model: Model) -> float:
    """Change of the weight of pair 13, whose second neuron fires 12 ms after the first."""
    run = model.run(150.0, seed=1, engine="numpy", record={"plastic.w": Recording([13])})
    weights = run.recordings["plastic.w"].values[:, 0]
    return float(weights[-1] - weights[0])


class TemplateNeuron(Model):
    """Pairs with all delays between their spikes: the weights draw the window of plasticity."""

    slug = "template-neuron"
    title = "Template neuron"
    purpose = "Pairs of neurons, each with its own delay: what comes first decides the synapse."
    source = "Song, Miller & Abbott (2000) Nat. Neurosci. 3:919-926"
    window_ms = 500.0
    populations: ClassVar[tuple[str, ...]] = ("first", "second")
    traces: ClassVar[dict[str, str]] = {"first.phase": "1", "second.phase": "1"}
    weight_unit: ClassVar[dict[str, str]] = {"": "1"}

    n_pairs = Parameter(
        20, bounds=(2, 1000), softbounds=(2, 100), live=False, integer=True, symbol="N",
        source="chosen", group="Network", doc="pairs; their delays lie around 0",
    )  # fmt: skip
    delay_step = Parameter(
        4.0, unit="ms", bounds=(0.1, 100), softbounds=(1, 4), live=False, symbol="δ",
        source="chosen", group="Network", doc="difference of the delays of two pairs",
    )  # fmt: skip
    rate = Parameter(
        5.0, unit="Hz", bounds=(0.1, 100), softbounds=(1, 20), symbol="ν", source="chosen",
        group="Network", doc="rate at which each pair fires",
    )  # fmt: skip
    tau_plus = Parameter(
        20.0, unit="ms", bounds=(0.1, 1000), softbounds=(5, 60), symbol="τ_+", source=PAPER,
        group="Plasticity", doc="how long a spike before strengthens",
    )  # fmt: skip
    tau_minus = Parameter(
        20.0, unit="ms", bounds=(0.1, 1000), softbounds=(5, 60), symbol="τ_−", source=PAPER,
        group="Plasticity", doc="how long a spike after weakens",
    )  # fmt: skip
    A_plus = Parameter(
        0.005, bounds=(0, 1), softbounds=(0, 0.05), symbol="A_+", source=PAPER,
        group="Plasticity", doc="largest increase by a pair of spikes",
    )  # fmt: skip
    A_minus = Parameter(
        0.00525, bounds=(0, 1), softbounds=(0, 0.05), symbol="A_−", source=PAPER,
        group="Plasticity", doc="largest decrease by a pair of spikes",
    )  # fmt: skip

    facts: ClassVar[tuple[Fact, ...]] = (
        Fact(
            name="change by a pair of spikes",
            value=0.005 * math.exp(-12 / 20),
            tol=0.005 * math.exp(-12 / 20) * 0.006,
            why_tol="one step, 0.1 ms of 20 ms: spikes are on the grid",
            source="closed form: A_plus exp(-12 ms/tau_plus)",
            measure=_change,
        ),
    )

    def build(self) -> brian2.Network:
        import brian2 as b2

        # Names are given, so that a rebuild finds what was compiled before.
        clock = b2.Clock(self.dt_ms * brian_unit("ms"), name="template_neuron_clock")
        first, second = (
            b2.NeuronGroup(
                self.n_pairs, _CLOCK, threshold="phase > 1", reset="phase -= 1", method="euler",
                clock=clock, namespace={}, name=name,
            )
            for name in ("first", "second")
        )  # fmt: skip
        for group in (first, second):
            group.rate = self.brian("rate")
        # The first of all pairs fires after half a period; the second so much later or earlier.
        first.phase = 0.5
        delay = (b2.arange(self.n_pairs) - self.n_pairs / 2) * self.brian("delay_step")
        second.phase = 0.5 - delay * self.brian("rate")
        plastic = b2.Synapses(
            first, second, _SYNAPSE, on_pre=_ON_PRE, on_post=_ON_POST, method="exact",
            clock=clock, namespace={}, name="plastic",
        )  # fmt: skip
        plastic.connect(j="i")
        for name in ("tau_plus", "tau_minus", "A_plus", "A_minus"):
            setattr(plastic, name, self.brian(name))
        plastic.w = 0.5
        return b2.Network(first, second, plastic, name="template_neuron")
