"""What the delay line shows by itself: it holds a second, loses it with neurons, and recovers."""

from __future__ import annotations

from workbench.model.tour import Step, Tour

from .operations import Silence

TOUR = Tour(
    (
        Step(0.0, "Six ensembles of spiking neurons hold the last second of an input. One curve "
                  "is the input as it was, the other what the neurons remember.",
             card="The past, remembered"),
        Step(3000.0, "It is remembered from now to a second ago, with a small error that grows "
                     "towards the past.", card="The past, remembered"),
        Step(4500.0, "A tenth of the neurons fall silent: the older a moment, the more wrongly it "
                     "is remembered.",
             operation=Silence(share=0.1), card="The past, remembered"),
        Step(7000.0, "They fire again, and a second or so later the past is right once more.",
             operation=Silence(share=0.0), card="The past, remembered"),
    ),
    until_ms=10_000.0,
    speed=500.0,
)  # fmt: skip
