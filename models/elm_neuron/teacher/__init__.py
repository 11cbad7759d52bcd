"""The biophysical cell that makes trials to learn from."""
