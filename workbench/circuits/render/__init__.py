"""Render a circuit with a layout as SVG or other files."""
