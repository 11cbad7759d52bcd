"""What the ring shows by itself: tuning, a mask, and the paradox of inhibition."""

from __future__ import annotations

from workbench.model.tour import Step, Tour

TOUR = Tour(
    (
        Step(0.0, "Two thousand neurons, sorted by the orientation that they prefer, before an "
                  "empty screen: background alone makes each fire about once a second.",
             {"contrast": 0.0}, card="Raster"),
        Step(300.0, "A grating of 90 degrees: those that prefer it fire, more than ten times a "
                    "second.", {"contrast": 50.0}, card="Raster"),
        Step(800.0, "A second grating across it: two groups fire, each a little less than one did "
                    "alone.", {"mask": 50.0}, card="Raster"),
        Step(1200.0, "The grating alone again, and now every inhibitory neuron is given extra "
                     "excitation. They fire less: they lose more from their excitatory partners "
                     "than they are given.", {"mask": 0.0, "g_extra": 1.0}, card="Rates"),
    ),
    until_ms=1700.0,
    speed=85.0,
)  # fmt: skip
