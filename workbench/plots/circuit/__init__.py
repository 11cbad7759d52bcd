"""The circuit diagram, live."""
