"""What the population shows by itself: it adapts to what it sees too often."""

from __future__ import annotations

from workbench.model.tour import Step, Tour

BIASED, UNIFORM = 0, 1  # choices of the parameter `ensemble`

TOUR = Tour(
    (
        Step(0.0, "Gratings of all orientations, equally often. The curve is the gain of every "
                  "neuron, by the orientation that it prefers: all are much alike.",
             {"ensemble": UNIFORM}, card="Gains"),
        Step(50_000.0, "Now a third of the gratings have one orientation, 0 degrees. Neurons that "
                       "prefer it turn their own gain down, the others do not.",
             {"ensemble": BIASED}, card="Gains"),
        Step(120_000.0, "Tuning curves beside what they were: near 0 degrees they are lower.",
             card="Tuning, before and after"),
    ),
    until_ms=200_000.0,
    speed=10_000.0,
)  # fmt: skip
