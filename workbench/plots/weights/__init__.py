"""Weights of a projection, as a matrix."""
