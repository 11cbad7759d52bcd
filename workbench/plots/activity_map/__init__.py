"""The states of all neurons of a population, as an image."""
