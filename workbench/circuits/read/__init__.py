"""Convert a Brian2 network to a circuit."""
