"""Curves and outlines."""
