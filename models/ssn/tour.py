"""What the ring shows by itself: weak input is amplified, strong input is normalised."""

from __future__ import annotations

from workbench.model.tour import Step, Tour

TOUR = Tour(
    (
        Step(0.0, "A very weak grating, contrast 2. The curve is the response of every unit, by "
                  "the orientation that it prefers.", {"contrast": 2.0}, card="Response profile"),
        Step(400.0, "Contrast 4, twice as much: the peak grows nearly fivefold. Weak inputs are "
                    "amplified.", {"contrast": 4.0}, card="Response profile"),
        Step(800.0, "Contrast 50: recurrent inhibition has taken over, and holds the response.",
             {"contrast": 50.0}, card="Response profile"),
        Step(1200.0, "Contrast 100, twice as much again: now the peak grows by no more than a "
                     "quarter.", {"contrast": 100.0}, card="Response profile"),
        Step(1600.0, "A second grating of the same strength across it: two peaks, each lower than "
                     "the one was alone. This is normalisation.", {"mask": 100.0},
             card="Response profile"),
    ),
    until_ms=2000.0,
    speed=100.0,
)  # fmt: skip
