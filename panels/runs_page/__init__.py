"""The parts of the page of saved runs."""
