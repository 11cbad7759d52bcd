"""Tabs of the explorer."""
