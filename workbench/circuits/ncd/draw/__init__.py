"""Draw a term as a neural circuit diagram."""
