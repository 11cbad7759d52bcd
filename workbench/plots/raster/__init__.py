"""Spikes: one row a neuron."""
