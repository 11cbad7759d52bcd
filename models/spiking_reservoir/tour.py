"""What the reservoir shows by itself: inhibition grows to its target, until there are stripes."""

from __future__ import annotations

from workbench.model.tour import Step, Tour

TOUR = Tour(
    (
        Step(0.0, "A thousand neurons, each firing 30 times a second at moments of its own. Each "
                  "inhibitory synapse grows while its target fires more often than asked for.",
             card="Raster"),
        Step(800.0, "Asked for 12 times a second, and quicker to adapt: inhibition grows, and the "
                    "rate falls.", {"rho": 12.0, "eta": 0.1}, card="Population rate"),
        Step(2000.0, "Now there is so much inhibition that it silences the neurons it comes from: "
                     "they fire together, and are silent together. These are the stripes.",
             card="Raster"),
    ),
    until_ms=4000.0,
    speed=200.0,
)  # fmt: skip
