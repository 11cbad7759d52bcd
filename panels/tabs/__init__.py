"""The explorer's tabs."""
