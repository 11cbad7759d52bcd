"""What normalisation shows by itself: responses saturate, and a mask takes its share."""

from __future__ import annotations

from workbench.model.tour import Step, Tour

TOUR = Tour(
    (
        Step(0.0, "A grating of 5 % contrast. The curve is the response of every neuron, by the "
                  "orientation that it prefers.", {"contrast": 0.05}, card="Response profile"),
        Step(500.0, "Twice the contrast: the response grows almost threefold.", {"contrast": 0.1},
             card="Response profile"),
        Step(1000.0, "Half contrast: close to the largest response there is.", {"contrast": 0.5},
             card="Response profile"),
        Step(1500.0, "Full contrast: twice the drive, and hardly more response, for the pool that "
                     "divides it has grown as well.", {"contrast": 1.0}, card="Drive and pool"),
        Step(2000.0, "A mask across the grating: it excites neurons of its own, and through the "
                     "pool it divides the response to the grating.", {"mask": 0.5},
             card="Response profile"),
    ),
    until_ms=2500.0,
    speed=125.0,
)  # fmt: skip
