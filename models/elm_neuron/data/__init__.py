"""The trials and data sets that the neuron is trained and scored on."""
