"""What the line shows by itself: a larger stimulus excites its centre more, and then less."""

from __future__ import annotations

from workbench.model.tour import Step, Tour

TOUR = Tour(
    (
        Step(0.0, "A small disc of light, half a degree wide. The curve is the response of every "
                  "unit along a line of the visual field.", {"size": 0.5}, card="Response profile"),
        Step(500.0, "Two degrees: the centre responds half as much again.", {"size": 2.0},
             card="Response profile"),
        Step(1000.0, "Four degrees: the centre responds less, though its own input is the same. "
                     "Its neighbours suppress it.", {"size": 4.0}, card="Response profile"),
        Step(1500.0, "Sixteen degrees: the centre is weaker than under the smallest disc, and the "
                     "response is largest at the edges.", {"size": 16.0}, card="Size tuning"),
    ),
    until_ms=2000.0,
    speed=100.0,
)  # fmt: skip
