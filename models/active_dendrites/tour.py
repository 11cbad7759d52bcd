"""What the segments show by themselves: they know a pattern, also a damaged one."""

from __future__ import annotations

from workbench.model.tour import Step, Tour

TOUR = Tour(
    (
        Step(0.0, "Each bar is a segment; in every volley a random quarter of the inputs fires. "
                  "Hardly a segment reaches its threshold.", {"familiar": 0.0}, card="Segments"),
        Step(1000.0, "Now every other volley is a pattern that ten of the 400 segments have "
                     "stored, with a fifth of its cells elsewhere. Those ten become active.",
             {"familiar": 0.5}, card="Segments"),
        Step(2000.0, "Half of its cells are elsewhere: most of the ten still know it.",
             {"noise": 0.5}, card="Segments"),
        Step(3000.0, "A threshold of 8 of the 24 synapses in place of 12: now segments answer to "
                     "random volleys as well.", {"theta": 8}, card="False matches"),
    ),
    until_ms=4000.0,
    speed=200.0,
)  # fmt: skip
