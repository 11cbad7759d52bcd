"""What the neuron shows by itself: it counts on excitation, and is silenced by inhibition."""

from __future__ import annotations

from workbench.model.tour import Step, Tour

PREDICTION = "Prediction"

TOUR = Tour(
    (
        Step(0.0, "A cortical neuron in under ten thousand numbers. Hundreds of synapses are "
                  "active at random; below is what it predicts, ms by ms: voltage and spikes.",
             card=PREDICTION),
        Step(2000.0, "More excitation, 20 events a second and synapse: the voltage rises, and a "
                     "spike becomes likely now and then.", {"rate_e": 20.0}, card=PREDICTION),
        Step(4000.0, "30 events a second: it fires some twenty times a second.",
             {"rate_e": 30.0}, card=PREDICTION),
        Step(6000.0, "As much inhibition as excitation: it is silent again.",
             {"rate_i": 30.0}, card=PREDICTION),
    ),
    until_ms=8000.0,
    speed=400.0,
)  # fmt: skip
