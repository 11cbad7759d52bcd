"""What the circuit shows by itself: two hundred digits, and what comes of them."""

from __future__ import annotations

from workbench.model.tour import Step, Tour

FIELDS = "Receptive fields"

TOUR = Tour(
    (
        Step(0.0, "A digit is shown for 350 ms. A few of the hundred neurons answer, and what they "
                  "inhibit is silent.", card="Raster"),
        Step(20_000.0, "Synapses of pixels that are bright while their neuron fires grow, at the "
                       "cost of its others: it comes to look like what it answered.",
             card=FIELDS),
        Step(45_000.0, "A teacher excites the class unit of the right digit, and synapses onto it "
                       "grow from whoever fires then. No rule but this one is at work.",
             card="Weights"),
        Step(70_000.0, "Before it is told, the network reads each digit from what flows into the "
                       "class units. By now that is far better than one in ten.",
             card="How well it reads"),
    ),
    until_ms=100_000.0,
    speed=5000.0,
)  # fmt: skip
