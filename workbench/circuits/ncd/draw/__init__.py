"""From a term to the drawing of a neural circuit diagram."""
