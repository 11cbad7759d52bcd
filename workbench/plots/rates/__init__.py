"""Firing rates of populations."""
