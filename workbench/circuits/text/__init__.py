"""Text and formulas in drawings."""
