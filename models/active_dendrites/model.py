"""Active dendrites: segments that recognise sparse patterns by counting coincident synapses.

Equations   a volley: exactly a of n cells fire at once, at random or as a stored pattern of which
            round(noise a) cells are displaced; a spike may come up to jitter late
            tau dv/dt = -v, and a spike adds 1 to v of each segment it has a synapse on ;
            a segment is active, once a volley, when v >= theta
            P(false) = sum_{b >= theta} C(s, b) C(n-s, a-b) / C(n, a) ;
            P(missed) = sum_{b > s - theta} C(s, b) C(a-s, v-b) / C(a, v), v cells displaced
Source      Ahmad & Hawkins (2016) How do neurons operate on sparse distributed representations?
            arXiv 1601.00720, its equations, and the tables of the authors' program
Departures  The source has no time: its overlaps are numbers. Here they are the sums of spikes that
            arrive within a few ms, with a leak; without jitter the counts are the source's. A cell
            that has several segments becomes active with any of them, as the source's text says;
            the source computes that and does not simulate it. That the input cells inhibit one
            another until a remain is ours: it makes the random sets that the source draws.
Numerics    v decays exactly; without jitter no result depends on dt, 0.5 ms. What is left of a
            volley when the next one comes, exp(-10 ms/tau) of it, adds less than one synapse.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from workbench.model.model import Experiment, Fact, Model
from workbench.model.operation import Operation
from workbench.model.parameter import Parameter

from .experiments import EXPERIMENTS
from .facts import FACTS
from .network import EVERY_MS, network
from .operations import ShowPattern
from .tour import TOUR

if TYPE_CHECKING:
    import brian2

__all__ = ["ActiveDendrites", "ShowPattern"]

PAPER = "Ahmad & Hawkins 2016"


class ActiveDendrites(Model):
    """Cells whose dendritic segments each recognise a pattern, from a few of its cells."""

    slug = "active-dendrites"
    title = "Active dendrites"
    topic = "Single neurons"
    purpose = (
        "A dendritic segment with two dozen synapses recognises one pattern among a thousand "
        "cells: it needs half of them at once. Slide the threshold and see false matches vanish, "
        "exactly as counting says."
    )
    source = (
        "Ahmad & Hawkins (2016) How do neurons operate on sparse distributed representations? "
        "arXiv 1601.00720"
    )
    tick_ms = EVERY_MS
    dt_ms = 0.5
    pace = 500.0
    window_ms = 400.0
    populations: ClassVar[tuple[str, ...]] = ("inputs", "segments", "cells")
    traces: ClassVar[dict[str, str]] = {"segments.overlap": "1", "segments.v": "1"}
    labels: ClassVar[dict[str, str]] = {
        "segments.overlap": "synapses that were active",
        "segments.v": "summed potential v (synapses)",
    }
    operations: ClassVar[tuple[type[Operation], ...]] = (ShowPattern,)
    tour = TOUR
    facts: ClassVar[tuple[Fact, ...]] = FACTS
    experiments: ClassVar[tuple[Experiment, ...]] = EXPERIMENTS

    theta = Parameter(
        12, bounds=(0.5, 1000), softbounds=(4, 24), symbol="θ",
        source=f"{PAPER}, the table; 8 to 20 in Major et al. 2013", group="Segment",
        doc="synapses that have to be active at once",
    )  # fmt: skip
    n_synapses = Parameter(
        24, bounds=(1, 1000), softbounds=(6, 40), live=False, integer=True, symbol="s",
        source=f"{PAPER}, the table; 20 to 300 on a real segment", group="Segment",
        doc="synapses of a segment onto cells of one pattern",
    )  # fmt: skip
    n_stored = Parameter(
        1, bounds=(1, 200), softbounds=(1, 12), live=False, integer=True, symbol="M",
        source=f"{PAPER}, unions", group="Segment",
        doc="patterns that share a segment, with so many synapses for each",
    )  # fmt: skip
    tau = Parameter(
        2.0, unit="ms", bounds=(0.05, 3), softbounds=(0.5, 3), symbol="τ", source="chosen",
        group="Segment", doc="how long the effect of a synapse lasts: the window of coincidence",
    )  # fmt: skip
    familiar = Parameter(
        0.25, bounds=(0, 1), softbounds=(0, 1), symbol="p", source="chosen", group="Input",
        doc="share of volleys that show a stored pattern; the others are random",
    )  # fmt: skip
    noise = Parameter(
        0.2, bounds=(0, 1), softbounds=(0, 0.8), symbol="ν", source=f"{PAPER}, noise: 0 to 0.8",
        group="Input", doc="share of a shown pattern's cells that are displaced",
    )  # fmt: skip
    jitter = Parameter(
        0.0, unit="ms", bounds=(0, 9), softbounds=(0, 8), symbol="J", source="chosen",
        group="Input", doc="spikes of a volley come up to so late; 0 in the source",
    )  # fmt: skip
    n_inputs = Parameter(
        500, bounds=(2, 2000), softbounds=(200, 1100), live=False, integer=True, symbol="n",
        source=f"{PAPER}, the table: 300 to 1100", group="Network", doc="input cells",
    )  # fmt: skip
    n_active = Parameter(
        128, bounds=(1, 1000), softbounds=(64, 256), live=False, integer=True, symbol="a",
        source=f"{PAPER}, the table: 64, 128 or 256", group="Network",
        doc="input cells that are active at once, and size of a pattern",
    )  # fmt: skip
    n_cells = Parameter(
        20, bounds=(1, 500), softbounds=(5, 40), live=False, integer=True, symbol="C",
        source="chosen", group="Network", doc="cells",
    )  # fmt: skip
    n_segments = Parameter(
        20, bounds=(1, 200), softbounds=(5, 40), live=False, integer=True, symbol="K",
        source="chosen", group="Network", doc="segments of a cell; one that is active activates it",
    )  # fmt: skip
    n_patterns = Parameter(
        40, bounds=(1, 100_000), softbounds=(10, 400), live=False, integer=True, symbol="P",
        source="chosen", group="Network", doc="stored patterns; the segments take them in turn",
    )  # fmt: skip
    wiring_seed = Parameter(
        0, bounds=(0, 2**31), softbounds=(0, 100), live=False, integer=True, source="chosen",
        group="Network", doc="which patterns and synapses are drawn",
    )  # fmt: skip

    def build(self) -> brian2.Network:
        return network(self)
