"""What the circuit shows by itself: it whitens, is surprised, and whitens again."""

from __future__ import annotations

from workbench.model.tour import Step, Tour

from .operations import SwitchContext

TOUR = Tour(
    (
        Step(0.0, "Two inputs that vary together: their ellipse is long and oblique. Interneurons "
                  "change nothing but their own gain.", card="Covariance, in and out"),
        Step(30_000.0, "The outputs have become white: each with variance 1, and uncorrelated. "
                       "Their ellipse is a circle.", card="Covariance, in and out"),
        Step(100_000.0, "Now the inputs vary together in another way. With the old gains the "
                        "outputs are correlated.", operation=SwitchContext(context=1),
             card="Covariance, in and out"),
        Step(120_000.0, "The gains move to where the outputs are white again.", card="Gains"),
    ),
    until_ms=200_000.0,
    speed=10_000.0,
)  # fmt: skip
