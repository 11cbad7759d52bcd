"""Plots of single models."""
