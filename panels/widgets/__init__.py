"""Widgets that several parts of the pages use."""
