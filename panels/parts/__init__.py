"""The parts of the explorer's page."""
