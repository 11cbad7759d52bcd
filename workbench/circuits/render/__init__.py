"""From a laid out circuit to SVG and to files."""
