"""What the reservoir shows by itself: it finds its target, alternates below one, and recovers."""

from __future__ import annotations

from workbench.model.tour import Step, Tour

TOUR = Tour(
    (
        Step(0.0, "Five hundred units hear a stream of random numbers. Each row is a unit, its "
                  "colour its rate: they differ, and their mean is the target, 0.5.",
             card="All rates"),
        Step(1500.0, "A target of 0.2. Every unit's inhibition grows until the mean is there.",
             {"rho": 0.2}, card="All rates"),
        Step(2400.0, "There is too much inhibition: from one step to the next the whole population "
                     "is high, low, high, low. These are the stripes.", card="All rates"),
        Step(4000.0, "Back to 0.5: inhibition shrinks, and the stripes vanish.", {"rho": 0.5},
             card="All rates"),
    ),
    until_ms=6000.0,
    speed=300.0,
)  # fmt: skip
