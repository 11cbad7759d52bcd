"""What the memory shows by itself: it learns, recalls in both directions, and forgets."""

from __future__ import annotations

from workbench.model.tour import Step, Tour

from .operations import Learn, RecallByContent, RecallByCue

FIRST, SECOND = (0, 1, 8, 9), (2, 3)

TOUR = Tour(
    (
        Step(0.0, "A memory that knows nothing yet. Each row of the raster is a neuron, each dot a "
                  "spike; cue and content come in at the top and leave at the bottom."),
        Step(20.0, "It is shown the cue 0 together with the content bits 0, 1, 8 and 9, for three "
                   "milliseconds: the synapses between the two grow.",
             operation=Learn(cue=0, content=FIRST), card="Raster"),
        Step(90.0, "Now the cue alone: a few milliseconds later the content comes out, the bits 0, "
                   "1, 8 and 9.",
             operation=RecallByCue(cue=0), card="Raster"),
        Step(160.0, "The other way round: one bit of the content is enough, and the cue comes out.",
             operation=RecallByContent(content=(1,)), card="Raster"),
        Step(230.0, "The same cue is taught another content, the bits 2 and 3: the old synapses "
                    "shrink while the new ones grow.",
             operation=Learn(cue=0, content=SECOND), card="Weights"),
        Step(300.0, "Asked again, it says 2 and 3, and nothing else: what was there before is "
                    "forgotten.",
             operation=RecallByCue(cue=0), card="Raster"),
    ),
    until_ms=380.0,
    speed=20.0,
)  # fmt: skip
