"""States of chosen neurons over time."""
