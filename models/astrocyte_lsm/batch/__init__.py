"""Whole samples through the liquid in one call of a compiled program."""
