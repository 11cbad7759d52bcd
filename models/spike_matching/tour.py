"""What the circuit shows by itself: sixty passes, in which spikes come to lie on spikes."""

from __future__ import annotations

from workbench.model.tour import Step, Tour

RASTERS, DISTANCE = "Two rasters in one", "Distance to the reference"

TOUR = Tour(
    (
        Step(0.0, "Two networks with unlike weights hear the same noise, over and over. Grey: both "
                  "fire. Orange: the learner fires alone. Blue: only the reference does.",
             card=RASTERS),
        Step(30_000.0, "After each pass, synapses that led to a spike too many are weakened, and "
                       "those onto a neuron that missed one are strengthened.", card=RASTERS),
        Step(90_000.0, "The control's weights change by as much, at random. The learner comes "
                       "nearer to the reference, and the control does not keep up.",
             card=DISTANCE),
        Step(140_000.0, "Yet the learner's weights stay unlike those of the reference: other "
                        "weights make nearly the same spikes.", card="Learnt weights"),
    ),
    until_ms=180_000.0,
    speed=9000.0,
)  # fmt: skip
