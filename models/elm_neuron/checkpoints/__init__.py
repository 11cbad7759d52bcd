"""Weights: published ones, files that hold them, where they are kept."""
