"""What the circuit shows by itself: five tasks, and what is left of the first."""

from __future__ import annotations

from workbench.model.tour import Step, Tour

TASKS = "Tasks one after the other"

TOUR = Tour(
    (
        Step(0.0, "Two readouts learn to tell the pictures of a first task apart. Both learn it "
                  "well.", card=TASKS),
        Step(4000.0, "The second task. In the control every synapse changes as the task asks, and "
                     "what it knew of the first is overwritten.", card=TASKS),
        Step(8000.0, "The other readout does not change along the directions of tasks that are "
                     "over: the lateral circuit has learnt them.",
             card="Directions of the input"),
        Step(12_000.0, "The more tasks, the fewer directions are left to learn along. Two more "
                       "follow.", card=TASKS),
    ),
    until_ms=20_000.0,
    speed=1000.0,
)  # fmt: skip
