"""What the pair shows by itself: stronger input makes it respond more, and vary less."""

from __future__ import annotations

from workbench.model.tour import Step, Tour

WEAK, STRONG = 2.0, 15.0

TOUR = Tour(
    (
        Step(0.0, "An excitatory and an inhibitory unit under a weak and noisy input: their "
                  "potentials wander far.", {"h": WEAK}, card="Potentials"),
        Step(8000.0, "A strong input. The response grows, but recurrent inhibition now holds it: "
                     "the noise of the potential shrinks to about a third.",
             {"h": STRONG}, card="Potentials"),
        Step(13_000.0, "Both inputs side by side: the standard deviation of the last two seconds.",
             card="Fluctuations"),
    ),
    until_ms=17_000.0,
    speed=1000.0,
)  # fmt: skip
