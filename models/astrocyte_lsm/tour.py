"""What the liquid shows by itself: it explodes, is tuned to the edge, and tells digits apart."""

from __future__ import annotations

from workbench.model.tour import Step, Tour

FIXED, ASTROCYTE = 0, 3  # values of the parameter `rule`

TOUR = Tour(
    (
        Step(0.0, "A handwritten digit every quarter of a second: input neurons fire at its ink, "
                  "and a thousand neurons echo it. Every weight is as large as can be, and the "
                  "liquid explodes.", {"rule": FIXED}, card="Raster"),
        Step(1500.0, "Now the astrocyte is at work. It hears far more go round than comes in, and "
                     "lets synapses weaken faster: its A₋ is above A₊.",
             {"rule": ASTROCYTE}, card="Astrocyte"),
        Step(3500.0, "As the liquid calms down, A₋ falls back to A₊: about as much goes round now "
                     "as comes in. Each spike is followed by about one: the edge of chaos.",
             card="Branching factor"),
        Step(6000.0, "A readout learns as it watches, and guesses each digit before it is told: "
                     "before long most guesses are right. One in ten would be by chance.",
             card="Picture and guess"),
    ),
    until_ms=12_000.0,
    speed=500.0,
)  # fmt: skip
