"""What background shows by itself: balanced noise divides, conductance alone shifts."""

from __future__ import annotations

from workbench.model.tour import Step, Tour

CURVES = "Rate against current"

TOUR = Tour(
    (
        Step(0.0, "Neurons alike, each under a current of its own, in three levels of balanced "
                  "background. Each curve is the rate against the current, and becomes exact as "
                  "spikes are counted.", card=CURVES),
        Step(1500.0, "The more background, the flatter the curve: it is divided, and all three "
                     "begin at the left edge. This is gain control.", card=CURVES),
        Step(3000.0, "The same conductances without their noise: now the curves begin later and "
                     "later, and are shifted in place of divided.", {"noise": 0.0}, card=CURVES),
    ),
    until_ms=5000.0,
    speed=250.0,
)  # fmt: skip
