"""From a Brian2 network to the term of a neural circuit diagram."""
