"""Derive the term of a neural circuit diagram from a Brian2 network."""
